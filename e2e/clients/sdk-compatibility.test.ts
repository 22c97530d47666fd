// One script, run with our SDK and with the vendor's published one, each against a Gangway of its
// own: what they ask of the server, and what they answer to the application, is the same.

import { ConnectSDK } from "@gangway/connect";
import { Window } from "happy-dom";
import { afterAll, beforeAll, expect, it } from "vitest";
import { connectAccount } from "../support/connected.ts";
import { type Gangway, startGangway } from "../support/gangway.ts";

type SDK = Pick<
  ConnectSDK,
  | "configureGlobal"
  | "createConfiguration"
  | "destroyConfiguration"
  | "event"
  | "getAccountTypeOptions"
  | "getFieldOptions"
  | "getIntegrationConfig"
  | "getIntegrationMetadata"
  | "getPreOptions"
  | "getUser"
  | "request"
  | "setUserMetadata"
  | "uninstallIntegration"
  | "updateConfiguration"
  | "updateIntegrationUserSettings"
> & { authenticate(projectId: string, token: string): Promise<void> };

interface Call {
  method: string;
  address: string;
  headers: Record<string, string>;
  body: unknown;
}

interface Step {
  calls: Call[];
  answer: unknown;
}

/** What both are asked to do. The order counts: each step finds what the ones before left. */
const SCRIPT: [string, (sdk: SDK, gangway: Gangway) => unknown][] = [
  ["signs in", (sdk, gangway) => sdk.authenticate(gangway.project_id, tokenOf(gangway))],
  ["tells who is signed in", (sdk) => sdk.getUser()],
  ["tells the integrations", (sdk) => sdk.getIntegrationMetadata()],
  ["tells one integration", (sdk) => sdk.getIntegrationMetadata("azuredevops")],
  ["tells the account types", (sdk) => sdk.getAccountTypeOptions("azuredevops")],
  ["tells the form of one", (sdk) => sdk.getPreOptions("azuredevops", "pat")],
  ["tells what may be set up", (sdk) => sdk.getIntegrationConfig("azuredevops")],
  ["tells the server of the user", (sdk) => settled(sdk.setUserMetadata({ name: "Ann", team: 7 }))],
  ["reads through the proxy", (sdk) => sdk.request("azuredevops", "/projects?api-version=5.0")],
  [
    "writes through the proxy",
    (sdk) =>
      sdk.request("azuredevops", "Storefront/_apis/wit/wiql?api-version=7.1", {
        method: "POST",
        body: { query: "select [System.Id] from WorkItems where [System.Id] = 0" },
        headers: { "Content-Type": "application/json" },
      }),
  ],
  [
    "asks for the choices of a field",
    (sdk) => sdk.getFieldOptions({ integration: "azuredevops", action: "projects", search: "o" }),
  ],
  [
    "makes a configuration",
    (sdk) => sdk.createConfiguration({ credentialId: account(sdk), externalId: "north" }),
  ],
  [
    "changes it",
    (sdk) =>
      sdk.updateConfiguration({
        id: "north",
        credentialId: account(sdk),
        meta: { colour: "blue" },
      }),
  ],
  [
    "changes settings",
    (sdk) => sdk.updateIntegrationUserSettings("azuredevops", {}).then(withoutToken),
  ],
  ["deletes it", (sdk) => sdk.destroyConfiguration({ id: "north", credentialId: account(sdk) })],
  ["tells what is left", (sdk) => sdk.getUser()],
  ["disconnects", (sdk) => settled(sdk.uninstallIntegration("azuredevops"))],
  ["tells that nothing is left", (sdk) => sdk.getUser()],
];

const HEADERS = /^(accept|authorization|content-type|x-paragon-.*)$/;
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/g;

const runs: Step[][] = [];
const started: Gangway[] = [];

beforeAll(async () => {
  const window = new Window({ url: "http://127.0.0.1:8081/" });
  window.document.body.innerHTML = "";
  const { document, localStorage } = window;
  Object.assign(globalThis, { window, document, localStorage });
  const vendor = (await import("@useparagon/connect/ConnectSDK" as string)) as {
    default: { default?: new () => SDK } | (new () => SDK);
  };
  const Vendor = (
    "default" in vendor.default ? vendor.default.default : vendor.default
  ) as new () => SDK;
  for (const make of [() => new Vendor(), () => new ConnectSDK() as unknown as SDK]) {
    const gangway = await startGangway();
    started.push(gangway);
    await connectAccount(gangway, "ann");
    runs.push(await run(make(), gangway));
  }
  await window.happyDOM.close();
}, 120_000);

