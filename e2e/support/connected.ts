// Connects an account the way the pop-up does, without a browser.

import type { Gangway } from "./gangway.ts";

/** Where the host's page would be; the development project lets every page of this machine in. */
const ORIGIN = "http://localhost:3000";

/** Signs a person of the sandbox in; the credential belongs to the user of the same name. */
export async function connectAccount(gangway: Gangway, person: string): Promise<void> {
  const user = gangway.people.find((one) => one.name === person);
  if (!user) throw new Error(`The sandbox has no ${person}.`);
  const project = `${gangway.server}/projects/${gangway.project_id}/sdk`;
  const headers = { authorization: `Bearer ${user.user_token}` };
  const integrations = await json(await fetch(`${project}/integrations`, { headers }));
  const integration = integrations.find((one: { type: string }) => one.type === "azuredevops");

  const query = {
    action: "azuredevops",
    integrationId: integration.id,
    originForPostMessage: ORIGIN,
  };
  const nonce = new URLSearchParams({ ...query, userToken: user.user_token });
  const opened = await fetch(`${project}/actions/oauth-nonce?${nonce}`);
  const cookie = opened.headers.getSetCookie().map((one) => one.split(";")[0]);

  const options = { ...query, installOptions: "{}", oauthMetaKeyId: "through-gangway" };
  const build = `${gangway.server}/v2/projects/${gangway.project_id}/sdk/actions/build-oauth`;
  const built = await fetch(`${build}?${new URLSearchParams(options)}`, { headers });
  const { redirectUrl } = await json(built);

  const accepted = await fetch(`${redirectUrl}&sandbox_person=${person}`, {
    method: "POST",
    redirect: "manual",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: "decision=accept",
  });
  const back = accepted.headers.get("location") ?? "";
  const page = await (await fetch(back, { headers: { cookie: cookie.join("; ") } })).text();
  const handle = /"handle":"([^"]+)"/.exec(page)?.[1];
  if (!handle) throw new Error(`${person} is not connected:\n${page}`);
  const body = {
    integrationId: integration.id,
    config: {},
    payload: { handle },
    installOptions: {},
  };
  await json(
    await fetch(`${project}/credentials`, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body: JSON.stringify(body),
    }),
  );
}

async function json(response: Response) {
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.url} answered ${response.status}: ${text}`);
  return JSON.parse(text);
}
