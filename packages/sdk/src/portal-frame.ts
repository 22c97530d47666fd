// The frame in which the Connect Portal is shown, and the messages that pass through it.

import type { Browser } from "./browser.ts";
import type {
  PortalContext,
  PortalFunctionName,
  PortalFunctions,
  PortalState,
  SDKFunctionErrorMessage,
  SDKFunctionInvocationMessage,
  SDKFunctionResponseMessage,
  UIUpdateMessage,
} from "./portal-messages.ts";

const FRAME_ID = "paragon-connect-frame";
/** An element of the page with this id holds the frame; else it covers the window. */
const CONTAINER_ID = `${FRAME_ID}-container`;

const FUNCTIONS: ReadonlySet<string> = new Set<PortalFunctionName>([
  "updateContainerStyle",
  "onOpen",
  "onClose",
  "setModalState",
  "triggerSDKEvent",
  "updateAuthenticatedUser",
  "sendConnectRequest",
  "_oauthCallback",
  "_oauthErrorCallback",
  "uninstallIntegration",
  "enableWorkflow",
  "disableWorkflow",
  "updateIntegrationUserSettings",
  "updateWorkflowUserSettings",
  "getFieldOptions",
  "_loadCustomDropdownOptions",
  "_fetchBYOFieldMappingOptions",
]);

type Answer = SDKFunctionResponseMessage | SDKFunctionErrorMessage;

export class PortalFrame {
  readonly #browser: Browser;
  readonly #host: PortalFunctions;
  #element: HTMLIFrameElement | undefined;
  #origin = "";
  #loaded = false;
  #latest: UIUpdateMessage | undefined;
  #overflowBefore: string | undefined;

  constructor(browser: Browser, host: PortalFunctions) {
    this.#browser = browser;
    this.#host = host;
  }

  get element(): HTMLIFrameElement | undefined {
    return this.#element;
  }

  /** Tells the portal what to draw. Its page is loaded when something is opened the first time. */
  update(nextContext: PortalContext, nextModalState: PortalState): void {
    if (!this.#element && nextModalState.integration) {
      this.#load(nextContext);
    }
    this.#latest = { messageType: "UI_UPDATE", nextContext, nextModalState };
    this.#send();
  }

  show(shown: boolean): void {
    if (this.#element) {
      this.#element.style.display = shown ? "block" : "none";
    }
  }

  /** Stops the page behind a frame that covers the window from scrolling. */
  lockScrolling(): void {
    const { innerWidth, innerHeight, document } = this.#browser;
    const frame = this.#element?.getBoundingClientRect();
    const covers = frame && innerWidth <= frame.width && innerHeight <= frame.height;
    if (covers && this.#overflowBefore === undefined) {
      this.#overflowBefore = document.body.style.overflow;
      document.body.style.overflow = "hidden";
    }
  }

  unlockScrolling(): void {
    if (this.#overflowBefore !== undefined) {
      this.#browser.document.body.style.overflow = this.#overflowBefore;
      this.#overflowBefore = undefined;
    }
  }

  /** Takes the frame out of the page: another server's portal may follow. */
  remove(): void {
    if (!this.#element) {
      return;
    }
    this.unlockScrolling();
    this.#element.remove();
    this.#element = undefined;
    this.#loaded = false;
    this.#latest = undefined;
    this.#browser.removeEventListener("message", this.#receive);
  }

  #load({ environments, projectId }: PortalContext): void {
    const { document } = this.#browser;
    const portal = new URL(`${environments.CONNECT_PUBLIC_URL}/ui`);
    this.#origin = portal.origin;
    if (projectId !== undefined) {
      portal.searchParams.set("projectId", projectId);
    }
    const container = document.getElementById(CONTAINER_ID);
    const element = document.createElement("iframe");
    element.id = FRAME_ID;
    element.title = "Connect";
    element.allow = "clipboard-write";
    Object.assign(element.style, {
      position: container ? "absolute" : "fixed",
      top: "0",
      left: "0",
      width: container ? "100%" : "100vw",
      height: container ? "100%" : "100vh",
      border: "0",
      zIndex: "2147483647",
      display: "none",
    });
    element.addEventListener("load", () => {
      this.#loaded = true;
      this.#send();
    });
    element.src = portal.href;
    this.#element = element;
    this.#browser.addEventListener("message", this.#receive);
    (container ?? document.body).append(element);
  }

  #send(): void {
    if (this.#loaded && this.#latest) {
      this.#element?.contentWindow?.postMessage(this.#latest, this.#origin);
    }
  }

  /** Answers a call of the portal: only of our own frame, and only while Gangway's page is in it. */
  readonly #receive = async (event: MessageEvent): Promise<void> => {
    const frame = this.#element?.contentWindow;
    const ours = frame && event.source === frame && event.origin === this.#origin;
    if (!ours || event.data?.messageType !== "SDK_FUNCTION_INVOCATION") {
      return;
    }
    const answer = await this.#invoke(event.data as SDKFunctionInvocationMessage);
    frame.postMessage(answer, this.#origin);
  };

  async #invoke({ id, type, parameters }: SDKFunctionInvocationMessage): Promise<Answer> {
    try {
      if (!FUNCTIONS.has(type)) {
        throw new Error(`The portal may not call "${type}".`);
      }
      const call = this.#host[type] as (...given: unknown[]) => unknown;
      const result = await call.apply(this.#host, parameters);
      return { messageType: "SDK_FUNCTION_RESPONSE", id, type, result: result as never };
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return { messageType: "SDK_FUNCTION_ERROR", error: true, id, message };
    }
  }
}
