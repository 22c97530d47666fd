// What the SDK and the Connect Portal in its frame tell each other. The messages are those of the
// vendor's SDK 2.4.0, so that the portal works in a page with either; types only, imported by both.

import type { Mapping } from "./data-sources.ts";
import type { Environments } from "./environments.ts";
import type {
  AccountType,
  AuthenticatedConnectUser,
  ConnectInput,
  CredentialConfigOptions,
  InstallOptions,
  Integration,
  IntegrationInstallEvent,
  IntegrationValues,
  Settings,
} from "./types.ts";

/** SDK to portal: everything the portal draws, sent on load and whenever any of it changes. */
export interface UIUpdateMessage {
  messageType: "UI_UPDATE";
  nextContext: PortalContext;
  nextModalState: PortalState;
}

/** Who looks at the portal, and where Gangway is. */
export interface PortalContext {
  user: { authenticated: false } | PortalUser;
  projectId?: string | undefined;
  environments: Environments;
  project?: PortalProject | undefined;
  /** What the page gave along with `connect()` for the integration that is open. */
  endUserIntegrationConfig?: PortalIntegrationConfig | undefined;
}

/** The portal, unlike the page, is told the user token: it calls Gangway in the user's name. */
export type PortalUser = AuthenticatedConnectUser & { token: string };

export interface PortalProject {
  id: string;
  billingPlan?: string;
  accessibleFeatures?: string[];
}

export interface PortalIntegrationConfig {
  overrideRedirectUrl?: string | undefined;
  /** Lists of fields as data; loaders stay with the SDK, see `_fetchBYOFieldMappingOptions`. */
  mapObjectFields?: Record<string, Mapping> | undefined;
}

/** What is open in the portal. */
export interface PortalState {
  /** Nothing is open when it is null. */
  integration: Integration | null;
  config?: IntegrationValues | undefined;
  overlayStyle?: Record<string, string>;
  contentStyle?: Record<string, string>;
  popupProps?: Record<string, string>;
  hideCross?: boolean;
  tabView?: "overview" | "configuration";
  isPreviewMode?: boolean;
  apiInstallationOptions?: InstallOptions & {
    selectedAccountConfig?: AccountType | undefined;
    selectedMultipleAccountTypes?: string[] | undefined;
  };
  /** Why the last attempt to connect failed. */
  connectionError?: unknown;
  selectedCredentialId?: string | undefined;
  /** Connected by `installIntegration({ showPortalAfterInstall: true })`: show its settings now. */
  shouldShowPortalAfterInstall?: boolean;
}

/** Portal to SDK: calls a function of the SDK. `id` comes back in the answer. */
export interface SDKFunctionInvocationMessage<
  Name extends PortalFunctionName = PortalFunctionName,
> {
  messageType: "SDK_FUNCTION_INVOCATION";
  id: string;
  type: Name;
  parameters: Parameters<PortalFunctions[Name]>;
}

/** SDK to portal: what the function answered. */
export interface SDKFunctionResponseMessage<Name extends PortalFunctionName = PortalFunctionName> {
  messageType: "SDK_FUNCTION_RESPONSE";
  id: string;
  type: Name;
  result: Awaited<ReturnType<PortalFunctions[Name]>>;
}

/** SDK to portal: the function failed. */
export interface SDKFunctionErrorMessage {
  messageType: "SDK_FUNCTION_ERROR";
  error: true;
  id: string;
  message: string;
}

export type PortalFunctionName = keyof PortalFunctions;

/** The functions that the portal may call; any other name is refused. */
export interface PortalFunctions {
  /** Shows or hides the frame. */
  updateContainerStyle(style: { isModalShown: boolean }): void;
  onOpen(): void;
  onClose(forceClose?: boolean): void;
  setModalState(change: Partial<PortalState>): void;
  triggerSDKEvent(event: PortalEvent): void;
  updateAuthenticatedUser(change: Partial<AuthenticatedConnectUser>): void;
  sendConnectRequest(
    path: string,
    init?: RequestInit,
    prefixWithProjectPath?: boolean,
  ): Promise<unknown>;
  /** Stores the account of a sign-in or a form; with `credentialId`, completes that one. */
  _oauthCallback(
    response: { integrationId: string; payload: unknown },
    credentialId?: string,
    options?: { installOptions?: InstallOptions },
  ): Promise<IntegrationInstallEvent | undefined>;
  _oauthErrorCallback(error: unknown, event?: unknown): Promise<void>;
  uninstallIntegration(
    integrationType: string,
    options?: { selectedCredentialId?: string },
  ): Promise<unknown>;
  enableWorkflow(workflowId: string, options?: CredentialConfigOptions): Promise<void>;
  disableWorkflow(workflowId: string, options?: CredentialConfigOptions): Promise<void>;
  updateIntegrationUserSettings(
    integrationType: string,
    change: Settings,
    options?: CredentialConfigOptions,
  ): Promise<{ userState: AuthenticatedConnectUser; errors: string[] }>;
  updateWorkflowUserSettings(
    integrationType: string,
    workflowId: string,
    change: Settings,
    options?: CredentialConfigOptions,
  ): Promise<{ userState: AuthenticatedConnectUser; errors: string[] }>;
  getFieldOptions(options: PortalFieldOptionsRequest): Promise<PortalFieldOptions>;
  _loadCustomDropdownOptions(
    key: string,
    cursor?: string,
    search?: string,
  ): Promise<{ options: PortalOption[]; nextPageCursor: string | null }>;
  _fetchBYOFieldMappingOptions(
    integrationType: string,
    mappingType: "objectTypes" | "integrationFields",
    mappingKey: string,
    parameters?: { objectType?: string; cursor?: string; search?: string },
  ): Promise<{ options: PortalOption[]; nextPageCursor: string | null }>;
}

export interface PortalEvent {
  type: string;
  integrationId: string;
  integrationType: string;
  workflowId?: string;
  workflowStateChange?: { enabled?: boolean; settings?: Settings };
}

export interface PortalOption {
  label: string;
  value: string;
}

export interface PortalFieldOptionsRequest {
  integration: string;
  action?: string;
  source?: { cacheKey?: string };
  search?: string;
  cursor?: string | number | false;
  parameters?: { key: string; source: { type: string; value?: unknown } }[];
  selectedCredentialId?: string;
}

export interface PortalFieldOptions {
  data: (PortalOption & { subtitle?: string })[] | { title: string; items: PortalOption[] }[];
  /** Descriptions of further fields, where the source answers those. */
  nestedData: ConnectInput[];
  nextPageCursor: string | null;
}
