// One attempt to connect an account by signing in, from the opened window to the credential.

import { type Browser, pause } from "./browser.ts";
import {
  ConnectRequestError,
  errorBody,
  OAuthClosedError,
  OAuthFailedError,
  OAuthTimeoutError,
} from "./errors.ts";
import type { Popup, PopupMessage } from "./popup.ts";
import type { Session } from "./session.ts";
import type { Credential, Integration } from "./types.ts";

const POLL_MILLISECONDS = 1_000;
const CLOSED_CHECK_MILLISECONDS = 250;
/** A little more than the server gives an attempt, so that the server's own sentence comes first. */
const LONGEST_ATTEMPT_MILLISECONDS = 11 * 60 * 1_000;
const KEY_BYTES = 16;

export interface AttemptRequest {
  integration: Integration;
  installOptions: Record<string, unknown>;
  endUserSuppliedValues: Record<string, unknown>;
  parameters: Record<string, unknown>;
  redirectUrl?: string | undefined;
  timeoutMilliseconds?: number | undefined;
  /** Ends the attempt; its reason becomes the attempt's error. */
  signal: AbortSignal;
}

/** What the server tells about an attempt under way. */
interface Progress {
  connectCredentialId?: string;
  error?: unknown;
}

export class Attempt {
  readonly #browser: Browser;
  readonly #popup: Popup;
  readonly #session: Session;
  readonly #request: AttemptRequest;
  readonly #key: string;
  readonly #over = new AbortController();
  #answered = false;

  constructor(browser: Browser, popup: Popup, session: Session, request: AttemptRequest) {
    this.#browser = browser;
    this.#popup = popup;
    this.#session = session;
    this.#request = request;
    this.#key = randomKey(browser);
  }

