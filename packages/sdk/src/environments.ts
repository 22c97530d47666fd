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
}

/** The environments of one host, given as `https://host:port`, or as a bare name for https. */
export function environmentsOf(host: string, overrides: Partial<Environments> = {}): Environments {
  const origin = originOf(host);
  const part = (name: keyof Environments) => withoutTrailingSlash(overrides[name] ?? origin);
  return {
    ZEUS_PUBLIC_URL: part("ZEUS_PUBLIC_URL"),
    HERMES_PUBLIC_URL: part("HERMES_PUBLIC_URL"),
    WORKER_PROXY_PUBLIC_URL: part("WORKER_PROXY_PUBLIC_URL"),
    CDN_PUBLIC_URL: part("CDN_PUBLIC_URL"),
  };
}

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
