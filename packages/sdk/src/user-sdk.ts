// The SDK's first layer: which server, which user, and what may be known of the project.

import type { Browser } from "./browser.ts";
import { Catalogue } from "./catalogue.ts";
import { type Environments, environmentsOf } from "./environments.ts";
import { InvalidUsageError, UserNotAuthenticatedError } from "./errors.ts";
import { callApplication, EventEmitter } from "./events.ts";
import { Session } from "./session.ts";
import type {
  AccountType,
  ConnectInput,
  ConnectUser,
  Integration,
  IntegrationConfig,
  IntegrationMetadata,
  PersonaMeta,
} from "./types.ts";

export const VERSION = "0.1.0";

export class UserSDK extends EventEmitter {
  isHeadless = false;
  protected readonly browser: Browser;
  #environments: Environments | undefined;
  #session: Session | undefined;
  readonly #watchers = new Set<() => void>();

  /** `host` is as in `configureGlobal`. Nothing is fetched before `authenticate`. */
  constructor(host?: string | Partial<Environments>, browser: Browser = globalThis as never) {
    super();
    this.browser = browser;
    const origin = typeof host === "object" ? host.ZEUS_PUBLIC_URL : host;
    if (origin !== undefined) {
      this.#environments = environmentsOf(origin, typeof host === "object" ? host : {});
    }
  }

  /** Names the Gangway server: `https://gangway.example.com`, or `http://localhost:8080`. */
  configureGlobal({ host }: { host: string }, overrides?: Partial<Environments>): void {
    this.#environments = environmentsOf(host, overrides);
    this.logout();
  }

  getVersion(): string {
    return VERSION;
  }

  /** With headless mode on, the application draws the steps of connecting itself. */
  setHeadless(headless: boolean): void {
    this.isHeadless = headless;
  }

  /** The address at which the vendor keeps a picture. Gangway has none there yet. */
  getAssetUrl(name: string): string {
    return `${this.#reached().DASHBOARD_PUBLIC_URL}/images/${name}.png`;
  }

  /** Signs a user in with a token that the application's own server has signed for them. */
  async authenticate(
    projectId: string,
    token: string,
    options: { metadata?: PersonaMeta } = {},
  ): Promise<void> {
    if (!projectId || !token) {
      throw new InvalidUsageError("authenticate() needs the project's id and a user token.");
    }
    this.logout();
    const session = new Session(
      this.browser,
      this.#reached(),
      { projectId, token },
      {
        ended: (ended) => this.#end(ended),
        changed: () => this.changed(),
      },
    );
    this.#session = session;
    try {
      await session.load();
      await session.tell(options.metadata ?? {});
    } catch (error) {
      this.#end(session);
      throw error;
    }
  }

  getUser(): ConnectUser {
    return this.#session ? structuredClone(this.#session.user) : { authenticated: false };
  }

  async setUserMetadata(meta: PersonaMeta): Promise<ConnectUser> {
    const session = this.signedIn();
    await session.tell(meta);
    await session.load();
    return this.getUser();
  }

  /** Forgets the user. Connected accounts stay connected. */
  logout(): void {
    this.#session = undefined;
    this.changed();
  }

  #end(session: Session): void {
    if (session === this.#session) {
      this.logout();
    }
  }

  get catalogue(): Catalogue {
    return this.#session?.catalogue ?? new Catalogue();
  }

  getIntegrationMetadata(): IntegrationMetadata[];
  getIntegrationMetadata(integrationType: string): IntegrationMetadata;
  getIntegrationMetadata(integrationType?: string): IntegrationMetadata | IntegrationMetadata[] {
    return integrationType === undefined
      ? this.catalogue.metadata()
      : this.catalogue.metadataOf(integrationType);
  }

  getIntegrationConfig(integrationType: string): IntegrationConfig {
    return structuredClone(this.catalogue.config(integrationType));
  }

  getIntegrationId(integrationType: string): string {
    return this.catalogue.integration(integrationType).id;
  }

  getAccountTypeOptions(integrationType: string): AccountType[] {
    return structuredClone(this.catalogue.accountTypes(integrationType));
  }

  getPreOptions(integrationType: string, accountTypeId = "default"): ConnectInput[] {
    return structuredClone(this.catalogue.preOptions(integrationType, accountTypeId));
  }

  getPostOptions(integrationType: string): ConnectInput[] {
    return structuredClone(this.catalogue.postOptions(integrationType));
  }

  getIntegrationBySlug(integrationType: string): Integration {
    return structuredClone(this.catalogue.integration(integrationType));
  }

  /** Refuses an integration that the project lacks or has switched off. */
  validateAction(integrationType: string): void {
    this.signedIn().catalogue.activeIntegration(integrationType);
  }

  /** Headless mode is part of every Gangway: nothing is refused. */
  ensureHeadlessIsSupported(): void {
    this.signedIn();
  }

  /** Calls `listener` whenever the user or what is known of them changes, until taken off again. */
  watchUser(listener: () => void): () => void {
    this.#watchers.add(listener);
    return () => this.#watchers.delete(listener);
  }

  /** Called whenever something is known that was not before. */
  protected changed(): void {
    for (const listener of this.#watchers) {
      callApplication(listener);
    }
  }

  protected get session(): Session | undefined {
    return this.#session;
  }

  #reached(): Environments {
    if (!this.#environments) {
      throw new InvalidUsageError("Call configureGlobal({ host }) with Gangway's address first.");
    }
    return this.#environments;
  }

  protected signedIn(): Session {
    if (!this.#session) {
      throw new UserNotAuthenticatedError();
    }
    return this.#session;
  }
}
