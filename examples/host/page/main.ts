// The page of an application whose users connect their Azure DevOps accounts.

import { CredentialStatus, gangway, type SDKIntegration } from "@gangway/connect";
import { AZURE_DEVOPS, createWorkItem, listProjects, listWorkItemTypes } from "./azure-devops.ts";
import { busy, clearNotices, complain, element, fill, say, show } from "./elements.ts";
import { closeTokenForm, openTokenForm, submitTokenForm } from "./token-form.ts";

const user = element("user", HTMLSelectElement);
const connect = element("connect", HTMLButtonElement);
const disconnect = element("disconnect", HTMLButtonElement);
const projects = element("projects", HTMLUListElement);
const project = element("project", HTMLSelectElement);
const type = element("type", HTMLSelectElement);
const title = element("title", HTMLInputElement);
const tokenForm = element("token-form", HTMLFormElement);
const workItemForm = element("work-item-form", HTMLFormElement);

interface HostSession {
  gangwayUrl: string;
  projectId: string;
  token: string;
}

async function signIn(): Promise<void> {
  clearNotices();
  closeTokenForm();
  const answer = await fetch(`/session?user=${encodeURIComponent(user.value)}`);
  const { gangwayUrl, projectId, token } = (await answer.json()) as HostSession;
  gangway.configureGlobal({ host: gangwayUrl });
  await gangway.authenticate(projectId, token, { metadata: { Name: nameOfUser() } });
  await showAccount();
}

function nameOfUser(): string {
  return user.selectedOptions[0]?.text ?? user.value;
}

async function showAccount(): Promise<void> {
  if (drawAccount()) {
    await showProjects();
  }
}

/** Draws what is known of the account, and tells whether it is connected. */
function drawAccount(): boolean {
  const account = stateOfAccount();
  const connected = account?.enabled === true;
  element("account", HTMLElement).textContent = describe(account);
  show("connect", !connected || needsPermission(account));
  show("use-token", !connected);
  show("disconnect", account?.credentialId !== undefined);
  show("connected", connected);
  return connected;
}

/** What a button does. A call that fails may have shown that the account's access has ended. */
async function act(button: HTMLButtonElement, work: () => Promise<void>): Promise<void> {
  await busy(button, work);
  drawAccount();
}

function stateOfAccount(): SDKIntegration | undefined {
  const state = gangway.getUser();
  return state.authenticated ? state.integrations[AZURE_DEVOPS] : undefined;
}

/** An account whose access has ended is signed in again rather than joined by another. */
function reconnecting(): { selectedCredentialId?: string } {
  const id = stateOfAccount()?.credentialId;
  return id === undefined ? {} : { selectedCredentialId: id };
}

/** Whether the integration asks for more than the person has allowed. */
function needsPermission(account: SDKIntegration | undefined): boolean {
  const credential = account?.allCredentials.find(({ id }) => id === account.credentialId);
  return (credential?.missingScopes?.length ?? 0) > 0;
}

function describe(account: SDKIntegration | undefined): string {
  if (account?.credentialId === undefined) {
    return "Not connected";
  }
  if (account.credentialStatus !== CredentialStatus.VALID) {
    return "The account must be connected again: its access has ended.";
  }
  if (needsPermission(account)) {
    return "The account needs new permission: connect it again to give it.";
  }
  const { name, email, organization } = account.providerData ?? {};
  const who = [name, email].filter(Boolean).join(", ") || "an account";
  return organization ? `Connected as ${who}, in ${organization}` : `Connected as ${who}`;
}

async function showProjects(): Promise<void> {
  const found = await listProjects();
  projects.replaceChildren(
    ...found.map(({ name, description }) => {
      const item = document.createElement("li");
      const heading = document.createElement("strong");
      heading.textContent = name;
      const text = document.createElement("small");
      text.textContent = description ?? "";
      item.append(heading, text);
      return item;
    }),
  );
  fill(
    project,
    found.map(({ name }) => name),
  );
  await showTypes();
}

async function showTypes(): Promise<void> {
  fill(type, project.value === "" ? [] : await listWorkItemTypes(project.value));
}

async function create(): Promise<void> {
  clearNotices();
  show("created", false);
  const item = await createWorkItem(project.value, type.value, title.value);
  const created = element("created", HTMLElement);
  const name = `${type.value} ${item.id}: ${title.value}`;
  const address = item._links?.html?.href;
  const link = document.createElement("a");
  link.textContent = name;
  link.href = address ?? "";
  created.replaceChildren("Created ", address === undefined ? name : link);
  show("created", true);
  title.value = "";
}

connect.addEventListener("click", () =>
  act(connect, async () => {
    // The sign-in window opens inside this call, so nothing may be awaited before it.
    const installing = gangway.installIntegration(AZURE_DEVOPS, reconnecting());
    say("Continue in the window that has opened.");
    await installing;
    say("Azure DevOps is connected.");
    await showAccount();
  }),
);

disconnect.addEventListener("click", () =>
  act(disconnect, async () => {
    const result = await gangway.uninstallIntegration(AZURE_DEVOPS);
    await showAccount();
    say(result?.message ?? "Azure DevOps is disconnected.");
  }),
);

element("use-token", HTMLButtonElement).addEventListener("click", () =>
  openTokenForm(async () => {
    say("Azure DevOps is connected.");
    await showAccount().catch(complain);
  }),
);
element("token-cancel", HTMLButtonElement).addEventListener("click", () => {
  closeTokenForm();
  gangway.installFlow.cancel().catch(complain);
});

function onSubmit(form: HTMLFormElement, work: () => Promise<void>): void {
  const button = form.querySelector<HTMLButtonElement>('button[type="submit"]');
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (button) {
      void act(button, work);
    }
  });
}
onSubmit(tokenForm, submitTokenForm);
onSubmit(workItemForm, create);

/** The address names the user, so that a reload keeps them. */
function chooseUser(): void {
  const asked = new URLSearchParams(location.search).get("user") ?? user.value;
  if (![...user.options].some(({ value }) => value === asked)) {
    user.append(new Option(asked));
  }
  user.value = asked;
}

user.addEventListener("change", () => {
  history.replaceState(null, "", `?user=${encodeURIComponent(user.value)}`);
  signIn().catch(complain);
});
project.addEventListener("change", () => showTypes().catch(complain));

gangway.setHeadless(true);
chooseUser();
signIn().catch(complain);
