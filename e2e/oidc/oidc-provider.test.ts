// Our OAuth client against an authorization server that knows nothing of us, through a connector
// that the operator adds while nothing is compiled.

import { rm } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Gangway, startGangway } from "../support/gangway.ts";
import { Browser } from "./browser.ts";
import { writeConnector } from "./connector.ts";
import { type AuthorizationServer, CLIENT, startAuthorizationServer } from "./provider.ts";

const CALLERS = 20;

let provider: AuthorizationServer;
let directory: string;
let gangway: Gangway;
let integrationId: string;

beforeAll(async () => {
  provider = await startAuthorizationServer();
  directory = await writeConnector(provider.host);
  gangway = await startGangway({
    GANGWAY_CONNECTORS__DIRECTORY: directory,
    GANGWAY_OUTBOUND__ALLOW: '["127.0.0.1"]',
  });
  provider.serve(`${gangway.server}/oauth`);
  const integration = await asJson(
    fetch(`${gangway.server}/api/v1/projects/${gangway.project_id}/integrations`, {
      method: "POST",
      headers: { ...bearer(gangway.api_token), "content-type": "application/json" },
      body: JSON.stringify({
        type: "custom.plainidentity",
        clientId: CLIENT.id,
        clientSecret: CLIENT.secret,
      }),
    }),
  );
  integrationId = integration.id as string;
});

afterAll(async () => {
  await gangway?.stop();
  await provider?.stop();
  if (directory) {
    await rm(directory, { recursive: true, force: true });
  }
});

test("an account is connected with PKCE, called, renewed once for many callers and given back", async () => {
  const user = userToken(0);
  const credential = await connects(user, "ann", {});
  expect(credential).toMatchObject({ status: "VALID", providerId: "ann" });
  expect(provider.challenges).toEqual(["S256"]);
  expect(provider.grants).toEqual(["authorization_code"]);

  expect(await whoami(user)).toEqual({ sub: "ann", name: "ann of the provider" });

  // The token lives two seconds: before long, one of these waves finds it at its end.
  while (provider.grants.length === 1) {
    const answers = await Promise.all(Array.from({ length: CALLERS }, () => whoami(user)));
    expect(answers.every(({ sub }) => sub === "ann")).toBe(true);
  }
  // The server rotates: had two callers spent one refresh token, it would have ended the grant.
  expect(provider.grants.slice(1).every((grant) => grant === "refresh_token")).toBe(true);
  expect(await whoami(user)).toMatchObject({ sub: "ann" });

  const path = `sdk/integrations/${integrationId}`;
  const gone = await asJson(call(user, path, { method: "DELETE" }));
  expect(gone).toMatchObject({ revokedAtProvider: true });
});

test("a person connects through an app of their own", async () => {
  const user = userToken(1);
  const credential = await connects(user, "ben", {
    accountType: "user-configured-oauth",
    typed: { clientId: CLIENT.id, clientSecret: CLIENT.secret },
  });
  expect(credential).toMatchObject({ status: "VALID", accountType: "user-configured-oauth" });
  expect(JSON.stringify(credential)).not.toContain(CLIENT.secret);
  expect(await whoami(user)).toMatchObject({ sub: "ben" });
});

/** Connects by the pop-up's addresses, as the vendor's SDK calls them. */
async function connects(
  user: string,
  login: string,
  { accountType, typed = {} }: { accountType?: string; typed?: Record<string, string> },
): Promise<Record<string, unknown>> {
  const origin = new URL(gangway.example_host).origin;
  const browser = new Browser();
  const known = { action: "custom", integrationId, originForPostMessage: origin };
  const nonce = new URLSearchParams({ ...known, userToken: user });
  await browser.open(
    `${gangway.server}/projects/${gangway.project_id}/sdk/actions/oauth-nonce?${nonce}`,
  );
  const build = new URLSearchParams({
    ...known,
    installOptions: JSON.stringify({ accountType }),
    endUserSuppliedValues: JSON.stringify(typed),
  });
  const built = `${gangway.server}/v2/projects/${gangway.project_id}/sdk/actions/build-oauth?${build}`;
  const { redirectUrl } = await asJson(fetch(built, { headers: bearer(user) }));
  const back = await browser.signIn(redirectUrl as string, login, `${gangway.server}/oauth`);
  expect(new URL(back).searchParams.get("iss")).toBe(`http://${provider.host}`);
  const page = await (await browser.open(back)).text();
  const handle = /"handle":"([^"]+)"/.exec(page)?.[1];
  expect(handle, page).toBeDefined();
  return asJson(
    call(user, "sdk/credentials", {
      method: "POST",
      body: JSON.stringify({ integrationId, config: {}, payload: { handle }, installOptions: {} }),
    }),
  );
}

/** Asks the provider, through the proxy, who the account is. */
function whoami(user: string): Promise<Record<string, unknown>> {
  return asJson(call(user, "sdk/proxy/custom.plainidentity/me"));
}

function call(user: string, path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(`${gangway.server}/projects/${gangway.project_id}/${path}`, {
    ...init,
    headers: { ...bearer(user), "content-type": "application/json" },
  });
}

async function asJson(answering: Promise<Response>): Promise<Record<string, unknown>> {
  const response = await answering;
  const text = await response.text();
  expect(response.ok, `${response.status} ${text}`).toBe(true);
  return JSON.parse(text) as Record<string, unknown>;
}

function userToken(person: number): string {
  const token = gangway.people[person]?.user_token;
  expect(token).toBeDefined();
  return token as string;
}

function bearer(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` };
}