  /** The connected account, by whichever way it becomes known first. */
  async run(): Promise<Credential> {
    const { signal } = this.#request;
    const stop = () => this.#over.abort(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    try {
      return await Promise.race([
        this.#byAnswer(),
        this.#walk().then(() => this.#byPolling()),
        this.#untilClosed(),
        this.#untilTimeout(),
      ]);
    } finally {
      signal.removeEventListener("abort", stop);
      this.#over.abort();
      this.#popup.close();
      this.#forget();
    }
  }

  /** Leads the window to the provider, past our own page that binds it to this browser. */
  async #walk(): Promise<void> {
    const loaded = new Promise<void>((resolve) => {
      this.#popup.listen(({ type }) => {
        if (type === "oauth-nonce-loaded") {
          resolve();
        }
      }, this.#over.signal);
    });
    const authorizeUrl = this.#authorizeUrl();
    const ticket = await this.#ticket();
    const { environments, projectId } = this.#session;
    const noncePage = `${environments.ZEUS_PUBLIC_URL}/projects/${projectId}/sdk/actions/oauth-nonce`;
    this.#popup.navigate(`${noncePage}?ticket=${encodeURIComponent(ticket)}`);
    const [url] = await Promise.all([authorizeUrl, loaded]);
    this.#over.signal.throwIfAborted();
    this.#popup.navigate(url);
  }

  /** A one-time stand-in for the user token, which must not appear in an address. */
  async #ticket(): Promise<string> {
    const answer = await this.#action<{ ticket: string }>("oauth-nonce", {
      method: "POST",
      body: JSON.stringify({
        integrationId: this.#request.integration.id,
        originForPostMessage: this.#browser.location.origin,
      }),
    });
    return required(answer?.ticket);
  }

  async #authorizeUrl(): Promise<string> {
    const { integration, redirectUrl } = this.#request;
    const query = new URLSearchParams({
      action: integration.type,
      integrationId: integration.id,
      endUserSuppliedValues: JSON.stringify(this.#request.endUserSuppliedValues),
      parameters: JSON.stringify(this.#request.parameters),
      originForPostMessage: this.#browser.location.origin,
      isPreviewMode: "false",
      installOptions: JSON.stringify(this.#request.installOptions),
      oauthMetaKeyId: this.#key,
      ...(redirectUrl !== undefined && { redirectUrl }),
    });
    const answer = await this.#action<{ redirectUrl: string }>(`build-oauth?${query}`);
    return required(answer?.redirectUrl);
  }

  #action<T>(path: string, init: RequestInit = {}): Promise<T | undefined> {
    const { environments, projectId } = this.#session;
    const base = `${environments.ZEUS_PUBLIC_URL}/v2/projects/${projectId}/sdk/actions`;
    return this.#session.send<T>(`${base}/${path}`, { ...init, signal: this.#over.signal });
  }

  /** What our own page in the window says when the provider has sent the user back. */
  async #byAnswer(): Promise<Credential> {
    const payload = await new Promise<unknown>((resolve, reject) => {
      this.#popup.listen((message) => {
        const answer = answerIn(message, this.#request.integration.id);
        if (answer === undefined) {
          return;
        }
        this.#answered = true;
        if ("error" in answer) {
          reject(answer.error);
        } else {
          resolve(answer.payload);
        }
      }, this.#over.signal);
    });
    return this.#session.callForCredential("/sdk/credentials", {
      method: "POST",
      body: JSON.stringify({
        integrationId: this.#request.integration.id,
        config: {},
        payload,
        installOptions: this.#request.installOptions,
      }),
    });
  }

  /** Works also when the provider's page has cut the window off from this one. */
  async #byPolling(): Promise<Credential> {
    for (;;) {
      await pause(this.#browser, POLL_MILLISECONDS, this.#over.signal);
      const credential = await this.#progress();
      if (credential) {
        return credential;
      }
    }
  }

  async #untilClosed(): Promise<Credential> {
    while (!this.#popup.closedByUser) {
      await pause(this.#browser, CLOSED_CHECK_MILLISECONDS, this.#over.signal);
    }
    const credential = await this.#progress();
    if (credential) {
      return credential;
    }
    return this.#answered ? forever() : Promise.reject(new OAuthClosedError());
  }

  async #untilTimeout(): Promise<never> {
    const milliseconds = this.#request.timeoutMilliseconds ?? LONGEST_ATTEMPT_MILLISECONDS;
    await pause(this.#browser, milliseconds, this.#over.signal);
    throw new OAuthTimeoutError();
  }

  async #progress(): Promise<Credential | undefined> {
    const progress = await this.#patiently<Progress>(this.#sessionPath);
    if (progress?.error !== undefined) {
      throw new OAuthFailedError(errorBody(progress.error, 0));
    }
    const id = progress?.connectCredentialId;
    return id === undefined
      ? undefined
      : await this.#patiently<Credential>(`/sdk/credentials/${id}`);
  }

  /** A call whose failure is no news: it is made again a moment later. */
  async #patiently<T>(path: string): Promise<T | undefined> {
    try {
      return await this.#session.call<T>(path, { signal: this.#over.signal });
    } catch (error) {
      if (error instanceof ConnectRequestError && error.status !== 401) {
        return undefined;
      }
      throw error;
    }
  }

  #forget(): void {
    // The server forgets an attempt by itself too, so nothing is lost when this fails.
    this.#session.call(this.#sessionPath, { method: "DELETE" }).catch(() => undefined);
  }

  get #sessionPath(): string {
    return `/sdk/actions/session-id/${this.#key}`;
  }
}

type Answer = { payload: unknown } | { error: OAuthFailedError };

function answerIn(message: PopupMessage, integrationId: string): Answer | undefined {
  switch (message.type) {
    case "oauth_success_callback": {
      const credential = message.credential as { integrationId?: string; payload?: unknown };
      return credential?.integrationId === integrationId
        ? { payload: credential.payload }
        : undefined;
    }
    case "oauth_error_callback":
      return {
        error: new OAuthFailedError(errorBody(message.errorResponse ?? message.error, 0)),
      };
    default:
      return undefined;
  }
}

function required<T>(value: T | undefined): T {
  if (value === undefined) {
    const message = "The server's answer lacks what connecting needs: is this address Gangway's?";
    throw new ConnectRequestError(errorBody({ message, code: "unexpected_answer" }, 0));
  }
  return value;
}

function randomKey(browser: Browser): string {
  const bytes = browser.crypto.getRandomValues(new Uint8Array(KEY_BYTES));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function forever(): Promise<never> {
  return new Promise(() => undefined);
}
