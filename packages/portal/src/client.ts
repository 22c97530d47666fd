// Calls of Gangway in the user's name. The portal and the API have one origin.

import type { Me, PortalAnswer, PortalIntegration } from "./model.ts";

/** A refusal, with the sentence that the server gave for people. */
export class Refusal extends Error {
  readonly code: string;
  readonly status: number;
  readonly body: unknown;

  constructor(message: string, code: string, status: number, body: unknown) {
    super(message);
    this.code = code;
    this.status = status;
    this.body = body;
  }
}

export interface Account {
  credentialId?: string | undefined;
  configurationId?: string | undefined;
}

export class Client {
  readonly projectId: string;
  readonly #token: string;

  constructor(projectId: string, token: string) {
    this.projectId = projectId;
    this.#token = token;
  }

  /** Whether messages of this origin may open the portal, and how it looks. */
  portal(origin: string): Promise<PortalAnswer> {
    return this.call("GET", `/sdk/portal?origin=${encodeURIComponent(origin)}`);
  }

  me(): Promise<Me> {
    return this.call("GET", "/sdk/me");
  }

  integrations(): Promise<PortalIntegration[]> {
    return this.call("GET", "/sdk/integrations");
  }

  async call<T>(method: string, path: string, body?: unknown, account: Account = {}): Promise<T> {
    return this.#send(`/projects/${this.projectId}${path}`, method, body, account);
  }

  /** The newer routes of the pop-up. */
  async action<T>(method: string, path: string, body?: unknown): Promise<T> {
    return this.#send(`/v2/projects/${this.projectId}/sdk/actions/${path}`, method, body, {});
  }

  async #send<T>(url: string, method: string, body: unknown, account: Account): Promise<T> {
    const headers = new Headers({
      Authorization: `Bearer ${this.#token}`,
      Accept: "application/json",
    });
    if (body !== undefined) headers.set("Content-Type", "application/json");
    if (account.credentialId) headers.set("X-Paragon-Credential", account.credentialId);
    if (account.configurationId) {
      headers.set("X-Paragon-Configuration-Id", account.configurationId);
    }
    const init: RequestInit = { method, headers };
    if (body !== undefined) init.body = JSON.stringify(body);
    const response = await fetch(url, init);
    const text = await response.text();
    const answer = text === "" ? undefined : parsed(text);
    if (response.ok) return answer as T;
    const told = (answer ?? {}) as { message?: string; code?: string };
    throw new Refusal(told.message ?? text, told.code ?? "unknown", response.status, answer);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
