import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { PAGE_ORIGIN } from "./support/browser.ts";
import { INTEGRATION, ORIGIN } from "./support/gangway.ts";
import { nobody, rejection, type Scene, signedIn } from "./support/signed-in.ts";

const SUCCESS = {
  type: "oauth_success_callback",
  credential: { integrationId: INTEGRATION, payload: { handle: "h-1" } },
};
const DENIED = {
  message: "The request to connect Azure DevOps was declined.",
  code: "consent_denied",
  status: 400,
  meta: {},
};

beforeEach(() => {
  vi.useFakeTimers({ shouldAdvanceTime: false });
  onTestFinished(() => {
    vi.useRealTimers();
  });
});

/** Lets everything happen that happens within `milliseconds`. */
const elapse = (milliseconds = 0) => vi.advanceTimersByTimeAsync(milliseconds);

async function atTheProvider(scene: Scene): Promise<void> {
  await elapse();
  expect(scene.page.opened.at(-1)?.location.href).toBe("https://login.example/authorize");
}

describe("connecting an account", () => {
  it("opens the window in the click, before anything is asked", async () => {
    const { sdk, page, gangway } = await signedIn();
    const installing = rejection(sdk.installIntegration("azuredevops"));
    expect(page.opened).toHaveLength(1);
    expect(gangway.calls).toEqual([]);
    sdk.logout();
    await installing;
  });

  it("leads the window past Gangway's own page to the provider, with no token in any address", async () => {
    const scene = await signedIn();
    const { sdk, page, gangway } = scene;
    const installing = sdk.installIntegration("azuredevops", { externalId: "main" });
    await atTheProvider(scene);
    page.post(SUCCESS);
    await installing;
    expect(page.opened[0]?.visited).toEqual([
      expect.stringMatching(/\/projects\/[^/]+\/sdk\/actions\/oauth-nonce\?ticket=t-1$/),
      "https://login.example/authorize",
    ]);
    expect(gangway.log()).toEqual([
      "GET /v2/projects/{project}/sdk/actions/build-oauth",
      "POST /v2/projects/{project}/sdk/actions/oauth-nonce",
      "POST /projects/{project}/sdk/credentials",
    ]);
    const [build, ticket, credential] = gangway.calls;
    const query = Object.fromEntries(new URLSearchParams(build?.url.split("?")[1]));
    expect(query).toEqual({
      action: "azuredevops",
      integrationId: INTEGRATION,
      endUserSuppliedValues: "{}",
      parameters: "{}",
      originForPostMessage: PAGE_ORIGIN,
      isPreviewMode: "false",
      installOptions: JSON.stringify({ externalId: "main", isApiInstallation: true }),
      oauthMetaKeyId: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    expect(ticket?.body).toEqual({ integrationId: INTEGRATION, originForPostMessage: PAGE_ORIGIN });
    expect(credential?.body).toEqual({
      integrationId: INTEGRATION,
      config: {},
      payload: { handle: "h-1" },
      installOptions: { externalId: "main", isApiInstallation: true },
    });
  });

  it("answers the account, keeps it, tells listeners and closes the window", async () => {
    const scene = await signedIn();
    const { sdk, page, gangway } = scene;
    const heard = vi.fn();
    const onInstall = vi.fn();
    sdk.subscribe("onIntegrationInstall", heard);
    const installing = sdk.installIntegration("azuredevops", { onInstall });
    await atTheProvider(scene);
    page.post(SUCCESS);
    const event = await installing;
    const [credential] = gangway.credentials;
    expect(event).toEqual({
      integrationId: INTEGRATION,
      integrationType: "azuredevops",
      credentialId: credential?.id,
      credential,
    });
    expect(heard).toHaveBeenCalledExactlyOnceWith(event, sdk.getUser());
    expect(onInstall).toHaveBeenCalledExactlyOnceWith(event, sdk.getUser());
    expect(sdk.getUser()).toMatchObject({
      integrations: { azuredevops: { enabled: true, credentialId: credential?.id } },
    });
    expect(page.opened[0]?.closed).toBe(true);
    expect(page.listening).toBe(0);
  });

  it("finds the account by polling when the sign-in page has cut the window off", async () => {
    const scene = await signedIn();
    const { sdk, page, gangway } = scene;
    const installing = sdk.installIntegration("azuredevops");
    await atTheProvider(scene);
    page.hasFocus = false;
    page.opened[0]?.close();
    await elapse(5_000);
    gangway.progress = { connectCredentialId: gangway.connect().id };
    await elapse(1_000);
    expect((await installing).credentialId).toBe(gangway.credentials[0]?.id);
    expect(gangway.calls.at(-1)?.method).toBe("DELETE");
  });

  it("survives a moment without a server while it waits", async () => {
    const scene = await signedIn();
    const { sdk, gangway } = scene;
    const installing = sdk.installIntegration("azuredevops");
    await atTheProvider(scene);
    gangway.override = () => ({ status: 503, text: "down" });
    await elapse(3_000);
    gangway.override = () => undefined;
    gangway.progress = { connectCredentialId: gangway.connect().id };
    await elapse(1_000);
    expect((await installing).credential?.status).toBe("VALID");
  });
});

describe("an attempt that fails", () => {
  it("says so at once when the browser blocks the window", async () => {
    const { sdk, page } = await signedIn();
    page.popupsBlocked = true;
    expect(await rejection(sdk.installIntegration("azuredevops"))).toMatchObject({
      name: "OAuthBlockedError",
      code: "popup_blocked",
    });
  });

  it("says so when the user closes the window", async () => {
    const scene = await signedIn();
    const { sdk, page } = scene;
    const onError = vi.fn();
    const failed = rejection(sdk.installIntegration("azuredevops", { onError }));
    await atTheProvider(scene);
    page.opened[0]?.close();
    await elapse(250);
    const error = await failed;
    expect(error).toMatchObject({
      name: "OAuthClosedError",
      message: "The sign-in window was closed before the account was connected.",
    });
    expect(onError).toHaveBeenCalledExactlyOnceWith(error);
  });

  it("takes a window that closed itself after its work for success", async () => {
    const scene = await signedIn();
    const { sdk, page, gangway } = scene;
    const installing = sdk.installIntegration("azuredevops");
    await atTheProvider(scene);
    gangway.progress = { connectCredentialId: gangway.connect().id };
    page.opened[0]?.close();
    await elapse(250);
    expect((await installing).credentialId).toBe(gangway.credentials[0]?.id);
  });

  it("passes on the sentence of Gangway's page", async () => {
    const scene = await signedIn();
    const failed = rejection(scene.sdk.installIntegration("azuredevops"));
    await atTheProvider(scene);
    scene.page.post({ type: "oauth_error_callback", error: DENIED.message, errorResponse: DENIED });
    expect(await failed).toMatchObject({ name: "OAuthFailedError", ...DENIED });
    expect(scene.page.opened[0]?.closed).toBe(true);
  });

  it("learns by polling that it has expired", async () => {
    const scene = await signedIn();
    const failed = rejection(scene.sdk.installIntegration("azuredevops"));
    await atTheProvider(scene);
    const expired = { message: "Too late.", code: "attempt_expired", status: 400, meta: {} };
    scene.gangway.progress = { error: expired };
    await elapse(1_000);
    expect(await failed).toMatchObject({ name: "OAuthFailedError", ...expired });
  });

  it("ends after the time the application gives it", async () => {
    const scene = await signedIn();
    const failed = rejection(scene.sdk.installIntegration("azuredevops", { oauthTimeout: 5_000 }));
    await elapse(5_000);
    expect(await failed).toMatchObject({ name: "OAuthTimeoutError" });
    expect(scene.page.opened[0]?.closed).toBe(true);
  });

  it("gives way to the next attempt", async () => {
    const scene = await signedIn();
    const { sdk, page } = scene;
    const first = rejection(sdk.installIntegration("azuredevops"));
    await atTheProvider(scene);
    const second = sdk.installIntegration("azuredevops");
    expect(await first).toMatchObject({ name: "OAuthCancelledError" });
    expect(page.opened[0]?.closed).toBe(true);
    await atTheProvider(scene);
    page.post(SUCCESS);
    expect((await second).credentialId).toBeDefined();
  });

  it("closes the window when the server does not begin it", async () => {
    const { sdk, page, gangway } = await signedIn();
    const refusal = {
      message: "This origin is not allowed.",
      code: "origin_not_allowed",
      status: 400,
    };
    gangway.override = ({ url }) =>
      url.includes("oauth-nonce") ? { status: 400, json: refusal } : undefined;
    expect(await rejection(sdk.installIntegration("azuredevops"))).toMatchObject(refusal);
    expect(page.opened[0]?.closed).toBe(true);
  });
});

describe("messages", () => {
  it.each([
    ["from another window", {}, ORIGIN],
    ["from another origin", undefined, "https://evil.example"],
  ])("%s are not believed", async (_, source, origin) => {
    const scene = await signedIn();
    const { sdk, page, gangway } = scene;
    const failed = rejection(sdk.installIntegration("azuredevops"));
    await atTheProvider(scene);
    page.post(SUCCESS, source ?? page.opened[0], origin);
    page.post(
      { type: "oauth_error_callback", errorResponse: DENIED },
      source ?? page.opened[0],
      origin,
    );
    await elapse();
    expect(gangway.log()).not.toContain("POST /projects/{project}/sdk/credentials");
    page.opened[0]?.close();
    await elapse(250);
    expect((await failed).name).toBe("OAuthClosedError");
  });
});

describe("what is refused before a window opens", () => {
  it("is an install by nobody", async () => {
    const { sdk, page } = nobody();
    expect((await rejection(sdk.installIntegration("azuredevops"))).name).toBe(
      "UserNotAuthenticatedError",
    );
    expect(page.opened).toEqual([]);
  });

  it("is an integration that the project does not have", async () => {
    const { sdk, page } = await signedIn();
    expect(await rejection(sdk.installIntegration("jira"))).toMatchObject({
      name: "IntegrationNotFoundError",
      message: 'This project has no integration "jira". It has: "azuredevops".',
      meta: { integrationName: "jira" },
    });
    expect(page.opened).toEqual([]);
  });

  it.each([
    [{}, 'Integration "azuredevops" is already installed.'],
    [
      { externalId: "main", allowMultipleCredentials: true },
      'An account "main" is connected already. Use selectedCredentialId: "ext:main" to sign it in again.',
    ],
    [
      { externalId: "other", selectedCredentialId: "main" },
      "externalId names a new account and selectedCredentialId an existing one: give only one.",
    ],
    [{ externalId: "  ", allowMultipleCredentials: true }, "externalId must not be empty."],
    [
      { accountType: "pat", allowMultipleCredentials: true },
      'The account type "pat" has a form to fill in: use installFlow.',
    ],
  ])("is a contradiction: %j", async (options, sentence) => {
    const { sdk, page } = await signedIn((gangway) => gangway.connect({ externalId: "main" }));
    expect((await rejection(sdk.installIntegration("azuredevops", options))).message).toBe(
      sentence,
    );
    expect(page.opened).toEqual([]);
  });
});

describe("several accounts", () => {
  it("can be connected when the application allows it; the new one is selected", async () => {
    const scene = await signedIn((gangway) => gangway.connect());
    const { sdk, page, gangway } = scene;
    const installing = sdk.installIntegration("azuredevops", { allowMultipleCredentials: true });
    await atTheProvider(scene);
    page.post(SUCCESS);
    await installing;
    const user = sdk.getUser();
    const state = user.authenticated ? user.integrations.azuredevops : undefined;
    expect(state?.allCredentials).toHaveLength(2);
    expect(state?.credentialId).toBe(gangway.credentials[1]?.id);
  });

  it("are signed in again by their external id", async () => {
    const scene = await signedIn((gangway) => gangway.connect({ externalId: "main" }));
    const { sdk, page, gangway } = scene;
    const installing = sdk.installIntegration("azuredevops", { selectedCredentialId: "ext:main" });
    await atTheProvider(scene);
    const query = new URLSearchParams(gangway.calls[0]?.url.split("?")[1]);
    expect(JSON.parse(query.get("installOptions") ?? "")).toEqual({
      selectedCredentialId: gangway.credentials[0]?.id,
      isApiInstallation: true,
    });
    page.post(SUCCESS);
    await installing;
  });
});
