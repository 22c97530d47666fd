// Connecting an account step by step, for an application that draws the steps itself.

import type { Catalogue } from "./catalogue.ts";
import {
  asConnectError,
  type ConnectError,
  HeadlessModeNotEnabledError,
  InvalidUsageError,
  NoActiveInstallFlowError,
} from "./errors.ts";
import { callApplication } from "./events.ts";
import type {
  AccountType,
  ConnectInput,
  InstallOptions,
  IntegrationInstallEvent,
} from "./types.ts";

export type InstallFlowStage =
  | { stage: "accountType"; options: AccountType[]; done: false }
  | { stage: "preOptions"; options: ConnectInput[]; done: false }
  | { stage: "oauth"; done: false }
  | { stage: "postOptions"; options: ConnectInput[]; done: false }
  | { stage: "done"; done: true };

export interface StartOptions extends Omit<InstallOptions, "accountType"> {
  onNext?: (stage: InstallFlowStage) => void;
  onComplete?: (event: IntegrationInstallEvent) => void;
  onError?: (
    error: ConnectError,
    context: { stage: Exclude<InstallFlowStage["stage"], "done"> } | null,
  ) => void;
  /** Milliseconds after which the sign-in window is closed. */
  oauthTimeout?: number;
}

/** What the flow asks of the SDK it belongs to. */
export interface InstallFlowHost {
  readonly isHeadless: boolean;
  readonly catalogue: Catalogue;
  checkInstall(integrationType: string, options: InstallOptions): void;
  signIn(
    integrationType: string,
    options: InstallOptions & { oauthTimeout?: number | undefined },
    endUserSuppliedValues: FormValues,
  ): Promise<IntegrationInstallEvent>;
  saveCredential(integrationType: string, body: CredentialForm): Promise<IntegrationInstallEvent>;
  uninstallIntegration(
    integrationType: string,
    options: { selectedCredentialId: string },
  ): Promise<unknown>;
}

export type FormValues = Record<string, unknown>;

export interface CredentialForm {
  payload: FormValues;
  installOptions: InstallOptions;
  /** The credential whose setup the form completes; without it a new one is made. */
  credentialId?: string;
}

/** A flow under way. */
interface Flow {
  readonly integrationType: string;
  readonly options: StartOptions;
  accountType: string | null;
  preOptions: FormValues | null;
  postOptions: FormValues | null;
  event: IntegrationInstallEvent | null;
}

export class InstallFlow {
  readonly #host: InstallFlowHost;
  #flow: Flow | null = null;

  constructor(host: InstallFlowHost) {
    this.#host = host;
  }

