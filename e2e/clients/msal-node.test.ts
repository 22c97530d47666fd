// Microsoft's own sign-in library against the sandbox over https, and its tokens at the API.

import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import * as azdev from "azure-devops-node-api";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "./sandbox.ts";

const CLIENT = fileURLToPath(new URL("msal-client.mjs", import.meta.url));

interface Outcome {
  state: string;
  username: string;
  tenant: string;
  scopes: string[];
  tokens: string[];
  again: { errorCode: string; errorNo: string };
}

let sandbox: Sandbox;
let outcome: Outcome;

beforeAll(async () => {
  sandbox = await startSandbox();
  const folder = await mkdtemp(join(tmpdir(), "gangway-msal-"));
  try {
    const ca = join(folder, "ca.pem");
    await writeFile(ca, sandbox.ca);
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [CLIENT, JSON.stringify(sandbox)],
      { env: { ...process.env, NODE_EXTRA_CA_CERTS: ca } },
    );
    outcome = JSON.parse(stdout) as Outcome;
  } finally {
    await rm(folder, { recursive: true });
  }
}, 300_000);

afterAll(() => sandbox?.stop());

it("gets a token for a code and knows who signed in", () => {
  expect(outcome.state).toBe("the-state");
  expect(outcome.username).toBe("ann@acme.example");
  expect(outcome.tenant).toBe("ac3e0000-0000-4000-8000-000000000001");
  expect(outcome.scopes).toContain("499b84ac-1321-427f-aa17-267ca6975798/vso.project");
});

it("refreshes silently and by a refresh token, and every token opens the API", async () => {
  expect(new Set(outcome.tokens).size).toBe(3);
  for (const token of outcome.tokens) {
    const handler = azdev.getBearerHandler(token);
    const core = await new azdev.WebApi(`${sandbox.http}/acme`, handler).getCoreApi();
    expect((await core.getProjects()).length).toBe(3);
  }
});

it("cannot use a code twice", () => {
  expect(outcome.again).toEqual({ errorCode: "invalid_grant", errorNo: "54005" });
});
