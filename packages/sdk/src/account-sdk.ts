// The SDK's third layer: connecting accounts and disconnecting them.

import { Attempt } from "./attempt.ts";
import { CREDENTIAL_HEADER } from "./client.ts";
import {
  asConnectError,
  errorBody,
  IntegrationNotInstalledError,
  InvalidUsageError,
  OAuthCancelledError,
  OAuthFailedError,
} from "./errors.ts";
import { callApplication, SDK_EVENT } from "./events.ts";
import { type CredentialForm, type FormValues, InstallFlow } from "./install-flow.ts";
import { withCredential, withoutCredential } from "./integration-state.ts";
import { Popup } from "./popup.ts";
import { type ConnectParams, PortalSDK } from "./portal-sdk.ts";
import { checkInstall, externalIdOf, select } from "./selection.ts";
import type { Session } from "./session.ts";
import {
  type AccountType,
  type AuthenticatedConnectUser,
  type Credential,
  type CredentialSelection,
  CredentialStatus,
  type InstallIntegrationOptions,
  type InstallOptions,
  type IntegrationInstallEvent,
  type UninstallResult,
} from "./types.ts";

export interface CompleteInstallOptions {
  authorizationCode: string;
  redirectUrl?: string;
  integrationOptions?: Record<string, unknown>;
}

export class AccountSDK extends PortalSDK {
  readonly installFlow: InstallFlow = new InstallFlow(this);
  #attempt: AbortController | undefined;

  override logout(): void {
    this.#attempt?.abort(new OAuthCancelledError());
    super.logout();
  }

  /**
   * Shows the Connect Portal for an integration. Resolves when an account is connected there; a
   * portal that is closed without leaves the promise open.
   */
  async connect(
    integrationType: string,
    params: ConnectParams = {},
  ): Promise<IntegrationInstallEvent> {
    this.signedIn();
    if (params.isApiInstallation) {
      const { dropdowns, mapObjectFields, ...install } = params;
      return this.installIntegration(integrationType, install);
    }
    if (this.isHeadless) {
      throw new InvalidUsageError(
        "Headless mode shows no portal: use installFlow, or installIntegration().",
      );
    }
    return this.openPortal(integrationType, params);
  }

  /** Signs in and reports by callbacks; `installIntegration` answers a promise. */
  startOAuthFlow(
    integrationType: string,
    options: InstallOptions & { endUserSuppliedValues?: FormValues },
    on: {
      onSuccess?: (event: IntegrationInstallEvent) => void;
      onError?: (error: unknown) => void;
      oauthTimeout?: number;
    } = {},
  ): void {
    const { endUserSuppliedValues = {}, ...install } = options;
    this.signIn(
      integrationType,
      { ...install, oauthTimeout: on.oauthTimeout },
      endUserSuppliedValues,
    ).then(
      (event) => callApplication(() => on.onSuccess?.(event)),
      (error) => callApplication(() => on.onError?.(error)),
    );
  }

