// What travels between the browser and Gangway, and what the SDK hands to the application.

import type { DataSourceType, DynamicFieldMappingLoaderType } from "./vocabulary.ts";

/** Everything Gangway knows about the signed-in user, as the application sees it. */
export type ConnectUser = { authenticated: false } | AuthenticatedConnectUser;

export interface AuthenticatedConnectUser {
  authenticated: true;
  userId: string;
  /** One entry for each integration of the project, connected or not. */
  integrations: Record<string, SDKIntegration>;
  meta: PersonaMeta;
  resources: SDKResource[];
}

/** Free-form facts about a user. `Name` and `Email` are the two that dashboards show. */
export type PersonaMeta = { Name?: string; Email?: string } & Record<string, unknown>;

export interface SDKResource {
  id: string;
  slug: string;
  credentialId?: string;
  credentialStatus?: CredentialStatus;
  integrationId?: string;
}

/** How far one integration is connected for the signed-in user. */
export interface SDKIntegration {
  /** True exactly when the selected credential is `VALID`. */
  enabled: boolean;
  credentialId?: string;
  credentialStatus?: CredentialStatus;
  credentialConfigId?: string;
  providerId?: string;
  providerData?: ProviderData;
  /** The external id of the selected configuration. */
  externalId?: string;
  sharedSettings?: Settings;
  workflowSettings?: WorkflowSettings;
  /** The older name of `workflowSettings`. */
  configuredWorkflows?: WorkflowSettings;
  configMeta?: Record<string, unknown>;
  allCredentials: Credential[];
  allConfigurations: Configuration[];
}

export const CredentialStatus = {
  PENDING: "PENDING",
  INVALID: "INVALID",
  VALID: "VALID",
} as const;
export type CredentialStatus = (typeof CredentialStatus)[keyof typeof CredentialStatus];

export type ProviderData = Record<string, string | number | boolean>;
export type Settings = Record<string, unknown>;
export type WorkflowSettings = Record<string, { enabled: boolean; settings: Settings }>;

/** One connected account. It never carries a token. */
export interface Credential {
  id: string;
  projectId: string;
  integrationId: string;
  personaId: string;
  isPreviewCredential: boolean;
  providerId: string;
  providerData: ProviderData;
  dateCreated: string;
  dateUpdated: string;
  dateRefreshed: string;
  dateValidUntil?: string;
  status: CredentialStatus;
  refreshFailureCount: number;
  /** Permissions asked for since the account was connected; connecting it again grants them. */
  missingScopes?: string[];
  /** The application's own name for the account, given when it was connected. */
  externalId?: string;
  configurations: Configuration[];
}

/** One set of user settings on a credential. */
export interface Configuration {
  id: string;
  dateCreated: string;
  dateUpdated: string;
  connectCredentialId: string;
  workflowSettings: WorkflowSettings;
  sharedSettings: Settings;
  configMeta: Record<string, unknown>;
  externalId?: string;
  /** True for exactly one configuration of each credential. */
  isDefault: boolean;
}

/** An integration as it is set up in the project. */
export interface Integration {
  id: string;
  projectId: string;
  type: string;
  isActive: boolean;
  name: string;
  brandColor: string;
  configs: { values: IntegrationValues }[];
  workflows: IntegrationWorkflow[];
  noPermissionWorkflows?: string[];
  authenticationType?: AuthenticationScheme;
  customIntegration?: { slug?: string } | null;
  sdkIntegrationConfig?: {
    accountTypes?: AccountType[];
    authConfigInputs?: ConnectInput[];
    postOauthInputs?: ConnectInput[];
    dataSources?: Record<string, DataSource>;
  } | null;
}

/** A deployed workflow. */
export interface IntegrationWorkflow {
  id: string;
  description: string;
  integrationId?: string;
  resourceId?: string | null;
  customWebhookTriggerId?: string | null;
}

/** What the host developer set up for the portal. */
export interface IntegrationValues {
  accentColor?: string;
  /** Whether the portal's foot names its maker. */
  paragonLink?: boolean;
  description?: string | null;
  overview?: string | null;
  sharedMeta?: { inputs?: ConnectInput[] };
  workflowMeta?: Record<string, WorkflowMeta>;
}

export interface WorkflowMeta {
  id: string;
  description?: string;
  infoText?: string;
  defaultEnabled?: boolean;
  hidden?: boolean;
  order?: number;
  inputs: ConnectInput[];
  permissions?: unknown;
}

export type AuthenticationScheme =
  | "basic"
  | "oauth"
  | "oauth_client_credential"
  | "service_account"
  | "oauth_app"
  | "impersonated_app";

/** One way to connect an account: signing in at the provider, or filling in a form. */
export interface AccountType {
  id: string;
  scheme: AuthenticationScheme;
  accountDescription?: string;
  oauthParameters?: { key: string; source: { type: string; value?: unknown } }[];
  endUserSuppliedValues?: ConnectInput[];
  skipPostOAuthInputs?: boolean;
}

