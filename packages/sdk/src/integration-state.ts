// How one integration's state follows from its credentials. Pure: every function answers a new value.

import {
  type Configuration,
  type Credential,
  CredentialStatus,
  type SDKIntegration,
} from "./types.ts";

/** The state as the server tells it, with the list of configurations gathered. */
export function loaded(state: SDKIntegration): SDKIntegration {
  return { ...state, allConfigurations: configurationsOf(state.allCredentials) };
}

/** The state after `credential` came into being or changed. A new one becomes the selected one. */
export function withCredential(state: SDKIntegration, credential: Credential): SDKIntegration {
  const known = state.allCredentials.some(({ id }) => id === credential.id);
  const allCredentials = known
    ? state.allCredentials.map((other) => (other.id === credential.id ? credential : other))
    : [...state.allCredentials, credential];
  const next = { ...state, allCredentials, allConfigurations: configurationsOf(allCredentials) };
  const staysAside =
    known && state.credentialId !== undefined && state.credentialId !== credential.id;
  return staysAside ? next : selecting(next, credential, state.credentialConfigId);
}

/** The state after a credential is gone; the first of the others is selected in its place. */
export function withoutCredential(state: SDKIntegration, credentialId: string): SDKIntegration {
  const allCredentials = state.allCredentials.filter(({ id }) => id !== credentialId);
  const next = { ...state, allCredentials, allConfigurations: configurationsOf(allCredentials) };
  const [first] = allCredentials;
  if (first === undefined) {
    return { enabled: false, workflowSettings: {}, allCredentials: [], allConfigurations: [] };
  }
  return state.credentialId === credentialId ? selecting(next, first) : next;
}

/** The state with one configuration of one credential taken away. */
export function withoutConfiguration(
  state: SDKIntegration,
  configurationId: string,
): SDKIntegration {
  const allCredentials = state.allCredentials.map((credential) => ({
    ...credential,
    configurations: credential.configurations.filter(({ id }) => id !== configurationId),
  }));
  const next = { ...state, allCredentials, allConfigurations: configurationsOf(allCredentials) };
  const selected = allCredentials.find(({ id }) => id === state.credentialId);
  return selected && state.credentialConfigId === configurationId
    ? selecting(next, selected)
    : next;
}

/** The state with one credential and one of its configurations selected. */
export function selecting(
  state: SDKIntegration,
  credential: Credential,
  configurationId?: string,
): SDKIntegration {
  const configuration =
    credential.configurations.find(({ id }) => id === configurationId) ??
    credential.configurations.find(({ isDefault }) => isDefault);
  const { externalId: _, ...rest } = state;
  return {
    ...rest,
    enabled: credential.status === CredentialStatus.VALID,
    credentialId: credential.id,
    credentialStatus: credential.status,
    providerId: credential.providerId,
    providerData: credential.providerData,
    ...(configuration && settingsOf(configuration)),
  };
}

function settingsOf(configuration: Configuration): Partial<SDKIntegration> {
  return {
    credentialConfigId: configuration.id,
    configMeta: configuration.configMeta,
    sharedSettings: configuration.sharedSettings,
    workflowSettings: configuration.workflowSettings,
    configuredWorkflows: configuration.workflowSettings,
    ...(configuration.externalId !== undefined && { externalId: configuration.externalId }),
  };
}

function configurationsOf(credentials: Credential[]): Configuration[] {
  return credentials.flatMap(({ configurations }) => configurations);
}