  /** Connects an account by signing in. Call it inside the click: it opens the window at once. */
  async installIntegration(
    integrationType: string,
    options: InstallIntegrationOptions = {},
  ): Promise<IntegrationInstallEvent> {
    const { onInstall, onSuccess, onError, oauthTimeout, ...rest } = options;
    const { onUninstall, onWorkflowChange, onOpen, onClose, ...install } = rest;
    const callbacks = { onUninstall, onWorkflowChange, onOpen, onClose };
    try {
      if (install.bypassPostOAuthPrompt && install.showPortalAfterInstall) {
        throw new InvalidUsageError(
          "bypassPostOAuthPrompt and showPortalAfterInstall contradict each other: give only one.",
        );
      }
      this.closePortal();
      this.checkInstall(integrationType, install);
      this.subscribeToIntegration(integrationType, present(callbacks));
      const event = await this.signIn(integrationType, { ...install, oauthTimeout }, {});
      callApplication(() => (onInstall ?? onSuccess)?.(event, this.#user()));
      if (install.showPortalAfterInstall && !this.isHeadless) {
        this.showInstalled(integrationType, { ...install, isApiInstallation: true });
      }
      return event;
    } catch (error) {
      const reason = asConnectError(error);
      callApplication(() => onError?.(reason));
      throw reason;
    }
  }

  /** Disconnects an account, the selected one when none is named. */
  async uninstallIntegration(
    integrationType: string,
    options: CredentialSelection = {},
  ): Promise<UninstallResult | undefined> {
    const session = this.signedIn();
    const state = session.stateOf(integrationType);
    const credentialId = select([state], options)?.credential.id ?? state.credentialId;
    if (credentialId === undefined) {
      throw new IntegrationNotInstalledError(integrationType);
    }
    const integrationId = this.getIntegrationId(integrationType);
    const result = await session.call<UninstallResult>(`/sdk/integrations/${integrationId}`, {
      method: "DELETE",
      headers: { [CREDENTIAL_HEADER]: credentialId },
    });
    session.change(integrationType, (now) => withoutCredential(now, credentialId));
    const event = { integrationId, integrationType, credentialId };
    this.tell(SDK_EVENT.ON_INTEGRATION_UNINSTALL, integrationType, event);
    return result;
  }

  /** Refuses an install that cannot work, before a window is opened for it. */
  checkInstall(integrationType: string, options: InstallOptions): void {
    const session = this.signedIn();
    session.catalogue.activeIntegration(integrationType);
    checkInstall(integrationType, session.stateOf(integrationType), options);
  }

  /** Opens the sign-in window and answers the connected account. */
  async signIn(
    integrationType: string,
    options: InstallOptions & { oauthTimeout?: number | undefined },
    endUserSuppliedValues: FormValues,
  ): Promise<IntegrationInstallEvent> {
    const session = this.signedIn();
    const { oauthTimeout, overrideRedirectUrl, ...install } = options;
    const accountType = this.#signInType(integrationType, options.accountType);
    const origin = session.environments.ZEUS_PUBLIC_URL;
    const popup = Popup.open(this.browser, new URL(origin).origin);
    this.#attempt?.abort(new OAuthCancelledError());
    this.#attempt = new AbortController();
    const attempt = new Attempt(this.browser, popup, session, {
      integration: session.catalogue.integration(integrationType),
      installOptions: { ...sendable(session, integrationType, install), isApiInstallation: true },
      endUserSuppliedValues,
      parameters: parametersOf(accountType),
      redirectUrl: overrideRedirectUrl,
      timeoutMilliseconds: oauthTimeout,
      signal: this.#attempt.signal,
    });
    return this.#installed(session, integrationType, await attempt.run());
  }

  /** Stores an account that a form describes, or completes one. */
  async saveCredential(
    integrationType: string,
    { payload, installOptions, credentialId }: CredentialForm,
  ): Promise<IntegrationInstallEvent> {
    const session = this.signedIn();
    const path = credentialId === undefined ? "" : `/${credentialId}/complete-setup`;
    const credential = await session.callForCredential(`/sdk/credentials${path}`, {
      method: "POST",
      body: JSON.stringify({
        integrationId: this.getIntegrationId(integrationType),
        config: {},
        payload,
        installOptions: sendable(session, integrationType, installOptions),
      }),
    });
    return this.#installed(session, integrationType, credential);
  }

  #signInType(
    integrationType: string,
    given: InstallOptions["accountType"],
  ): AccountType | undefined {
    // Several leave the choice to the portal; signing in is the first of them.
    const id = Array.isArray(given) ? given[0] : given;
    const accountType = this.catalogue.accountType(integrationType, id);
    if (accountType && accountType.scheme !== "oauth") {
      throw new InvalidUsageError(
        `The account type "${accountType.id}" has a form to fill in: use installFlow.`,
      );
    }
    return accountType;
  }

  #installed(
    session: Session,
    integrationType: string,
    credential: Credential,
  ): IntegrationInstallEvent {
    session.change(integrationType, (state) => withCredential(state, credential));
    const { integrationId, id: credentialId, status } = credential;
    const event = { integrationId, integrationType, credentialId, credential };
    if (status === CredentialStatus.VALID) {
      this.tell(SDK_EVENT.ON_INTEGRATION_INSTALL, integrationType, event);
    }
    return event;
  }

