// The SDK as the application holds it: who is signed in, and what they can do.

import { Attempt } from "./attempt.ts";
import type { Browser } from "./browser.ts";
import { Catalogue } from "./catalogue.ts";
import { CONFIGURATION_HEADER, CREDENTIAL_HEADER, callProxy } from "./client.ts";
import * as configurations from "./configurations.ts";
import { type Environments, environmentsOf } from "./environments.ts";
import {
  asConnectError,
  IntegrationNotInstalledError,
  InvalidUsageError,
  OAuthCancelledError,
  ProxyRequestError,
  UserNotAuthenticatedError,
} from "./errors.ts";
import { callApplication, EventEmitter, SDK_EVENT } from "./events.ts";
import { type CredentialForm, type FormValues, InstallFlow } from "./install-flow.ts";
import { withCredential, withoutCredential } from "./integration-state.ts";
import { Popup } from "./popup.ts";
import { checkInstall, externalIdOf, select } from "./selection.ts";
import { Session } from "./session.ts";
import {
  type AccountType,
  type Configuration,
  type ConnectInput,
  type ConnectUser,
  type Credential,
  type CredentialConfigOptions,
  type CredentialSelection,
  CredentialStatus,
  type InstallIntegrationOptions,
  type InstallOptions,
  type IntegrationConfig,
  type IntegrationInstallEvent,
  type IntegrationMetadata,
  type PersonaMeta,
  type ProxyRequestOptions,
  type UninstallResult,
  type WorkflowRequest,
} from "./types.ts";

export const VERSION = "0.1.0";

export class ConnectSDK extends EventEmitter {
  readonly installFlow: InstallFlow;
  isHeadless = false;
  readonly #browser: Browser;
  #environments: Environments | undefined;
  #session: Session | undefined;
  #attempt: AbortController | undefined;

  /** `host` is as in `configureGlobal`. Nothing is fetched before `authenticate`. */
  constructor(host?: string | Partial<Environments>, browser: Browser = globalThis as never) {
    super();
    this.#browser = browser;
    this.installFlow = new InstallFlow(this);
    const origin = typeof host === "object" ? host.ZEUS_PUBLIC_URL : host;
    if (origin !== undefined) {
      this.#environments = environmentsOf(origin, typeof host === "object" ? host : {});
    }
  }

  /** Names the Gangway server: `https://gangway.example.com`, or `http://localhost:8080`. */
  configureGlobal({ host }: { host: string }, overrides?: Partial<Environments>): void {
    this.#environments = environmentsOf(host, overrides);
    this.logout();
  }

  getVersion(): string {
    return VERSION;
  }

  /** With headless mode on, the application draws the steps of connecting itself. */
  setHeadless(headless: boolean): void {
    this.isHeadless = headless;
  }

  // ---- The user ----

  /** Signs a user in with a token that the application's own server has signed for them. */
  async authenticate(
    projectId: string,
    token: string,
    options: { metadata?: PersonaMeta } = {},
  ): Promise<void> {
    if (!projectId || !token) {
      throw new InvalidUsageError("authenticate() needs the project's id and a user token.");
    }
    this.logout();
    const session = new Session(this.#browser, this.#reached(), { projectId, token }, (ended) =>
      this.#end(ended),
    );
    this.#session = session;
    try {
      await session.load();
      await session.tell(options.metadata ?? {});
    } catch (error) {
      this.#end(session);
      throw error;
    }
  }

  getUser(): ConnectUser {
    return this.#session ? structuredClone(this.#session.user) : { authenticated: false };
  }

  async setUserMetadata(meta: PersonaMeta): Promise<ConnectUser> {
    const session = this.#signedIn();
    await session.tell(meta);
    await session.load();
    return this.getUser();
  }

  /** Forgets the user. Connected accounts stay connected. */
  logout(): void {
    this.#attempt?.abort(new OAuthCancelledError());
    this.#session = undefined;
  }

