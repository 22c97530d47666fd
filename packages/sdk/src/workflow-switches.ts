// Workflows that the user switches on and off, and the settings the user gives.

import { selectionHeaders } from "./configurations.ts";
import { InvalidUsageError } from "./errors.ts";
import { withCredential } from "./integration-state.ts";
import { defaultOf, type Selection, select } from "./selection.ts";
import type { Session } from "./session.ts";
import {
  type AuthenticatedConnectUser,
  type Configuration,
  type Credential,
  type CredentialConfigOptions,
  CredentialStatus,
  type Settings,
} from "./types.ts";

export interface SettingsResult {
  userState: AuthenticatedConnectUser;
  /** What the server found wrong with the values. */
  errors: string[];
}

/** Switches a workflow on or off for the selected configuration of the selected account. */
export async function switchWorkflow(
  session: Session,
  workflowId: string,
  enabled: boolean,
  options: CredentialConfigOptions,
): Promise<void> {
  const { type } = session.catalogue.withWorkflow(workflowId);
  const selection = selected(session, type, options);
  const { credential, configuration } = selection;
  if (enabled) {
    requireValid(credential);
  }
  const known = configuration.workflowSettings[workflowId];
  if ((known?.enabled ?? false) === enabled) {
    const state = enabled ? "on" : "off";
    throw new InvalidUsageError(`Workflow ${workflowId} is switched ${state} already.`);
  }
  await session.call(`/sdk/workflows/${workflowId}`, {
    method: enabled ? "POST" : "DELETE",
    headers: selectionHeaders(selection),
  });
  const workflowSettings = {
    ...configuration.workflowSettings,
    [workflowId]: { settings: {}, ...known, enabled },
  };
  adopt(session, type, credential, { ...configuration, workflowSettings });
}

export function changeSharedSettings(
  session: Session,
  integrationType: string,
  change: Settings,
  options: CredentialConfigOptions,
): Promise<SettingsResult> {
  const selection = validSelection(session, integrationType, options);
  const sharedSettings = { ...selection.configuration.sharedSettings, ...change };
  return store(session, integrationType, selection, { sharedSettings });
}

export function changeWorkflowSettings(
  session: Session,
  integrationType: string,
  { workflowId, change }: { workflowId: string; change: Settings },
  options: CredentialConfigOptions,
): Promise<SettingsResult> {
  const selection = validSelection(session, integrationType, options);
  const { workflowSettings } = selection.configuration;
  const known = workflowSettings[workflowId];
  if (!known) {
    throw new InvalidUsageError(`"${integrationType}" has no workflow ${workflowId} to set up.`);
  }
  const changed = { ...known, settings: { ...known.settings, ...change } };
  return store(session, integrationType, selection, {
    workflowSettings: { ...workflowSettings, [workflowId]: changed },
  });
}

async function store(
  session: Session,
  integrationType: string,
  selection: Selection,
  config: Partial<Pick<Configuration, "sharedSettings" | "workflowSettings">>,
): Promise<SettingsResult> {
  const changed = await session.callForCredential(`/sdk/credentials/${selection.credential.id}`, {
    method: "PATCH",
    headers: selectionHeaders(selection),
    body: JSON.stringify({ config }),
  });
  const { errors = [], ...credential } = changed as Credential & { errors?: string[] };
  session.change(integrationType, (state) => withCredential(state, credential));
  return { userState: structuredClone(session.user), errors };
}

/** What the options select; the selected account of the integration when they select nothing. */
export function selected(
  session: Session,
  integrationType: string,
  options: CredentialConfigOptions,
): Selection {
  const state = session.stateOf(integrationType);
  const named = select([state], options);
  const credential = state.allCredentials.find(({ id }) => id === state.credentialId);
  if (!named && !credential) {
    throw new InvalidUsageError(`No account of "${integrationType}" is connected.`);
  }
  return named ?? ({ credential, configuration: defaultOf(credential as Credential) } as Selection);
}

/** As `selected`, refusing an account that must be signed in again first. */
export function validSelection(
  session: Session,
  integrationType: string,
  options: CredentialConfigOptions,
): Selection {
  session.catalogue.activeIntegration(integrationType);
  const selection = selected(session, integrationType, options);
  requireValid(selection.credential);
  return selection;
}

function requireValid({ id, status }: Credential): void {
  if (status !== CredentialStatus.VALID) {
    throw new InvalidUsageError(`The account ${id} must be signed in again first.`);
  }
}

function adopt(
  session: Session,
  integrationType: string,
  credential: Credential,
  configuration: Configuration,
): void {
  const configurations = credential.configurations.map((other) =>
    other.id === configuration.id ? configuration : other,
  );
  session.change(integrationType, (state) =>
    withCredential(state, { ...credential, configurations }),
  );
}