/** One field of a form. */
export interface ConnectInput {
  id: string;
  title: string;
  type: string;
  subtitle?: string | null;
  placeholder?: string | null;
  /** A field that does not say is required. */
  required?: boolean;
  defaultValue?: unknown;
  documentationLink?: string;
  documentationLinkLabel?: string;
  prefixLabel?: string;
  suffixLabel?: string;
  hidden?: boolean;
  tooltip?: string;
  /** Names the source of the choices: a key of the integration's `dataSources`. */
  sourceType?: string;
  /** Names choices that the application supplies. */
  key?: string;
  customDropdownOptions?: CustomDropdownField[];
  /** Whether the application's choices are loaded anew at each opening. */
  refreshOnOpen?: boolean;
  /** Names the application's object whose fields are mapped. */
  dynamicObjectName?: string;
  /** Choices that stand in the workflow itself, perhaps in sections. */
  values?: (InputOption | InputSection)[];
  /** The key of the source that tells the choices, and the source itself. */
  sourceKey?: string;
  source?: InputSource;
  /** The sources of a choice on which a second one depends. */
  mainInputSource?: string | InputSource;
  dependentInputSource?: string | InputSource;
  /** The sources of a field mapping: the provider's objects, and the fields of one. */
  recordSource?: string | InputSource;
  fieldSource?: string | InputSource;
  /** The application's fields that are mapped. */
  fields?: (string | { label: string })[];
  userCanCreateFields?: boolean;
  userCanRemoveMappings?: boolean;
  /** The scopes of a permission that people may choose, and those that they must. */
  scopes?: (string | InputOption)[];
  requiredScopes?: string[];
  /** What there is to copy. */
  value?: string;
}

/** A source by its key. */
export interface InputSource {
  cacheKey?: string;
}

export interface CustomDropdownField {
  label: string;
  value: string;
}

export interface InputOption extends CustomDropdownField {
  subtitle?: string;
}

/** Choices under a title. */
export interface InputSection {
  title: string;
  items: InputOption[];
}

/** Where the choices of a field come from, as the server describes it. */
export interface DataSource {
  type: DataSourceType;
  title: string;
  subtitle?: string;
  id?: string;
  cacheKey?: string;
  values?: unknown[];
  supportPagination?: boolean;
  refreshDependencies?: string[];
  recordSource?: DataSource;
  fieldSource?: DataSource;
  mainInputSource?: DataSource;
  dependentInputSource?: DataSource;
  dependentFieldInputSource?: DataSource;
  variableInputSource?: DataSource;
  dynamicFieldMappingKey?: string;
  dynamicFieldMappingType?: DynamicFieldMappingLoaderType;
}

export interface IntegrationMetadata {
  type: string;
  name: string;
  icon: string;
  brandColor: string;
}

type ListedWorkflow = Omit<WorkflowMeta, "order" | "permissions">;

export interface IntegrationConfig {
  shortDescription?: string;
  longDescription?: string;
  availableUserSettings?: ConnectInput[];
  availableWorkflows: ListedWorkflow[];
  hiddenWorkflows: ListedWorkflow[];
}

export interface IntegrationInstallEvent {
  integrationId: string;
  integrationType: string;
  credentialId?: string;
  credential?: Credential;
}

/** What became of an account that was disconnected. */
export interface UninstallResult {
  /** Whether the access was withdrawn at the provider too. */
  revokedAtProvider: boolean;
  /** The same as a sentence for people. */
  message: string;
}

export interface CredentialSelection {
  /** A credential's id, or its external id, which may be written `ext:<id>`. */
  selectedCredentialId?: string;
}

export interface CredentialConfigOptions extends CredentialSelection {
  selectedConfigurationId?: string;
}

export interface InstallOptions extends CredentialConfigOptions {
  /** One account type by id. Several leave the choice among them to the portal. */
  accountType?: string | string[];
  isApiInstallation?: boolean;
  /** Open the portal's settings as soon as the account is connected. */
  showPortalAfterInstall?: boolean;
  bypassPostOAuthPrompt?: boolean;
  /** Connect another account although one is connected already. */
  allowMultipleCredentials?: boolean;
  /** The application's own name for the account that is about to be connected. */
  externalId?: string;
  /** A redirect address of the application's own in place of Gangway's. */
  overrideRedirectUrl?: string;
}

export interface InstallIntegrationOptions extends InstallOptions, CallbackMap {
  /** Milliseconds after which the sign-in window is closed. */
  oauthTimeout?: number;
}

/** What an application wants to hear of one integration. */
export interface CallbackMap {
  onInstall?: (event: IntegrationInstallEvent, user: AuthenticatedConnectUser) => void;
  /** The older name of `onInstall`, called when that is not given. */
  onSuccess?: (event: IntegrationInstallEvent, user: AuthenticatedConnectUser) => void;
  onUninstall?: (event: IntegrationInstallEvent, user: AuthenticatedConnectUser) => void;
  onWorkflowChange?: (event: WorkflowStateChangeEvent, user: AuthenticatedConnectUser) => void;
  onOpen?: (event: PortalOpenEvent, user: AuthenticatedConnectUser) => void;
  onClose?: (event: PortalOpenEvent, user: AuthenticatedConnectUser) => void;
  onError?: (error: Error) => void;
}

export interface PortalOpenEvent {
  integrationId: string;
  integrationType: string;
}

export interface WorkflowStateChangeEvent {
  integrationId: string;
  workflowId: string;
  workflowStateChange: { enabled?: boolean; settings?: Settings };
}

export interface UpdateWorkflowStateResponse {
  user: ConnectUser;
  errors: { workflowId: string; message: string }[];
}

export interface ProxyRequestOptions extends CredentialSelection {
  method?: string;
  /** Objects and arrays are sent as JSON; everything else as it is. */
  body?: BodyInit | object | null;
  headers?: HeadersInit;
}

export interface WorkflowRequest extends CredentialConfigOptions {
  body?: object;
  query?: Record<string, string>;
  headers?: HeadersInit;
}