  #end(session: Session): void {
    if (session === this.#session) {
      this.logout();
    }
  }

  // ---- The integrations ----

  get catalogue(): Catalogue {
    return this.#session?.catalogue ?? new Catalogue();
  }

  getIntegrationMetadata(): IntegrationMetadata[];
  getIntegrationMetadata(integrationType: string): IntegrationMetadata;
  getIntegrationMetadata(integrationType?: string): IntegrationMetadata | IntegrationMetadata[] {
    return integrationType === undefined
      ? this.catalogue.metadata()
      : this.catalogue.metadataOf(integrationType);
  }

  getIntegrationConfig(integrationType: string): IntegrationConfig {
    return structuredClone(this.catalogue.config(integrationType));
  }

  getIntegrationId(integrationType: string): string {
    return this.catalogue.integration(integrationType).id;
  }

  getAccountTypeOptions(integrationType: string): AccountType[] {
    return structuredClone(this.catalogue.accountTypes(integrationType));
  }

  getPreOptions(integrationType: string, accountTypeId = "default"): ConnectInput[] {
    return structuredClone(this.catalogue.preOptions(integrationType, accountTypeId));
  }

  getPostOptions(integrationType: string): ConnectInput[] {
    return structuredClone(this.catalogue.postOptions(integrationType));
  }

  // ---- Connecting and disconnecting ----

  /** Connects an account by signing in. Call it inside the click: it opens the window at once. */
  async installIntegration(
    integrationType: string,
    options: InstallIntegrationOptions = {},
  ): Promise<IntegrationInstallEvent> {
    const { onInstall, onSuccess, onError, oauthTimeout, ...install } = options;
    try {
      this.checkInstall(integrationType, install);
      const event = await this.signIn(integrationType, { ...install, oauthTimeout }, {});
      callApplication(() => (onInstall ?? onSuccess)?.(event, this.getUser()));
      return event;
    } catch (error) {
      const reason = asConnectError(error);
      callApplication(() => onError?.(reason));
      throw reason;
    }
  }

  /** Disconnects an account, the selected one when none is named. */
  async uninstallIntegration(
    integrationType: string,
    options: CredentialSelection = {},
  ): Promise<UninstallResult | undefined> {
    const session = this.#signedIn();
    const state = session.stateOf(integrationType);
    const credentialId = select([state], options)?.credential.id ?? state.credentialId;
    if (credentialId === undefined) {
      throw new IntegrationNotInstalledError(integrationType);
    }
    const integrationId = this.getIntegrationId(integrationType);
    const result = await session.call<UninstallResult>(`/sdk/integrations/${integrationId}`, {
      method: "DELETE",
      headers: { [CREDENTIAL_HEADER]: credentialId },
    });
    session.change(integrationType, (now) => withoutCredential(now, credentialId));
    const event = { integrationId, integrationType, credentialId };
    this.emit(SDK_EVENT.ON_INTEGRATION_UNINSTALL, event, structuredClone(session.user));
    return result;
  }

  /** Refuses an install that cannot work, before a window is opened for it. */
  checkInstall(integrationType: string, options: InstallOptions): void {
    const session = this.#signedIn();
    session.catalogue.activeIntegration(integrationType);
    checkInstall(integrationType, session.stateOf(integrationType), options);
  }

  /** Opens the sign-in window and answers the connected account. */
  async signIn(
    integrationType: string,
    options: InstallOptions & { oauthTimeout?: number | undefined },
    endUserSuppliedValues: FormValues,
  ): Promise<IntegrationInstallEvent> {
    const session = this.#signedIn();
    const { oauthTimeout, overrideRedirectUrl, ...install } = options;
    const accountType = this.#signInType(integrationType, options.accountType);
    const origin = session.environments.ZEUS_PUBLIC_URL;
    const popup = Popup.open(this.#browser, new URL(origin).origin);
    this.#attempt?.abort(new OAuthCancelledError());
    this.#attempt = new AbortController();
    const attempt = new Attempt(this.#browser, popup, session, {
      integration: session.catalogue.integration(integrationType),
      installOptions: { ...sendable(session, integrationType, install), isApiInstallation: true },
      endUserSuppliedValues,
      parameters: parametersOf(accountType),
      redirectUrl: overrideRedirectUrl,
      timeoutMilliseconds: oauthTimeout,
      signal: this.#attempt.signal,
    });
    return this.#installed(session, integrationType, await attempt.run());
  }

  /** Stores an account that a form describes, or completes one. */
  async saveCredential(
    integrationType: string,
    { payload, installOptions, credentialId }: CredentialForm,
  ): Promise<IntegrationInstallEvent> {
    const session = this.#signedIn();
    const path = credentialId === undefined ? "" : `/${credentialId}/complete-setup`;
    const credential = await session.callForCredential(`/sdk/credentials${path}`, {
      method: "POST",
      body: JSON.stringify({
        integrationId: this.getIntegrationId(integrationType),
        config: {},
        payload,
        installOptions: sendable(session, integrationType, installOptions),
      }),
    });
    return this.#installed(session, integrationType, credential);
  }

  #signInType(integrationType: string, id: string | undefined): AccountType | undefined {
    const accountType = this.catalogue.accountType(integrationType, id);
    if (accountType && accountType.scheme !== "oauth") {
      throw new InvalidUsageError(
        `The account type "${accountType.id}" has a form to fill in: use installFlow.`,
      );
    }
    return accountType;
  }

  #installed(
    session: Session,
    integrationType: string,
    credential: Credential,
  ): IntegrationInstallEvent {
    session.change(integrationType, (state) => withCredential(state, credential));
    const { integrationId, id: credentialId, status } = credential;
    const event = { integrationId, integrationType, credentialId, credential };
    if (status === CredentialStatus.VALID) {
      this.emit(SDK_EVENT.ON_INTEGRATION_INSTALL, event, structuredClone(session.user));
    }
    return event;
  }

  // ---- Configurations ----

  async createConfiguration(
    options: configurations.CreateConfigurationOptions,
  ): Promise<Configuration> {
    return configurations.create(this.#signedIn(), options);
  }

  async updateConfiguration(
    options: configurations.UpdateConfigurationOptions,
  ): Promise<Configuration> {
    return configurations.update(this.#signedIn(), options);
  }

  async destroyConfiguration(options: configurations.DeleteConfigurationOptions): Promise<void> {
    return configurations.destroy(this.#signedIn(), options);
  }

  // ---- Calls ----

  /** Calls the provider's own API with the user's account. */
  async request<T = unknown>(
    integrationType: string,
    path: string,
    options: ProxyRequestOptions = {},
  ): Promise<T | undefined> {
    const session = this.#signedIn();
    const base = `${session.environments.WORKER_PROXY_PUBLIC_URL}/projects/${session.projectId}`;
    const url = `${base}/sdk/proxy/${integrationType}/${path.replace(/^\//, "")}`;
    try {
      return await callProxy<T>(this.#browser, { url, token: session.token, options });
    } catch (error) {
      if (error instanceof ProxyRequestError && [401, 403].includes(error.status)) {
        // The account may have become invalid: learn its state before the application asks.
        await session.loadUser();
      }
      throw error;
    }
  }

  /** Sends an App Event to every workflow that listens for it. */
  async event(
    name: string,
    payload: Record<string, unknown>,
    { selectedCredentialId, selectedConfigurationId }: CredentialConfigOptions = {},
  ): Promise<void> {
    const session = this.#signedIn();
    if (selectedConfigurationId && !selectedCredentialId) {
      throw new InvalidUsageError("A configuration can be selected only along with its account.");
    }
    const base = `${session.environments.HERMES_PUBLIC_URL}/v2/projects/${session.projectId}`;
    await session.send(`${base}/sdk/events/trigger`, {
      method: "POST",
      headers: {
        ...(selectedCredentialId && { [CREDENTIAL_HEADER]: selectedCredentialId }),
        ...(selectedConfigurationId && { [CONFIGURATION_HEADER]: selectedConfigurationId }),
      },
      body: JSON.stringify({ name, payload }),
    });
  }

  /** Starts a workflow that waits for a request, and answers what it answers. */
  async workflow<T = unknown>(
    workflowId: string,
    { body = {}, query = {}, headers, ...selection }: WorkflowRequest = {},
  ): Promise<T | undefined> {
    const session = this.#signedIn();
    const { type } = session.catalogue.withWorkflow(workflowId);
    const selected = select([session.stateOf(type)], selection);
    if (selected && !selected.configuration.workflowSettings[workflowId]?.enabled) {
      throw new InvalidUsageError(`Workflow ${workflowId} is not enabled for this user.`);
    }
    const sent = new Headers(headers);
    for (const [name, value] of Object.entries(
      selected ? configurations.selectionHeaders(selected) : {},
    )) {
      sent.set(name, value);
    }
    const base = `${session.environments.HERMES_PUBLIC_URL}/projects/${session.projectId}`;
    return session.send<T>(`${base}/sdk/triggers/${workflowId}?${new URLSearchParams(query)}`, {
      method: "POST",
      headers: sent,
      body: JSON.stringify(body),
    });
  }

  /** Calls Gangway itself as the signed-in user; `path` begins below the project. */
  async sendConnectRequest<T>(
    path: string,
    init?: RequestInit,
    prefixWithProjectPath = true,
  ): Promise<T | undefined> {
    const session = this.#signedIn();
    return prefixWithProjectPath
      ? session.call<T>(path, init)
      : session.send<T>(`${session.environments.ZEUS_PUBLIC_URL}${path}`, init);
  }

  #reached(): Environments {
    if (!this.#environments) {
      throw new InvalidUsageError("Call configureGlobal({ host }) with Gangway's address first.");
    }
    return this.#environments;
  }

  #signedIn(): Session {
    if (!this.#session) {
      throw new UserNotAuthenticatedError();
    }
    return this.#session;
  }
}

/** The options as the server takes them: external ids bare, selections by id. */
function sendable(
  session: Session,
  integrationType: string,
  options: InstallOptions,
): InstallOptions {
  const selected = select([session.stateOf(integrationType)], options)?.credential.id;
  return {
    ...options,
    ...(options.externalId !== undefined && { externalId: externalIdOf(options.externalId) }),
    ...(selected !== undefined && { selectedCredentialId: selected }),
  };
}

function parametersOf(accountType: AccountType | undefined): Record<string, unknown> {
  const parameters = accountType?.oauthParameters ?? [];
  return Object.fromEntries(
    parameters.map(({ key, source }) => [key, source.type === "VALUE" ? source.value : undefined]),
  );
}
