import { describe, expect, it, vi } from "vitest";
import type { UIUpdateMessage } from "../src/portal-messages.ts";
import type { FrameElement } from "./support/browser.ts";
import { INTEGRATION, PROJECT } from "./support/gangway.ts";
import { rejection, type Scene, signedIn } from "./support/signed-in.ts";

async function opened(
  params: Parameters<Scene["sdk"]["connect"]>[1] = {},
): Promise<Scene & { frame: FrameElement; connected: Promise<unknown> }> {
  const scene = await signedIn();
  const connected = scene.sdk.connect("azuredevops", params);
  const frame = scene.page.frames[0] as FrameElement;
  frame.load();
  return { ...scene, frame, connected };
}

function latest(frame: FrameElement): UIUpdateMessage {
  const updates = frame.received
    .map(({ data }) => data as UIUpdateMessage)
    .filter(({ messageType }) => messageType === "UI_UPDATE");
  return updates.at(-1) as UIUpdateMessage;
}

const PAYLOAD = { integrationId: INTEGRATION, payload: { handle: "h-1" } };

describe("the portal", () => {
  it("is loaded from Gangway, hidden, when it is opened the first time", async () => {
    const { page, sdk } = await signedIn();
    expect(page.frames).toEqual([]);
    void sdk.connect("azuredevops");
    void sdk.connect("azuredevops");
    expect(page.frames).toMatchObject([
      {
        id: "paragon-connect-frame",
        src: `http://localhost:8080/ui?projectId=${PROJECT}`,
        style: { display: "none", position: "fixed" },
      },
    ]);
  });

  it("is told who the user is and what to show, and nobody else is", async () => {
    const { frame } = await opened({ allowMultipleCredentials: true, accountType: "pat" });
    expect(frame.received.map(({ origin }) => origin)).toEqual(["http://localhost:8080"]);
    expect(latest(frame)).toMatchObject({
      nextContext: {
        projectId: PROJECT,
        user: { authenticated: true, userId: "ann", token: expect.any(String) },
        environments: { ZEUS_PUBLIC_URL: "http://localhost:8080" },
        project: { id: PROJECT },
      },
      nextModalState: {
        integration: { id: INTEGRATION },
        config: { description: "Work items." },
        apiInstallationOptions: {
          allowMultipleCredentials: true,
          selectedAccountConfig: { id: "pat" },
        },
      },
    });
  });

  it("shows and hides itself", async () => {
    const { page, frame } = await opened();
    await page.invoke("updateContainerStyle", [{ isModalShown: true }]);
    expect(frame.style.display).toBe("block");
    await page.invoke("updateContainerStyle", [{ isModalShown: false }]);
    expect(frame.style.display).toBe("none");
  });

  it("keeps the page behind it from scrolling until it is closed", async () => {
    const onOpen = vi.fn();
    const onClose = vi.fn();
    const { page, frame } = await opened({ onOpen, onClose });
    await page.invoke("onOpen");
    expect(page.bodyStyle.overflow).toBe("hidden");
    await page.invoke("onClose", [true]);
    expect(page.bodyStyle.overflow).toBe("scroll");
    const event = { integrationId: INTEGRATION, integrationType: "azuredevops" };
    expect(onOpen).toHaveBeenCalledWith(event, expect.objectContaining({ userId: "ann" }));
    expect(onClose).toHaveBeenCalledWith(event, expect.objectContaining({ userId: "ann" }));
    expect(latest(frame).nextModalState.integration).toBeNull();
  });

  it("has the account stored that it connected, and connect() answers it", async () => {
    const onInstall = vi.fn();
    const { page, gangway, sdk, frame, connected } = await opened({
      onInstall,
      externalId: "ext:north",
    });
    expect(await page.invoke("_oauthCallback", [PAYLOAD])).toMatchObject({
      messageType: "SDK_FUNCTION_RESPONSE",
      type: "_oauthCallback",
      result: { integrationType: "azuredevops" },
    });
    expect(gangway.calls).toMatchObject([
      {
        method: "POST",
        url: "/projects/{project}/sdk/credentials",
        body: {
          integrationId: INTEGRATION,
          payload: { handle: "h-1" },
          installOptions: { externalId: "north" },
        },
      },
    ]);
    const [credential] = gangway.credentials;
    expect(await connected).toMatchObject({ credentialId: credential?.id });
    expect(onInstall).toHaveBeenCalledTimes(1);
    expect(sdk.getUser()).toMatchObject({ integrations: { azuredevops: { enabled: true } } });
    expect(latest(frame).nextContext.user).toMatchObject({
      integrations: { azuredevops: { credentialId: credential?.id } },
    });
  });

  it("is shown why connecting failed, and connect() fails with it", async () => {
    const { page, gangway, frame, connected } = await opened();
    const refusal = { message: "The handle is spent.", code: "spent", status: 400, meta: {} };
    gangway.override = () => ({ status: 400, json: refusal });
    const failed = rejection(connected);
    await page.invoke("_oauthCallback", [PAYLOAD]);
    expect(await failed).toMatchObject({ name: "ConnectRequestError", code: "spent" });
    expect(latest(frame).nextModalState.connectionError).toMatchObject(refusal);
  });

  it.each([
    ["another origin", { origin: "https://evil.example" }],
    ["another window", { source: {} }],
  ])("is not obeyed when the message comes from %s", async (_, sender) => {
    const { page, frame, gangway } = await opened();
    const answer = await page.invoke("sendConnectRequest", ["/sdk/me"], sender);
    expect(answer).toBeUndefined();
    expect(gangway.calls).toEqual([]);
    expect(frame.style.display).toBe("none");
  });

  it.each(["authenticate", "configureGlobal", "constructor", "toString", "logout"])(
    "may not call %s",
    async (name) => {
      const { page } = await opened();
      expect(await page.invoke(name, ["x"])).toMatchObject({
        messageType: "SDK_FUNCTION_ERROR",
        error: true,
        message: `The portal may not call "${name}".`,
      });
    },
  );

  it("gets the choices that the page's own loaders give", async () => {
    const loadOptions = vi.fn(async (cursor?: string, search?: string) => ({
      options: [{ label: `${search} ${cursor}`, value: "1" }],
      nextPageCursor: null,
    }));
    const { page } = await opened({ dropdowns: { boards: { loadOptions } } });
    expect(await page.invoke("_loadCustomDropdownOptions", ["boards", "c-1", "pa"])).toMatchObject({
      result: { options: [{ label: "pa c-1", value: "1" }], nextPageCursor: null },
    });
    expect(await page.invoke("_loadCustomDropdownOptions", ["none"])).toMatchObject({
      message: 'The page gave no loader for the choices of "none".',
    });
  });

  it("forgets the user when the user is signed out", async () => {
    const { sdk, frame } = await opened();
    sdk.logout();
    expect(latest(frame)).toMatchObject({
      nextContext: { user: { authenticated: false } },
      nextModalState: { integration: null },
    });
  });

  it("of another server takes the place of the first", async () => {
    const { sdk, frame } = await opened();
    sdk.configureGlobal({ host: "https://gangway.example.com" });
    expect(frame.removed).toBe(true);
    expect(sdk.root).toBeUndefined();
  });

  it("does not exist in headless mode", async () => {
    const { sdk, page } = await signedIn();
    sdk.setHeadless(true);
    expect(await rejection(sdk.connect("azuredevops"))).toMatchObject({
      name: "InvalidUsageError",
      message: "Headless mode shows no portal: use installFlow, or installIntegration().",
    });
    expect(page.frames).toEqual([]);
  });
});
