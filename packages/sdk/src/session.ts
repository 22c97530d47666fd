// One signed-in user: what is known about them, and the calls made in their name. A new session
// is made at every sign-in, so an answer that comes late changes nothing of somebody else's.

import type { Browser } from "./browser.ts";
import { Catalogue } from "./catalogue.ts";
import { call, endsSession } from "./client.ts";
import type { Environments } from "./environments.ts";
import { InvalidUsageError } from "./errors.ts";
import * as integrationState from "./integration-state.ts";
import * as personaMeta from "./persona-meta.ts";
import type { PortalProject } from "./portal-messages.ts";
import { type Selection, select } from "./selection.ts";
import type {
  AuthenticatedConnectUser,
  Credential,
  CredentialConfigOptions,
  Integration,
  PersonaMeta,
  SDKIntegration,
} from "./types.ts";
import { userIdOf } from "./user-token.ts";

/** `GET /sdk/me`. */
type Me = Pick<AuthenticatedConnectUser, "integrations" | "meta" | "resources"> & {
  project?: PortalProject;
};

export class Session {
  readonly projectId: string;
  readonly token: string;
  readonly environments: Environments;
  catalogue = new Catalogue();
  #user: AuthenticatedConnectUser;
  readonly #browser: Browser;
  readonly #onEnded: (session: Session) => void;
  readonly #onChanged: () => void;
  project: PortalProject | undefined;

  constructor(
    browser: Browser,
    environments: Environments,
    { projectId, token }: { projectId: string; token: string },
    on: { ended: (session: Session) => void; changed: () => void },
  ) {
    this.#browser = browser;
    this.#onEnded = on.ended;
    this.#onChanged = on.changed;
    this.environments = environments;
    this.projectId = projectId;
    this.token = token;
    this.#user = {
      authenticated: true,
      userId: userIdOf(token, Date.now()),
      integrations: {},
      meta: {},
      resources: [],
    };
  }

  get user(): AuthenticatedConnectUser {
    return this.#user;
  }

  set user(user: AuthenticatedConnectUser) {
    this.#user = user;
    this.#onChanged();
  }

  /** Learns everything anew: the user and the project's integrations. */
  async load(): Promise<void> {
    const [, integrations] = await Promise.all([
      this.loadUser(),
      this.call<Integration[]>("/sdk/integrations"),
    ]);
    this.catalogue = new Catalogue(present(integrations), this.environments.CDN_PUBLIC_URL);
  }

  async loadUser(): Promise<void> {
    const me = present(await this.call<Me>("/sdk/me"));
    this.project = me.project;
    const states = Object.entries(me.integrations).map(([type, state]) => [
      type,
      integrationState.loaded(state),
    ]);
    this.user = {
      ...this.user,
      meta: me.meta,
      resources: me.resources,
      integrations: Object.fromEntries(states),
    };
  }

  /** Tells the server about the user what it does not know yet. */
  async tell(metadata: PersonaMeta): Promise<void> {
    const meta = personaMeta.normalized(metadata);
    if (personaMeta.changes(meta, this.user.meta)) {
      await this.call("/sdk/me", { method: "PATCH", body: JSON.stringify({ meta }) });
      this.user = { ...this.user, meta: { ...this.user.meta, ...meta } };
    }
  }

  /** Calls the management API; `path` begins below the project. */
  call<T>(path: string, init?: RequestInit): Promise<T | undefined> {
    const { ZEUS_PUBLIC_URL: origin } = this.environments;
    return this.send<T>(`${origin}/projects/${this.projectId}${path}`, init);
  }

  /** A call that answers a credential. */
  async callForCredential(path: string, init: RequestInit): Promise<Credential> {
    return present(await this.call<Credential>(path, init));
  }

  async send<T>(url: string, init: RequestInit = {}): Promise<T | undefined> {
    try {
      return await call<T>(this.#browser, { url, token: this.token, init });
    } catch (error) {
      if (endsSession(error)) {
        this.#onEnded(this);
      }
      throw error;
    }
  }

  stateOf(integrationType: string): SDKIntegration {
    this.catalogue.integration(integrationType);
    const none = { enabled: false, allCredentials: [], allConfigurations: [] };
    return this.user.integrations[integrationType] ?? none;
  }

  change(integrationType: string, change: (state: SDKIntegration) => SDKIntegration): void {
    const changed = change(this.stateOf(integrationType));
    const integrations = { ...this.user.integrations, [integrationType]: changed };
    this.user = { ...this.user, integrations };
  }

  /** The credential and configuration that `options` mean, of whichever integration. */
  selected(options: CredentialConfigOptions): Selection {
    const selection = select(Object.values(this.user.integrations), options);
    if (!selection) {
      throw new InvalidUsageError("Say which account is meant: credentialId is missing.");
    }
    return selection;
  }

  /** The type of the integration that a known credential belongs to. */
  typeOf({ id }: Credential): string {
    const found = Object.entries(this.user.integrations).find(([, { allCredentials }]) =>
      allCredentials.some((credential) => credential.id === id),
    );
    if (!found) {
      throw new InvalidUsageError(`This user has no connected account "${id}".`);
    }
    return found[0];
  }
}

function present<T>(answer: T | undefined): T {
  if (answer === undefined) {
    throw new InvalidUsageError("The server's answer is empty: is this address Gangway's?");
  }
  return answer;
}
