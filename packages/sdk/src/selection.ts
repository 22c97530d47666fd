// Which credential and which configuration a call means.

import { InvalidUsageError } from "./errors.ts";
import type {
  Configuration,
  Credential,
  CredentialConfigOptions,
  InstallOptions,
  SDKIntegration,
} from "./types.ts";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const EXTERNAL_PREFIX = "ext:";

export interface Selection {
  credential: Credential;
  configuration: Configuration;
}

/** What `options` select among `states`; nothing when they select nothing. */
export function select(
  states: SDKIntegration[],
  options: CredentialConfigOptions,
): Selection | undefined {
  const credentials = states.flatMap(({ allCredentials }) => allCredentials);
  const wanted = options.selectedCredentialId?.trim();
  const wantedConfiguration = options.selectedConfigurationId?.trim();
  const named = wanted ? credentialNamed(credentials, wanted) : undefined;
  if (wantedConfiguration) {
    return configurationNamed(named ? [named] : credentials, wantedConfiguration);
  }
  return named && { credential: named, configuration: defaultOf(named) };
}

function credentialNamed(credentials: Credential[], name: string): Credential {
  const matches = matcher(name);
  const credential = credentials.find(matches);
  if (!credential) {
    throw new InvalidUsageError(`This user has no connected account "${name}".`);
  }
  return credential;
}

function configurationNamed(credentials: Credential[], name: string): Selection {
  const matches = matcher(name);
  const found = credentials.flatMap((credential) =>
    credential.configurations
      .filter(matches)
      .map((configuration) => ({ credential, configuration })),
  );
  const [selection, another] = found;
  if (!selection) {
    throw new InvalidUsageError(`There is no configuration "${name}" on the selected account.`);
  }
  if (another) {
    throw new InvalidUsageError(`Several accounts have a configuration "${name}": select one.`);
  }
  return selection;
}

/** Ids and external ids share one namespace: what looks like a UUID is an id unless prefixed. */
function matcher(name: string): (thing: { id: string; externalId?: string }) => boolean {
  if (UUID.test(name)) {
    return ({ id }) => id === name;
  }
  const wanted = withoutPrefix(name);
  return ({ externalId }) => externalId === wanted;
}

function withoutPrefix(externalId: string): string {
  const trimmed = externalId.trim();
  return trimmed.startsWith(EXTERNAL_PREFIX)
    ? trimmed.slice(EXTERNAL_PREFIX.length).trim()
    : trimmed;
}

export function defaultOf(credential: Credential): Configuration {
  const configuration = credential.configurations.find(({ isDefault }) => isDefault);
  if (!configuration) {
    throw new InvalidUsageError(`The account ${credential.id} has no default configuration.`);
  }
  return configuration;
}

/** The external id as it will be stored, or a refusal when it is empty. */
export function externalIdOf(given: string): string {
  const externalId = withoutPrefix(given);
  if (externalId === "") {
    throw new InvalidUsageError("externalId must not be empty.");
  }
  return externalId;
}

/** Refuses an install that contradicts itself or what is connected already. */
export function checkInstall(
  integrationType: string,
  state: SDKIntegration,
  options: InstallOptions,
): void {
  checkExternalId(state, options);
  if (state.enabled && !options.allowMultipleCredentials && !options.selectedCredentialId) {
    throw new InvalidUsageError(`Integration "${integrationType}" is already installed.`);
  }
}

/** Refuses an external id that is taken, or given along with an account that has one. */
export function checkExternalId(
  state: SDKIntegration,
  { externalId, selectedCredentialId }: InstallOptions,
): void {
  if (externalId !== undefined) {
    const wanted = externalIdOf(externalId);
    if (selectedCredentialId) {
      throw new InvalidUsageError(
        "externalId names a new account and selectedCredentialId an existing one: give only one.",
      );
    }
    if (state.allCredentials.some((credential) => credential.externalId === wanted)) {
      throw new InvalidUsageError(
        `An account "${wanted}" is connected already. Use selectedCredentialId: "ext:${wanted}" to sign it in again.`,
      );
    }
  }
}
