// One integration of the signed-in user: its accounts, and connecting them.

import {
  asConnectError,
  type ConnectError,
  type ConnectParams,
  type Credential,
  type InstallIntegrationOptions,
  type IntegrationInstallEvent,
  type IntegrationMetadata,
  type SDKIntegration,
} from "@gangway/connect";
import { useCallback, useState } from "react";
import { useGangway } from "./provider.tsx";

export interface IntegrationHandle {
  /** Name, icon and colour, once they are known. */
  metadata: IntegrationMetadata | undefined;
  /** The user's settings and selected account. */
  state: SDKIntegration | undefined;
  accounts: Credential[];
  connected: boolean;
  /** True while a sign-in window is open or an account is being disconnected. */
  busy: boolean;
  /** Why the last attempt failed. */
  error: ConnectError | undefined;
  /** Shows the Connect Portal. */
  open: (params?: ConnectParams) => void;
  /** Connects an account without the portal. Call it inside the click. */
  install: (options?: InstallIntegrationOptions) => Promise<IntegrationInstallEvent | undefined>;
  /** Disconnects one account, the selected one when none is named. */
  disconnect: (credentialId?: string) => Promise<void>;
}

/** The active integrations of the project; none before the user is signed in. */
export function useIntegrations(): IntegrationMetadata[] {
  const { gangway, status } = useGangway();
  return status === "ready" ? gangway.getIntegrationMetadata() : [];
}

/** Everything a component needs to offer one integration. */
export function useIntegration(integrationType: string): IntegrationHandle {
  const { gangway, user } = useGangway();
  const metadata = useIntegrations().find(({ type }) => type === integrationType);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ConnectError>();
  const state = user.authenticated ? user.integrations[integrationType] : undefined;

  const attempt = useCallback(async <T>(work: () => Promise<T>): Promise<T | undefined> => {
    setBusy(true);
    setError(undefined);
    try {
      return await work();
    } catch (failure) {
      setError(asConnectError(failure));
      return undefined;
    } finally {
      setBusy(false);
    }
  }, []);

  const open = useCallback(
    (params: ConnectParams = {}) => {
      setError(undefined);
      gangway
        .connect(integrationType, params)
        .catch((failure) => setError(asConnectError(failure)));
    },
    [gangway, integrationType],
  );
  const install = useCallback(
    (options?: InstallIntegrationOptions) =>
      attempt(() => gangway.installIntegration(integrationType, options)),
    [attempt, gangway, integrationType],
  );
  const disconnect = useCallback(
    async (credentialId?: string) => {
      const selected = credentialId === undefined ? {} : { selectedCredentialId: credentialId };
      await attempt(() => gangway.uninstallIntegration(integrationType, selected));
    },
    [attempt, gangway, integrationType],
  );

  const accounts = state?.allCredentials ?? [];
  const connected = state?.enabled ?? false;
  return { metadata, state, accounts, connected, busy, error, open, install, disconnect };
}
