// The SDK's second layer: the Connect Portal, and whom its events are told.

import type { Browser } from "./browser.ts";
import {
  DataSources,
  type Dropdowns,
  type LoadedOptions,
  type MapObjectFields,
  type MappingRequest,
  type SetDataSourcesConfig,
} from "./data-sources.ts";
import type { Environments } from "./environments.ts";
import { asConnectError } from "./errors.ts";
import { callApplication, type EventPayloads, SDK_EVENT } from "./events.ts";
import { type ActionInput, type InputSources, ofActionInput, ofInput } from "./input-sources.ts";
import { selecting } from "./integration-state.ts";
import { PortalFrame } from "./portal-frame.ts";
import type {
  PortalEvent,
  PortalFunctions,
  PortalIntegrationConfig,
  PortalState,
} from "./portal-messages.ts";
import { checkExternalId, select } from "./selection.ts";
import type {
  AuthenticatedConnectUser,
  CallbackMap,
  ConnectInput,
  CustomDropdownField,
  DataSource,
  InstallOptions,
  Integration,
  IntegrationInstallEvent,
} from "./types.ts";
import { UserSDK } from "./user-sdk.ts";

export interface ConnectParams extends InstallOptions, CallbackMap {
  /** Choices for the portal's custom dropdowns, as a list or a loader. */
  dropdowns?: Dropdowns;
  /** The application's own fields for the portal's field mappings. */
  mapObjectFields?: MapObjectFields;
  /** Milliseconds after which a sign-in window that the SDK opened is closed. */
  oauthTimeout?: number;
}

const CALLBACKS = {
  onIntegrationInstall: "onInstall",
  onIntegrationUninstall: "onUninstall",
  onWorkflowChange: "onWorkflowChange",
  onPortalOpen: "onOpen",
  onPortalClose: "onClose",
} as const satisfies Record<SDK_EVENT, keyof CallbackMap>;

const CLOSED: PortalState = {
  integration: null,
  overlayStyle: { overflow: "auto" },
  apiInstallationOptions: { isApiInstallation: false, showPortalAfterInstall: false },
};

export class PortalSDK extends UserSDK {
  readonly #frame: PortalFrame;
  readonly #callbacks = new Map<string, CallbackMap>();
  readonly #redirects = new Map<string, string>();
  protected readonly dataSources = new DataSources();
  #state: PortalState = CLOSED;

  constructor(host?: string | Partial<Environments>, browser?: Browser) {
    super(host, browser);
    this.#frame = new PortalFrame(this.browser, this as unknown as PortalFunctions);
  }

  override configureGlobal(given: { host: string }, overrides?: Partial<Environments>): void {
    super.configureGlobal(given, overrides);
    this.#frame.remove();
  }

  override logout(): void {
    this.#state = CLOSED;
    this.#frame.unlockScrolling();
    super.logout();
  }

  /** The frame, once the portal was opened. */
  get root(): HTMLIFrameElement | undefined {
    return this.#frame.element;
  }

  /** The type of the integration that the portal shows. */
  protected get opened(): string | undefined {
    const { integration } = this.#state;
    return integration ? this.catalogue.byId(integration.id)?.type : undefined;
  }

  /** The options of the connecting that the portal shows. */
  protected get shownOptions(): InstallOptions {
    const options = this.#state.apiInstallationOptions ?? {};
    const { selectedAccountConfig, selectedMultipleAccountTypes, ...install } = options;
    return install;
  }

  /** Shows the portal. Resolves when an account is connected in it, fails when that fails. */
  protected openPortal(
    integrationType: string,
    params: ConnectParams,
  ): Promise<IntegrationInstallEvent> {
    return new Promise((resolve, reject) => {
      const { onInstall, onSuccess, onError } = params;
      this.subscribeToIntegration(integrationType, {
        ...params,
        onInstall: (event, user) => {
          resolve(event);
          (onInstall ?? onSuccess)?.(event, user);
        },
        onError: (error) => {
          reject(error);
          onError?.(error);
        },
      });
      try {
        this.#open(integrationType, params);
      } catch (error) {
        this.emitError(asConnectError(error), integrationType);
      }
    });
  }