  /** Begins anew. When signing in comes first, call this inside the click: it opens the window. */
  start(integrationType: string, options: StartOptions = {}): void {
    const flow: Flow = {
      integrationType,
      options,
      accountType: null,
      preOptions: null,
      postOptions: null,
      event: null,
    };
    this.#flow = flow;
    void this.#step(flow, null, async () => {
      if (!this.#host.isHeadless) {
        throw new HeadlessModeNotEnabledError();
      }
      this.#host.checkInstall(integrationType, installOptions(flow));
      await this.#proceed(flow);
    });
  }

  setAccountType(accountType: string): Promise<void> {
    return this.#continue("accountType", async (flow) => {
      this.#host.catalogue.accountType(flow.integrationType, accountType);
      flow.accountType = accountType;
      await this.#proceed(flow);
    });
  }

  setPreOptions(values: FormValues): Promise<void> {
    return this.#continue("preOptions", async (flow) => {
      flow.preOptions = requiredForm(values);
      if (this.#nextOf(flow).stage !== "oauth") {
        // Until the server has taken the form, the flow still waits for it.
        flow.preOptions = null;
        flow.event = await this.#save(flow, values);
        flow.preOptions = values;
      }
      await this.#proceed(flow);
    });
  }

  setPostOptions(values: FormValues): Promise<void> {
    return this.#continue("postOptions", async (flow) => {
      const credentialId = flow.event?.credentialId;
      if (credentialId === undefined) {
        throw new InvalidUsageError("The account is not connected yet: this form comes after it.");
      }
      flow.event = await this.#save(flow, requiredForm(values), credentialId);
      flow.postOptions = values;
      await this.#proceed(flow);
    });
  }

  /** Gives the flow up and disconnects an account that it connected already. */
  async cancel(): Promise<void> {
    const flow = this.#flow;
    this.#flow = null;
    const credentialId = flow?.event?.credentialId;
    if (flow && credentialId !== undefined && !this.#nextOf(flow).done) {
      await this.#host.uninstallIntegration(flow.integrationType, {
        selectedCredentialId: credentialId,
      });
    }
  }

  getAccountTypeValue(): string | null {
    return this.#flow?.accountType ?? null;
  }

  getPreOptionsValue(): FormValues | null {
    return this.#flow?.preOptions ?? null;
  }

  getPostOptionsValue(): FormValues | null {
    return this.#flow?.postOptions ?? null;
  }

  /** The stage that the flow waits in. */
  next(): InstallFlowStage {
    if (!this.#flow) {
      throw new NoActiveInstallFlowError();
    }
    return this.#nextOf(this.#flow);
  }

  #nextOf(flow: Flow): InstallFlowStage {
    const { catalogue } = this.#host;
    const accountTypes = catalogue.accountTypes(flow.integrationType);
    if (accountTypes.length > 0 && flow.accountType === null) {
      return { stage: "accountType", options: structuredClone(accountTypes), done: false };
    }
    const preOptions = catalogue.preOptions(flow.integrationType, flow.accountType ?? "default");
    if (preOptions.length > 0 && flow.preOptions === null) {
      return { stage: "preOptions", options: structuredClone(preOptions), done: false };
    }
    const selected = this.#accountTypeOf(flow);
    const scheme =
      selected?.scheme ?? catalogue.integration(flow.integrationType).authenticationType;
    if (scheme === "oauth" && flow.event === null) {
      return { stage: "oauth", done: false };
    }
    const postOptions = catalogue.postOptions(flow.integrationType);
    const skipped = selected?.skipPostOAuthInputs === true;
    if (postOptions.length > 0 && !skipped && flow.postOptions === null) {
      return { stage: "postOptions", options: structuredClone(postOptions), done: false };
    }
    return { stage: "done", done: true };
  }

  /** Tells the application the stage that was reached, and signs in when it is that one. */
  async #proceed(flow: Flow): Promise<void> {
    const next = this.#nextOf(flow);
    if (next.stage !== "done") {
      callApplication(() => flow.options.onNext?.(next));
    }
    if (next.stage === "oauth") {
      await this.#step(flow, "oauth", async () => {
        flow.event = await this.#host.signIn(
          flow.integrationType,
          { ...installOptions(flow), oauthTimeout: flow.options.oauthTimeout },
          flow.preOptions ?? {},
        );
        await this.#proceed(flow);
      });
    } else if (next.stage === "done" && flow.event && flow === this.#flow) {
      const { event } = flow;
      callApplication(() => flow.options.onComplete?.(event));
    }
  }

  #save(flow: Flow, values: FormValues, credentialId?: string): Promise<IntegrationInstallEvent> {
    const skipPostOAuthInputs = this.#accountTypeOf(flow)?.skipPostOAuthInputs ?? false;
    return this.#host.saveCredential(flow.integrationType, {
      payload: { ...values, skipPostOAuthInputs },
      installOptions: installOptions(flow),
      ...(credentialId !== undefined && { credentialId }),
    });
  }

  #accountTypeOf({ integrationType, accountType }: Flow): AccountType | undefined {
    return this.#host.catalogue.accountType(integrationType, accountType ?? undefined);
  }

  #continue(
    stage: Exclude<InstallFlowStage["stage"], "done">,
    work: (flow: Flow) => Promise<void>,
  ): Promise<void> {
    const flow = this.#flow;
    if (!flow) {
      return Promise.reject(new NoActiveInstallFlowError());
    }
    return this.#step(flow, stage, () => work(flow));
  }

  /** Errors of a flow go to its `onError`; those of a flow that was given up go nowhere. */
  async #step(
    flow: Flow,
    stage: Exclude<InstallFlowStage["stage"], "done"> | null,
    work: () => Promise<void>,
  ): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (flow === this.#flow) {
        callApplication(() => flow.options.onError?.(asConnectError(error), stage && { stage }));
      }
    }
  }
}

function installOptions({ options, accountType }: Flow): InstallOptions {
  const { allowMultipleCredentials, externalId, overrideRedirectUrl, selectedCredentialId } =
    options;
  return {
    allowMultipleCredentials: allowMultipleCredentials ?? false,
    ...(accountType !== null && { accountType }),
    ...(externalId !== undefined && { externalId }),
    ...(overrideRedirectUrl !== undefined && { overrideRedirectUrl }),
    ...(selectedCredentialId !== undefined && { selectedCredentialId }),
  };
}

function requiredForm(values: FormValues): FormValues {
  if (typeof values !== "object" || values === null) {
    throw new InvalidUsageError("The values of the form are missing.");
  }
  return values;
}
