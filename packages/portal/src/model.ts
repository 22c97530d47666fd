// What the portal reads from Gangway.

import type {
  ConnectInput,
  Credential,
  InputOption,
  InputSection,
  InputSource,
  Integration,
  Settings,
  WorkflowMeta,
} from "@gangway/connect";

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
export type { ConnectInput as Input, InputOption as Option, InputSection as Section };
export type SourceName = string | InputSource;

/** An integration, with what only our own server tells. */
export interface PortalIntegration extends Integration {
  providerType: string;
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
export function listed(input: ConnectInput): (InputOption | InputSection)[] {
  const { customDropdownOptions = [], values = [] } = input;
  return customDropdownOptions.length > 0 ? customDropdownOptions : values;
}

/** Whether a required input is left blank. */
export function blank(input: ConnectInput, settings: Settings): boolean {
  if (!input.required || input.type === "COPYABLE_BUTTON_INPUT") return false;
  const value = settings[input.id] ?? input.defaultValue;
  return value === undefined || value === null || (typeof value === "string" && !value.trim());
}