afterAll(async () => {
  await Promise.all(started.map((gangway) => gangway.stop()));
});

it.each(SCRIPT.map(([name], index) => [name, index] as const))("%s alike", (_, index) => {
  const [theirs, ours] = runs.map((steps) => steps[index]);
  expect(theirs).toBeDefined();
  expect(ours).toEqual(theirs);
});

it("saw calls and answers, and not twice nothing", () => {
  const [theirs = []] = runs;
  expect(theirs.flatMap(({ calls }) => calls).length).toBeGreaterThan(10);
  expect(theirs.map(({ answer }) => answer)).not.toContainEqual(
    expect.objectContaining({ failed: expect.anything() }),
  );
});

async function run(sdk: SDK, gangway: Gangway): Promise<Step[]> {
  const origins = ["ZEUS", "HERMES", "WORKER_PROXY", "CONNECT", "PASSPORT", "DASHBOARD", "CDN"];
  const parts = origins.map((name) => [`${name}_PUBLIC_URL`, gangway.server]);
  sdk.configureGlobal({ host: gangway.server }, Object.fromEntries(parts));
  const alike = normalizer(gangway);
  const steps: Step[] = [];
  for (const [, act] of SCRIPT) {
    const { calls, answer } = await recorded(() => act(sdk, gangway));
    // Calls that are made at the same time arrive in any order.
    calls.sort((one, other) => one.address.localeCompare(other.address));
    steps.push(alike({ calls, answer }));
  }
  return steps;
}

async function recorded(act: () => unknown): Promise<Step> {
  const real = globalThis.fetch;
  const calls: Call[] = [];
  globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    const proxied = request.url.includes("/sdk/proxy/");
    const headers = [...request.headers].filter(([name]) => HEADERS.test(name));
    calls.push({
      method: request.method,
      address: request.url,
      // The vendor's names a content type even where there is no content.
      headers: Object.fromEntries(headers.filter(([name]) => !proxied || name !== "content-type")),
      body: parsed(await request.clone().text()),
    });
    return real(input, init);
  };
  try {
    return { calls, answer: await act() };
  } catch (error) {
    return { calls, answer: { failed: String(error) } };
  } finally {
    globalThis.fetch = real;
  }
}

/** Each Gangway has ids and times of its own: they are named by the order of their coming. */
function normalizer(gangway: Gangway): (step: Step) => Step {
  const names = new Map<string, string>();
  const named = (id: string) => {
    names.set(id, names.get(id) ?? `id-${names.size + 1}`);
    return names.get(id) ?? id;
  };
  return (step) => {
    const text = JSON.stringify(step)
      .replaceAll(gangway.server, "{server}")
      .replaceAll(gangway.sandbox_http, "{sandbox}")
      .replaceAll(gangway.sandbox_https, "{sandbox}")
      .replaceAll(tokenOf(gangway), "{token}")
      .replaceAll(UUID, named)
      .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+(Z|\+00:00)/g, "{time}");
    return JSON.parse(text) as Step;
  };
}

/** What the vendor's answers where ours answers something else on purpose, left out for both. */
async function settled(promise: Promise<unknown>): Promise<void> {
  await promise;
}

/** The vendor's hands the user token out with the user. */
function withoutToken<T extends { userState: object }>({ userState, ...rest }: T): unknown {
  const { token: _, ...user } = userState as { token?: string };
  return { ...rest, userState: user };
}

function tokenOf({ people }: Gangway): string {
  return people.find(({ name }) => name === "ann")?.user_token ?? "";
}

function account(sdk: SDK): string {
  const user = sdk.getUser();
  return (user.authenticated && user.integrations.azuredevops?.credentialId) || "";
}

function parsed(text: string): unknown {
  try {
    return text === "" ? undefined : JSON.parse(text);
  } catch {
    return text;
  }
}
