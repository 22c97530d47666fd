// A sandbox of one test file, in a process of its own.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const REPOSITORY = fileURLToPath(new URL("../..", import.meta.url));

/** Where the sandbox is and how to get in. */
export interface SandboxInfo {
  http: string;
  https: string;
  /** The certificate that clients of `https` must trust, PEM. */
  ca: string;
  client_id: string;
  client_secret: string;
  people: { name: string; login: string; pats: Record<string, string> }[];
}

export interface Sandbox extends SandboxInfo {
  /** The personal access token of someone for an organization. */
  pat(person: string, organization: string): string;
  stop(): Promise<void>;
}

export async function startSandbox(): Promise<Sandbox> {
  const command = ["run", "--quiet", "--package", "sandbox", "--example", "sandbox"];
  const running = spawn("cargo", command, {
    cwd: REPOSITORY,
    stdio: ["pipe", "pipe", "inherit"],
  });
  const exited = once(running, "exit");
  const lines = createInterface({ input: running.stdout });
  const failed = exited.then(([code]) => {
    throw new Error(`The sandbox ended with code ${code} before it said where it is.`);
  });
  const [line] = (await Promise.race([once(lines, "line"), failed])) as [string];
  failed.catch(() => {
    // From here on its end is what `stop` asks for.
  });
  const info = JSON.parse(line) as SandboxInfo;
  return {
    ...info,
    pat(person, organization) {
      const pat = info.people.find((one) => one.name === person)?.pats[organization];
      if (!pat) throw new Error(`${person} has no token for ${organization}.`);
      return pat;
    },
    async stop() {
      running.stdin.end();
      await exited;
    },
  };
}
