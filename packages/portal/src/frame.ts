// The portal in the frame of an SDK, ours or the vendor's: the messages in both directions.

import type {
  PortalContext,
  PortalFunctionName,
  PortalFunctions,
  PortalState,
  SDKFunctionErrorMessage,
  SDKFunctionResponseMessage,
  Settings,
  UIUpdateMessage,
} from "@gangway/connect";
import {
  type Bridge,
  type Connected,
  type MappingQuestion,
  NotStored,
  type OptionPage,
} from "./bridge.ts";
import { type Account, Client } from "./client.ts";
import type { PortalAnswer } from "./model.ts";

/** The portal as it is to be shown; nothing when it is closed. */
export interface Shown {
  client: Client;
  bridge: Bridge;
  answer: PortalAnswer;
  state: PortalState;
  context: PortalContext;
}

type Answer = SDKFunctionResponseMessage | SDKFunctionErrorMessage;
type Waiting = { resolve: (result: unknown) => void; reject: (error: Error) => void };

/** Functions of the SDK, called by message. */
export class Sdk implements Bridge {
  readonly #origin: string;
  readonly #waiting = new Map<string, Waiting>();
  /** Why connecting failed last, as the SDK tells it. */
  #problem: string | undefined;

  constructor(origin: string) {
    this.#origin = origin;
  }

  invoke<Name extends PortalFunctionName>(
    type: Name,
    ...parameters: Parameters<PortalFunctions[Name]>
  ): Promise<Awaited<ReturnType<PortalFunctions[Name]>>> {
    const id = crypto.getRandomValues(new Uint32Array(4)).join("-");
    const message = { messageType: "SDK_FUNCTION_INVOCATION", id, type, parameters };
    window.parent.postMessage(message, this.#origin);
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as Waiting["resolve"], reject });
    });
  }

  answered(data: Answer): void {
    const waiting = this.#waiting.get(data.id);
    if (!waiting) return;
    this.#waiting.delete(data.id);
    if (data.messageType === "SDK_FUNCTION_ERROR")
      waiting.reject(new Error(sentence(data.message)));
    else waiting.resolve(data.result);
  }

  /** Hears the state that the SDK tells before it answers what changed it. */
  told({ connectionError: problem }: PortalState): void {
    const { message } = (problem ?? {}) as { message?: unknown };
    this.#problem = problem ? sentence(typeof message === "string" ? message : "") : undefined;
  }

  async connected({ integrationId, payload, credentialId, options }: Connected): Promise<void> {
    const response = { integrationId, payload: payload ?? {} };
    const event = await this.invoke("_oauthCallback", response, credentialId, {
      installOptions: options,
    });
    // The SDKs answer nothing when they could not store the account. The vendor's answers nothing
    // either to what it was told a moment ago; an account with an id is stored then.
    const stored = event ?? (this.#problem === undefined ? credentialId : undefined);
    if (stored === undefined) throw new NotStored(this.#problem);
  }

  failed(integrationId: string, error: Error): void {
    const body = (error as { body?: unknown }).body ?? { message: error.message };
    const data = { type: "oauth_error_callback", errorResponse: body, integrationId };
    void this.invoke("_oauthErrorCallback", error.message, {
      data: { ...data, error: error.message, message: error.message },
    }).catch(() => undefined);
  }

  async disconnect(slug: string, _integrationId: string, credentialId: string): Promise<void> {
    await this.invoke("uninstallIntegration", slug, { selectedCredentialId: credentialId });
  }

  async switchWorkflow(id: string, on: boolean, account: Account): Promise<void> {
    await this.invoke(on ? "enableWorkflow" : "disableWorkflow", id, selection(account));
  }

  async saveSettings(slug: string, settings: Settings, account: Account): Promise<void> {
    await this.invoke("updateIntegrationUserSettings", slug, settings, selection(account));
  }

  async saveWorkflowSettings(
    slug: string,
    workflowId: string,
    settings: Settings,
    account: Account,
  ): Promise<void> {
    await this.invoke("updateWorkflowUserSettings", slug, workflowId, settings, selection(account));
  }

  customOptions(key: string, cursor?: string, search?: string): Promise<OptionPage> {
    return this.invoke("_loadCustomDropdownOptions", key, cursor, search);
  }

  mappingOptions(slug: string, name: string, asked: MappingQuestion): Promise<OptionPage> {
    const { objectType, search, cursor } = asked;
    const type = objectType === undefined ? "objectTypes" : "integrationFields";
    return this.invoke("_fetchBYOFieldMappingOptions", slug, type, name, {
      ...(objectType !== undefined && { objectType }),
      ...(cursor !== undefined && { cursor }),
      search,
    });
  }

  close(): void {
    void this.invoke("onClose", true);
  }
}

/** Hears the page around and tells when there is something to show. */
export function listen(show: (shown: Shown | null) => void): void {
  let sdk: Sdk | undefined;
  let admitted: { key: string; client: Client; answer: Promise<PortalAnswer> } | undefined;
  let latest = 0;
  window.addEventListener("message", async (event: MessageEvent) => {
    if (event.source !== window.parent || typeof event.data !== "object" || !event.data) return;
    const data = event.data as UIUpdateMessage | Answer;
    if (data.messageType !== "UI_UPDATE") {
      if (/^SDK_FUNCTION_(RESPONSE|ERROR)$/.test(data.messageType)) sdk?.answered(data);
      return;
    }
    const { nextContext: context, nextModalState: state } = data;
    const { user, projectId } = context;
    const turn = ++latest;
    sdk?.told(state);
    if (!user.authenticated || !projectId || !state.integration) return show(null);
    // One client for each token: whoever shows something reads it again when the client is another.
    const key = [event.origin, projectId, user.token].join("\n");
    if (admitted?.key !== key) {
      const client = new Client(projectId, user.token);
      admitted = { key, client, answer: client.portal(event.origin) };
    }
    const { client } = admitted;
    const answer = await admitted.answer.catch(() => undefined);
    // A page of a foreign origin, or a token that counts no more: nothing is shown.
    if (turn !== latest) return;
    if (!answer) {
      admitted = undefined;
      return show(null);
    }
    if (!sdk) {
      sdk = new Sdk(event.origin);
      sdk.told(state);
    }
    show({ client, bridge: sdk, answer, state, context });
  });
}

function selection({ credentialId, configurationId }: Account) {
  return {
    ...(credentialId && { selectedCredentialId: credentialId }),
    ...(configurationId && { selectedConfigurationId: configurationId }),
  };
}

/** The SDKs throw the server's whole answer as JSON text. */
function sentence(message = ""): string {
  try {
    const body = JSON.parse(message) as { message?: string };
    return body.message ?? message;
  } catch {
    return message;
  }
}
