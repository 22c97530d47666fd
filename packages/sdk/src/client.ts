// One call to the server: its headers, its answer, its error.

import type { Browser } from "./browser.ts";
import { ConnectRequestError, type ErrorBody, errorBody, ProxyRequestError } from "./errors.ts";
import type { ProxyRequestOptions } from "./types.ts";

/** The version of the vendor's SDK whose calls these are: the server adapts its answers to it. */
const PROTOCOL_VERSION = "2.4.0";
const VERSION_HEADER = "X-Paragon-SDK-Version";
export const CREDENTIAL_HEADER = "X-Paragon-Credential";
export const CONFIGURATION_HEADER = "X-Paragon-Configuration-Id";

/** Asks the server to tell JSON from other text by itself. */
const CONTENT_TYPE_AUTO = "auto";

/** Refusals that concern the integration and not the user's own session. */
const INTEGRATION_REFUSALS = new Set(["7210", "7003", "0704"]);

export interface Call {
  url: string;
  token: string;
  init?: RequestInit;
}

/** Calls the management API and answers its JSON; nothing for an empty answer. */
export async function call<T>(
  browser: Browser,
  { url, token, init }: Call,
): Promise<T | undefined> {
  const headers = headersOf(token, init?.headers);
  setDefault(headers, "Accept", "application/json");
  setDefault(headers, "Content-Type", "application/json");
  const response = await fetched(browser, url, { ...init, headers });
  const body = await bodyOf(response);
  if (!response.ok) {
    throw new ConnectRequestError(errorBody(body, response.status));
  }
  return body as T | undefined;
}

/** Calls the provider through the proxy and answers what it answered. */
export async function callProxy<T>(
  browser: Browser,
  { url, token, options }: { url: string; token: string; options: ProxyRequestOptions },
): Promise<T | undefined> {
  const headers = headersOf(token, options.headers);
  setDefault(headers, "Accept", "application/json");
  if (options.selectedCredentialId !== undefined) {
    headers.set(CREDENTIAL_HEADER, options.selectedCredentialId);
  }
  const init: RequestInit = { method: options.method ?? "GET", headers };
  if (isJson(options.body)) {
    setDefault(headers, "Content-Type", "application/json");
    init.body = JSON.stringify(options.body);
  } else if (options.body !== undefined && options.body !== null) {
    if (typeof options.body === "string") {
      setDefault(headers, "Content-Type", CONTENT_TYPE_AUTO);
    }
    init.body = options.body as BodyInit;
  }
  const response = await fetched(browser, url, init);
  const body = await bodyOf(response);
  if (!response.ok) {
    throw new ProxyRequestError(errorBody(body, response.status), body);
  }
  return body as T | undefined;
}

/** Whether a refusal means that the user's own session is over. */
export function endsSession(error: unknown): boolean {
  return (
    error instanceof ConnectRequestError &&
    error.status === 401 &&
    error.meta.isIntegrationError !== true &&
    !INTEGRATION_REFUSALS.has(error.code)
  );
}

function headersOf(token: string, given: HeadersInit | undefined): Headers {
  const headers = new Headers(given);
  headers.set("Authorization", `Bearer ${token}`);
  headers.set(VERSION_HEADER, PROTOCOL_VERSION);
  return headers;
}

function setDefault(headers: Headers, name: string, value: string): void {
  if (!headers.has(name)) {
    headers.set(name, value);
  }
}

async function fetched(browser: Browser, url: string, init: RequestInit): Promise<Response> {
  try {
    return await browser.fetch(url, { ...init, referrerPolicy: "no-referrer" });
  } catch (error) {
    if (init.signal?.aborted) {
      throw init.signal.reason;
    }
    throw new ConnectRequestError(unreachable(url, error));
  }
}

function unreachable(url: string, error: unknown): ErrorBody {
  const reason = error instanceof Error ? error.message : String(error);
  const message = `Gangway at ${new URL(url).origin} could not be reached. Check the connection and try again. (${reason})`;
  return { message, code: "unreachable", status: 0, meta: {} };
}

async function bodyOf(response: Response): Promise<unknown> {
  const text = await response.text();
  if (text === "") {
    return undefined;
  }
  const type = response.headers.get("Content-Type") ?? "";
  if (!/[/+]json\b/i.test(type)) {
    return text;
  }
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Plain objects and arrays; what `fetch` can send by itself is not JSON to us. */
function isJson(body: ProxyRequestOptions["body"]): body is object {
  if (typeof body !== "object" || body === null) {
    return false;
  }
  const prototype = Object.getPrototypeOf(body);
  return Array.isArray(body) || prototype === null || prototype === Object.prototype;
}
