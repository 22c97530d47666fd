// Where Gangway is reached. One origin serves everything; each part may be moved on its own.

import { InvalidUsageError } from "./errors.ts";

/** Origins by part, under the names that applications already use for them. */
export interface Environments {
  /** Users, integrations, credentials, connecting. */
  ZEUS_PUBLIC_URL: string;
  /** App Events and workflows started by a request. */
  HERMES_PUBLIC_URL: string;
  /** Proxied calls. */
  WORKER_PROXY_PUBLIC_URL: string;
  /** Icons. */
  CDN_PUBLIC_URL: string;
  /** The Connect Portal. */
  CONNECT_PUBLIC_URL: string;
  /** Pictures. */
  DASHBOARD_PUBLIC_URL: string;
  /** Triggers that agents subscribe to. */
  API_TRIGGER_KIT_PUBLIC_URL: string;
  /** Where providers send users back to. */
  PASSPORT_PUBLIC_URL: string;
  PASSPORT_PRODUCTION_URL: string;
}

/** The environments of one host, given as `https://host:port`, or as a bare name for https. */
export function environmentsOf(host: string, overrides: Partial<Environments> = {}): Environments {
  const origin = originOf(host);
  const parts = PARTS.map((name) => [name, withoutTrailingSlash(overrides[name] ?? origin)]);
  return Object.fromEntries(parts) as unknown as Environments;
}

const PARTS = [
  "ZEUS_PUBLIC_URL",
  "HERMES_PUBLIC_URL",
  "WORKER_PROXY_PUBLIC_URL",
  "CDN_PUBLIC_URL",
  "CONNECT_PUBLIC_URL",
  "DASHBOARD_PUBLIC_URL",
  "API_TRIGGER_KIT_PUBLIC_URL",
  "PASSPORT_PUBLIC_URL",
  "PASSPORT_PRODUCTION_URL",
] as const satisfies (keyof Environments)[];

function originOf(host: string): string {
  try {
    return new URL(/^https?:\/\//i.test(host) ? host : `https://${host}`).origin;
  } catch {
    throw new InvalidUsageError(`"${host}" is not the address of a Gangway server.`);
  }
}

function withoutTrailingSlash(url: string): string {
  return url.replace(/\/+$/, "");
}
