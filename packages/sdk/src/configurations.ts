// Several sets of user settings on one credential.

import { CONFIGURATION_HEADER, CREDENTIAL_HEADER } from "./client.ts";
import { InvalidUsageError } from "./errors.ts";
import { withCredential, withoutConfiguration } from "./integration-state.ts";
import { externalIdOf, type Selection } from "./selection.ts";
import type { Session } from "./session.ts";
import { type Configuration, type Credential, CredentialStatus } from "./types.ts";

export interface CreateConfigurationOptions {
  credentialId: string;
  externalId?: string;
}

export interface DeleteConfigurationOptions {
  id: string;
  credentialId: string;
}

export interface UpdateConfigurationOptions extends DeleteConfigurationOptions {
  meta: Record<string, unknown>;
}

export async function create(
  session: Session,
  { credentialId, externalId }: CreateConfigurationOptions,
): Promise<Configuration> {
  const { credential } = session.selected({ selectedCredentialId: credentialId });
  if (credential.status !== CredentialStatus.VALID) {
    throw new InvalidUsageError(`The account ${credential.id} must be signed in again first.`);
  }
  const known = new Set(credential.configurations.map(({ id }) => id));
  const body = externalId === undefined ? {} : { externalId: externalIdOf(externalId) };
  const changed = await session.callForCredential(pathOf(credential), {
    method: "POST",
    body: JSON.stringify(body),
  });
  adopt(session, changed);
  return found(changed.configurations.find(({ id }) => !known.has(id)));
}

export async function update(
  session: Session,
  { id, credentialId, meta }: UpdateConfigurationOptions,
): Promise<Configuration> {
  const selection = selected(session, { id, credentialId });
  const changed = await session.callForCredential(pathOf(selection.credential), {
    method: "PATCH",
    body: JSON.stringify({ meta }),
    headers: selectionHeaders(selection),
  });
  adopt(session, changed);
  return found(changed.configurations.find((other) => other.id === selection.configuration.id));
}

export async function destroy(
  session: Session,
  options: DeleteConfigurationOptions,
): Promise<void> {
  const selection = selected(session, options);
  const { credential, configuration } = selection;
  if (configuration.isDefault) {
    throw new InvalidUsageError("The default configuration cannot be deleted.");
  }
  await session.call(pathOf(credential), {
    method: "DELETE",
    headers: selectionHeaders(selection),
  });
  session.change(session.typeOf(credential), (state) =>
    withoutConfiguration(state, configuration.id),
  );
}

/** The headers by which a call says which account and which configuration it means. */
export function selectionHeaders({ credential, configuration }: Selection): Record<string, string> {
  return { [CREDENTIAL_HEADER]: credential.id, [CONFIGURATION_HEADER]: configuration.id };
}

function selected(session: Session, { id, credentialId }: DeleteConfigurationOptions): Selection {
  if (!id?.trim() || !credentialId?.trim()) {
    throw new InvalidUsageError("Say which configuration is meant: give id and credentialId.");
  }
  return session.selected({ selectedCredentialId: credentialId, selectedConfigurationId: id });
}

function adopt(session: Session, credential: Credential): void {
  session.change(session.typeOf(credential), (state) => withCredential(state, credential));
}

function found(configuration: Configuration | undefined): Configuration {
  if (!configuration) {
    throw new InvalidUsageError("The server's answer lacks the configuration.");
  }
  return configuration;
}

function pathOf({ id }: Credential): string {
  return `/sdk/credentials/${id}/configurations`;
}
