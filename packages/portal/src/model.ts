// What the portal reads from Gangway.

import type { AccountType, Credential, Settings } from "@gangway/connect";

export type Theme = "light" | "dark" | "system";

/** How the host wants the portal to look. */
export interface Look {
  productName?: string | null;
  accentColor?: string | null;
  logoUrl?: string | null;
  theme: Theme;
  language?: string | null;
  texts: Record<string, Record<string, string>>;
}

export interface PortalAnswer {
  projectName: string;
  look: Look;
}

/** One thing to fill in. Which further members count depends on the type. */
export interface Input {
  id: string;
  type: string;
  title: string;
  subtitle?: string | null;
  tooltip?: string | null;
  placeholder?: string | null;
  required?: boolean;
  hidden?: boolean;
  defaultValue?: unknown;
  /** Choices, perhaps in sections. */
  values?: (Option | Section)[];
  /** The key of a source that tells the choices. */
  sourceKey?: string;
  sourceType?: string;
  source?: { cacheKey?: string };
  mainInputSource?: SourceName;
  dependentInputSource?: SourceName;
  recordSource?: SourceName;
  fieldSource?: SourceName;
  /** The application's own list or loader. */
  key?: string;
  customDropdownOptions?: Option[];
  objectName?: string;
  fields?: (string | { label: string })[];
  userCanCreateFields?: boolean;
  userCanRemoveMappings?: boolean;
  scopes?: (string | Option)[];
  requiredScopes?: string[];
  value?: string;
}

export type SourceName = string | { cacheKey?: string };

export interface Option {
  value: string;
  label: string;
  subtitle?: string;
}

export interface Section {
  title: string;
  items: Option[];
}

export interface WorkflowMeta {
  id: string;
  description?: string;
  infoText?: string;
  hidden?: boolean;
  order?: number;
  inputs: Input[];
}

export interface PortalIntegration {
  id: string;
  type: string;
  name: string;
  isActive: boolean;
  brandColor: string;
  providerType: string;
  configs: {
    values: {
      accentColor?: string;
      description?: string;
      overview?: string;
      sharedMeta?: { inputs?: Input[] };
      workflowMeta?: Record<string, WorkflowMeta>;
    };
  }[];
  workflows: { id: string; description: string }[];
  noPermissionWorkflows?: string[];
  customIntegration?: { slug?: string } | null;
  sdkIntegrationConfig: {
    accountTypes: AccountType[];
    authConfigInputs?: Input[];
    dataSources?: Record<string, { refreshDependencies?: string[] }>;
  };
}

/** A connected account, with what only our own server tells. */
export interface ConnectedAccount extends Credential {
  accountType?: string;
  statusReason?: { code?: string; message?: string } | string | null;
}

export interface Me {
  userId: string;
  integrations: Record<string, { allCredentials: ConnectedAccount[] }>;
}

/** The name by which the SDK's calls know an integration. */
export function slugOf(integration: PortalIntegration): string {
  return integration.customIntegration?.slug ?? integration.providerType ?? integration.type;
}

export interface Workflow {
  id: string;
  name: string;
  meta: WorkflowMeta;
}

/** The workflows that people see, in the host's order. */
export function workflowsOf(integration: PortalIntegration): Workflow[] {
  const metas = integration.configs[0]?.values.workflowMeta ?? {};
  const refused = new Set(integration.noPermissionWorkflows);
  return integration.workflows
    .map(({ id, description }) => ({ id, name: description, meta: metas[id] }))
    .filter((one): one is Workflow => one.meta !== undefined)
    .filter(({ id, meta }) => !meta.hidden && !refused.has(id))
    .sort((a, b) => (a.meta.order ?? Infinity) - (b.meta.order ?? Infinity) || 0);
}

/** What people call an account: whose it is and where. */
export function accountName(account: ConnectedAccount): string {
  const data = account.providerData ?? {};
  const who = data.displayName ?? data.name ?? data.email ?? account.providerId ?? account.id;
  const where = data.organization ?? data.organizationName;
  return where ? `${who} · ${where}` : String(who);
}

export function reasonOf(account: ConnectedAccount): string | undefined {
  const reason = account.statusReason;
  return typeof reason === "string" ? reason : (reason?.message ?? undefined);
}

/** The choices that an input brings along. */
export function listed(input: Input): (Option | Section)[] {
  const { customDropdownOptions = [], values = [] } = input;
  return customDropdownOptions.length > 0 ? customDropdownOptions : values;
}

/** Whether a required input is left blank. */
export function blank(input: Input, settings: Settings): boolean {
  if (!input.required || input.type === "COPYABLE_BUTTON_INPUT") return false;
  const value = settings[input.id] ?? input.defaultValue;
  return value === undefined || value === null || (typeof value === "string" && !value.trim());
}