  #open(integrationType: string, params: ConnectParams): void {
    const session = this.signedIn();
    const integration = session.catalogue.activeIntegration(integrationType);
    const { dropdowns = {}, mapObjectFields = {}, selectedCredentialId } = params;
    checkExternalId(session.stateOf(integrationType), params);
    this.dataSources.add(integrationType, { dropdowns, mapObjectFields });
    this.#redirects.delete(integrationType);
    if (params.overrideRedirectUrl !== undefined) {
      this.#redirects.set(integrationType, params.overrideRedirectUrl);
    }
    const selection = select([session.stateOf(integrationType)], params);
    if (selection) {
      const { credential, configuration } = selection;
      session.change(integrationType, (state) => selecting(state, credential, configuration.id));
    }
    this.setModalState({
      ...this.#contents(integrationType, integration),
      apiInstallationOptions: this.#installOptions(integrationType, params),
      selectedCredentialId,
      connectionError: undefined,
      shouldShowPortalAfterInstall: false,
    });
  }

  /** Shows the portal's settings of an account that was connected a moment ago. */
  protected showInstalled(integrationType: string, options: InstallOptions): void {
    const integration = this.signedIn().catalogue.integration(integrationType);
    this.setModalState({
      ...this.#contents(integrationType, integration),
      apiInstallationOptions: this.#installOptions(integrationType, options),
      shouldShowPortalAfterInstall: true,
    });
  }

  #contents(
    integrationType: string,
    integration: Integration,
  ): Pick<PortalState, "integration" | "config"> {
    const values = integration.configs[0]?.values ?? {};
    return { integration, config: this.dataSources.filledIn(integrationType, values) };
  }

  #installOptions(
    integrationType: string,
    { accountType, ...params }: InstallOptions,
  ): NonNullable<PortalState["apiInstallationOptions"]> {
    const several = Array.isArray(accountType);
    return {
      isApiInstallation: params.isApiInstallation ?? false,
      showPortalAfterInstall: params.showPortalAfterInstall ?? false,
      bypassPostOAuthPrompt: params.bypassPostOAuthPrompt ?? false,
      allowMultipleCredentials: params.allowMultipleCredentials ?? false,
      ...(params.selectedCredentialId && { selectedCredentialId: params.selectedCredentialId }),
      ...(params.selectedConfigurationId && {
        selectedConfigurationId: params.selectedConfigurationId,
      }),
      ...(params.externalId !== undefined && { externalId: params.externalId }),
      ...(accountType !== undefined && { accountType }),
      selectedMultipleAccountTypes: several ? accountType : undefined,
      selectedAccountConfig: several
        ? undefined
        : this.catalogue.accountType(integrationType, accountType),
    };
  }

  closePortal(): void {
    this.onClose(true);
  }

  // ---- What the portal calls ----

  setModalState(change: Partial<PortalState>): void {
    this.#state = { ...this.#state, ...change };
    this.changed();
  }

  updateContainerStyle({ isModalShown }: { isModalShown: boolean }): void {
    this.#frame.show(isModalShown);
  }

  onOpen(): void {
    this.#tellOfPortal(SDK_EVENT.ON_PORTAL_OPEN);
    this.#frame.lockScrolling();
  }

  onClose(forceClose = false): void {
    const { integration, apiInstallationOptions } = this.#state;
    if (!integration) {
      return;
    }
    this.#tellOfPortal(SDK_EVENT.ON_PORTAL_CLOSE);
    this.#frame.unlockScrolling();
    if (forceClose || !apiInstallationOptions?.isApiInstallation) {
      this.setModalState({ integration: null });
    }
  }

  updateAuthenticatedUser(change: Partial<AuthenticatedConnectUser>): void {
    const session = this.signedIn();
    const { integrations, meta, resources } = { ...session.user, ...change };
    session.user = { ...session.user, integrations, meta, resources };
  }

  _loadCustomDropdownOptions(
    key: string,
    cursor?: string,
    search?: string,
  ): Promise<LoadedOptions> {
    return this.dataSources.load(this.opened, key, cursor, search);
  }

  _fetchBYOFieldMappingOptions(
    integrationType: string,
    mappingType: string,
    mappingKey: string,
    parameters?: MappingRequest,
  ): Promise<LoadedOptions> {
    return this.dataSources.loadMapping(integrationType, mappingType, mappingKey, parameters);
  }

  triggerSDKEvent({ type, integrationId, integrationType, ...workflow }: PortalEvent): void {
    const { workflowId = "", workflowStateChange = {} } = workflow;
    if (type === SDK_EVENT.ON_WORKFLOW_CHANGE) {
      this.tell(type, integrationType, { integrationId, workflowId, workflowStateChange });
    } else {
      const state = this.signedIn().stateOf(integrationType);
      const credential = state.allCredentials.find(({ id }) => id === state.credentialId);
      const installed = type === SDK_EVENT.ON_INTEGRATION_INSTALL && credential;
      this.tell(type as typeof SDK_EVENT.ON_INTEGRATION_INSTALL, integrationType, {
        integrationId,
        integrationType,
        ...(installed && { credentialId: credential.id, credential }),
      });
    }
  }

  // ---- Whom events are told ----

  /** Callbacks for one integration; they take the place of the ones before. */
  subscribeToIntegration(integrationType: string, callbacks: CallbackMap): void {
    this.#callbacks.set(integrationType, callbacks);
  }

  emitError(error: Error, integrationType: string): void {
    callApplication(() => this.#callbacks.get(integrationType)?.onError?.(error));
  }

  protected tell<Event extends SDK_EVENT>(
    event: Event,
    integrationType: string,
    payload: EventPayloads[Event],
  ): void {
    const user = structuredClone(this.signedIn().user);
    const callbacks = this.#callbacks.get(integrationType);
    callApplication(() => callbacks?.[CALLBACKS[event]]?.(payload as never, user));
    this.emit(event, payload, user);
  }

  #tellOfPortal(event: typeof SDK_EVENT.ON_PORTAL_OPEN | typeof SDK_EVENT.ON_PORTAL_CLOSE): void {
    const { integration } = this.#state;
    const integrationType = this.opened;
    if (integration && integrationType !== undefined) {
      this.tell(event, integrationType, { integrationId: integration.id, integrationType });
    }
  }

  protected override changed(): void {
    super.changed();
    if (this.isHeadless) {
      return;
    }
    const { session, opened } = this;
    this.#frame.update(
      {
        user: session ? { ...session.user, token: session.token } : { authenticated: false },
        projectId: session?.projectId,
        environments: session?.environments ?? ({} as Environments),
        project: session?.project,
        endUserIntegrationConfig: opened === undefined ? undefined : this.#ownConfig(opened),
      },
      this.#state,
    );
  }

  #ownConfig(integrationType: string): PortalIntegrationConfig {
    return {
      mapObjectFields: this.dataSources.mappings(integrationType),
      overrideRedirectUrl: this.#redirects.get(integrationType),
    };
  }

  // ---- Choices that the application supplies ----

  /** Supplies choices and fields for every form, in place of those supplied before. */
  setDataSources(config: SetDataSourcesConfig): void {
    this.dataSources.set(config);
  }

  resolveCustomDropdownSource(
    key: string | undefined,
    integrationType: string,
  ): CustomDropdownField[] | null {
    return this.dataSources.options(integrationType, key ?? "") ?? null;
  }

  /** Without `integrationType`: whether the integration that the portal shows has a loader. */
  hasCustomDropdownLoader(key: string | undefined, integrationType = this.opened): boolean {
    return this.dataSources.loader(integrationType, key ?? "") !== undefined;
  }

  async getDataSourceOptions(
    integrationType: string,
    key: string,
  ): Promise<DataSource | undefined> {
    return structuredClone(this.catalogue.dataSource(integrationType, key));
  }

  getSourcesForInput(integrationType: string, input: ConnectInput): InputSources | null {
    return ofInput(this.catalogue, this.dataSources, integrationType, input);
  }

  getSourcesForActionInput(input: ActionInput): InputSources | null {
    return ofActionInput(input);
  }
}
