// A development server of one test: the real binary, its sandbox and the example host, with a
// fresh data folder and free ports.

import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const REPOSITORY = fileURLToPath(new URL("../..", import.meta.url));
const BINARY = process.env.GANGWAY_BINARY ?? join(REPOSITORY, "target/debug/gangway");
const STOP_MILLISECONDS = 10_000;

/** What `gangway dev info --json` tells. */
export interface Info {
  server: string;
  example_host: string;
  sandbox_http: string;
  sandbox_https: string;
  sandbox_ca_file: string;
  project_id: string;
  api_token: string;
  organizations: string[];
  people: { name: string; user_token: string; pat: string | null }[];
}

export interface Gangway extends Info {
  stop(): Promise<void>;
}

/** Settings are environment variables, `GANGWAY_SECTION__KEY`. */
export async function startGangway(settings: Record<string, string> = {}): Promise<Gangway> {
  const data = await mkdtemp(join(tmpdir(), "gangway-e2e-"));
  const [server, host, http, https] = await freePorts(4);
  const environment = {
    ...process.env,
    GANGWAY_SERVER__LISTEN: JSON.stringify([`127.0.0.1:${server}`, `[::1]:${server}`]),
    GANGWAY_EXAMPLE_HOST__PORT: String(host),
    GANGWAY_SANDBOX__HTTP_PORT: String(http),
    GANGWAY_SANDBOX__HTTPS_PORT: String(https),
    ...settings,
  };
  const process_ = spawn(BINARY, ["dev", "--data", data], {
    cwd: REPOSITORY,
    env: environment,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const log = capture(process_);
  await greeted(process_, log);
  const { stdout } = await promisify(execFile)(BINARY, ["dev", "info", "--json", "--data", data], {
    cwd: REPOSITORY,
    env: environment,
  });
  return {
    ...(JSON.parse(stdout) as Info),
    stop: async () => {
      await stop(process_);
      await rm(data, { recursive: true, force: true });
    },
  };
}

/** Everything the process has printed so far. */
function capture(process_: ChildProcess): () => string {
  let text = "";
  const append = (chunk: Buffer) => {
    text += chunk;
  };
  process_.stdout?.on("data", append);
  process_.stderr?.on("data", append);
  return () => text;
}

/** The server greets once it serves; one that ends before has said why. */
async function greeted(process_: ChildProcess, log: () => string): Promise<void> {
  const ended = new AbortController();
  const failed = once(process_, "exit", { signal: ended.signal }).then(([code]) => {
    throw new Error(`gangway dev ended with ${code}:\n${log()}`);
  });
  const ready = (async () => {
    while (!log().includes("gangway dev info --json")) {
      await once(process_.stdout as NodeJS.ReadableStream, "data", { signal: ended.signal });
    }
  })();
  try {
    await Promise.race([ready, failed]);
  } finally {
    ended.abort();
    await Promise.allSettled([ready, failed]);
  }
}

async function stop(process_: ChildProcess): Promise<void> {
  if (process_.exitCode !== null || process_.signalCode !== null) {
    return;
  }
  const exited = once(process_, "exit");
  process_.kill("SIGTERM");
  const patience = setTimeout(() => process_.kill("SIGKILL"), STOP_MILLISECONDS);
  await exited;
  clearTimeout(patience);
}

/** Ports that nobody uses, held all at once so that they differ. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(async (server) => {
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      const address = server.address();
      return typeof address === "object" && address !== null ? address.port : 0;
    }),
  );
  await Promise.all(servers.map((server) => promisify(server.close.bind(server))()));
  return ports;
}