  #user(): AuthenticatedConnectUser {
    return structuredClone(this.signedIn().user);
  }

  /** Gangway takes no code that it did not ask for, and says so; `connect()` is the way. */
  async completeInstall(
    integrationType: string,
    options: CompleteInstallOptions,
  ): Promise<IntegrationInstallEvent> {
    const session = this.signedIn();
    const integrationId = session.catalogue.activeIntegration(integrationType).id;
    const { authorizationCode: code, redirectUrl, integrationOptions = {} } = options;
    const credential = await session.callForCredential("/sdk/credentials", {
      method: "POST",
      body: JSON.stringify({ code, integrationId, redirectUrl, integrationOptions }),
    });
    return this.#installed(session, integrationType, credential);
  }

  // ---- What the portal calls ----

  /** Stores the account that the portal's own window or form brought. */
  async _oauthCallback(
    { integrationId, payload }: { integrationId: string; payload: unknown },
    credentialId?: string,
    { installOptions = this.shownOptions }: { installOptions?: InstallOptions } = {},
  ): Promise<IntegrationInstallEvent | undefined> {
    const integration = this.catalogue.byId(integrationId);
    if (!integration) {
      return undefined;
    }
    try {
      const event = await this.saveCredential(integration.type, {
        payload: payload as FormValues,
        installOptions,
        ...(credentialId !== undefined && { credentialId }),
      });
      this.setModalState({ connectionError: undefined });
      return event;
    } catch (error) {
      const { code, status, message, meta } = asConnectError(error);
      const connectionError = { code, status, message, meta, logOnInitialization: false };
      this.setModalState({ connectionError });
      this.emitError(asConnectError(error), integration.type);
      return undefined;
    }
  }

  /** Hears that connecting in the portal's own window failed. */
  async _oauthErrorCallback(
    error: unknown,
    event?: { data?: { errorResponse?: unknown; integrationId?: string } },
  ): Promise<void> {
    const data = event?.data;
    const integrationType = this.opened ?? this.catalogue.byId(data?.integrationId ?? "")?.type;
    const body = errorBody(data?.errorResponse ?? error, 0);
    this.setModalState({ connectionError: data ?? { ...body, logOnInitialization: false } });
    if (integrationType !== undefined) {
      this.emitError(new OAuthFailedError(body), integrationType);
    }
  }
}

/** The options as the server takes them: external ids bare, selections by id. */
function sendable(
  session: Session,
  integrationType: string,
  options: InstallOptions,
): InstallOptions {
  const selected = select([session.stateOf(integrationType)], options)?.credential.id;
  const { accountType, ...rest } = options;
  const [first] = [accountType].flat();
  return {
    ...rest,
    ...(first !== undefined && { accountType: first }),
    ...(options.externalId !== undefined && { externalId: externalIdOf(options.externalId) }),
    ...(selected !== undefined && { selectedCredentialId: selected }),
  };
}

function parametersOf(accountType: AccountType | undefined): Record<string, unknown> {
  const parameters = accountType?.oauthParameters ?? [];
  return Object.fromEntries(
    parameters.map(({ key, source }) => [key, source.type === "VALUE" ? source.value : undefined]),
  );
}

/** The entries that are given. */
function present<T extends object>(given: T): { [Key in keyof T]: NonNullable<T[Key]> } {
  const entries = Object.entries(given).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [Key in keyof T]: NonNullable<T[Key]> };
}
