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
  const running = spawn(BINARY, ["dev", "--data", data], {
    cwd: REPOSITORY,
    env: environment,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const end = async () => {
    await stop(running);
    await rm(data, { recursive: true, force: true });
  };
  try {
    await greeted(running, capture(running));
    return { ...(await info(data)), stop: end };
  } catch (error) {
    await end();
    throw error;
  }
}

async function info(data: string): Promise<Info> {
  const arguments_ = ["dev", "info", "--json", "--data", data];
  const { stdout } = await promisify(execFile)(BINARY, arguments_, { cwd: REPOSITORY });
  return JSON.parse(stdout) as Info;
}

/** Everything the process has printed so far. */
function capture(running: ChildProcess): () => string {
  let text = "";
  const append = (chunk: Buffer) => {
    text += chunk;
  };
  running.stdout?.on("data", append);
  running.stderr?.on("data", append);
  return () => text;
}

/** The server greets once it serves; one that ends before has said why. */
async function greeted(running: ChildProcess, log: () => string): Promise<void> {
  const ended = new AbortController();
  const failed = once(running, "exit", { signal: ended.signal }).then(([code]) => {
    throw new Error(`gangway dev ended with ${code}:\n${log()}`);
  });
  const ready = (async () => {
    while (!log().includes("gangway dev info --json")) {
      await once(running.stdout as NodeJS.ReadableStream, "data", { signal: ended.signal });
    }
  })();
  try {
    await Promise.race([ready, failed]);
  } finally {
    ended.abort();
    await Promise.allSettled([ready, failed]);
  }
}

async function stop(running: ChildProcess): Promise<void> {
  if (running.exitCode !== null || running.signalCode !== null) {
    return;
  }
  const exited = once(running, "exit");
  running.kill("SIGTERM");
  const patience = setTimeout(() => running.kill("SIGKILL"), STOP_MILLISECONDS);
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
