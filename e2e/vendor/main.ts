// An application that was written for the vendor's SDK and knows nothing of Gangway but its address.

import { paragon } from "@useparagon/connect";

const query = new URLSearchParams(location.search);

// Before the SDK makes its frame, which would else ask the vendor's own server first.
const gangwayUrl = query.get("server") ?? "";
paragon.configureGlobal(
  { host: "ignored" },
  {
    ZEUS_PUBLIC_URL: gangwayUrl,
    HERMES_PUBLIC_URL: gangwayUrl,
    WORKER_PROXY_PUBLIC_URL: gangwayUrl,
    CONNECT_PUBLIC_URL: gangwayUrl,
    PASSPORT_PUBLIC_URL: gangwayUrl,
    PASSPORT_PRODUCTION_URL: gangwayUrl,
    DASHBOARD_PUBLIC_URL: gangwayUrl,
    CDN_PUBLIC_URL: gangwayUrl,
    API_TRIGGER_KIT_PUBLIC_URL: gangwayUrl,
  },
);

async function authenticate(): Promise<string> {
  const answer = await fetch(`/session?user=${query.get("user")}`);
  const { projectId, token } = await answer.json();
  // The vendor's default is a portal in a frame.
  paragon.setHeadless(!query.has("portal"));
  await paragon.authenticate(projectId, token);
  return state();
}

/** Whether the account is connected, as the SDK sees it. */
function state(): string {
  const user = paragon.getUser();
  const enabled = user.authenticated && user.integrations.azuredevops?.enabled;
  return enabled ? "connected" : "not connected";
}

async function connect(): Promise<string> {
  const oauthTimeout = Number(query.get("timeout"));
  await paragon.installIntegration("azuredevops", oauthTimeout > 0 ? { oauthTimeout } : {});
  return state();
}

/** Opens the portal; what happens in it is told by events. */
async function portal(): Promise<string> {
  const several = query.get("portal") === "several";
  paragon.connect("azuredevops", {
    allowMultipleCredentials: several,
    onInstall: () => show("output", state()),
    onUninstall: () => show("output", state()),
    onError: (error: Error) => show("problem", error.message),
  });
  return state();
}

async function connectWithToken(): Promise<string> {
  const form = JSON.parse(query.get("form") ?? "{}") as Record<string, string>;
  await new Promise<void>((resolve, reject) => {
    paragon.installFlow.start("azuredevops", {
      onNext: ({ stage }) => {
        if (stage === "accountType") {
          void paragon.installFlow.setAccountType("pat");
        } else if (stage === "preOptions") {
          void paragon.installFlow.setPreOptions(form);
        }
      },
      onComplete: () => resolve(),
      onError: reject,
    });
  });
  return state();
}

async function projects(): Promise<string> {
  const answer = await paragon.request<{ value: { name: string }[] }>(
    "azuredevops",
    "/projects?api-version=5.0",
    { method: "GET" },
  );
  return (answer?.value ?? []).map(({ name }) => name).join(", ");
}

async function create(): Promise<string> {
  const [project] = (await projects()).split(", ");
  const item = await paragon.request<{ id: number; fields: Record<string, string> }>(
    "azuredevops",
    `/${project}/_apis/wit/workitems/$Task?api-version=7.1`,
    {
      method: "POST",
      headers: { "Content-Type": "application/json-patch+json" },
      body: [{ op: "add", path: "/fields/System.Title", value: "Paint the mast" }],
    },
  );
  return `${item?.id} ${item?.fields["System.Title"]}`;
}

async function disconnect(): Promise<string> {
  await paragon.uninstallIntegration("azuredevops");
  return state();
}

function show(id: "output" | "problem", text: string): void {
  const place = document.getElementById(id);
  if (place) {
    place.textContent = text;
  }
}

async function run(work: () => Promise<string>): Promise<void> {
  show("problem", "");
  try {
    show("output", await work());
  } catch (error) {
    show("problem", (error as Error).message);
  }
}

const actions = { connect, projects, create, disconnect, portal, token: connectWithToken };
for (const [id, work] of Object.entries(actions)) {
  document.getElementById(id)?.addEventListener("click", () => run(work));
}

await run(authenticate);
for (const button of document.querySelectorAll("button")) {
  button.disabled = false;
}
