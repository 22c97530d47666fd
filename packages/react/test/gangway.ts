// A Gangway of one project and one integration, in memory.

import type { Credential } from "@gangway/connect";

export const HOST = "http://localhost:8080";
export const PROJECT = "018f0000-0000-7000-8000-000000000001";
const INTEGRATION = "018f0000-0000-7000-8000-000000000002";
const CREDENTIAL = "0c0ffee0-0000-4000-8000-000000000001";
const DATE = "2026-01-01T00:00:00Z";

export const credential: Credential = {
  id: CREDENTIAL,
  projectId: PROJECT,
  integrationId: INTEGRATION,
  personaId: PROJECT,
  isPreviewCredential: false,
  providerId: "ann",
  providerData: {},
  dateCreated: DATE,
  dateUpdated: DATE,
  dateRefreshed: DATE,
  status: "VALID",
  refreshFailureCount: 0,
  configurations: [],
};

export class Gangway {
  readonly calls: string[] = [];
  readonly credentials: Credential[] = [];
  refusal: object | undefined;
  unanswered = 0;

  readonly fetch = async (url: string, init: RequestInit = {}): Promise<Response> => {
    this.unanswered += 1;
    const method = init.method ?? "GET";
    this.calls.push(`${method} ${url}`);
    try {
      return this.refusal
        ? Response.json(this.refusal, { status: 401 })
        : this.#answer(method, new URL(url).pathname);
    } finally {
      this.unanswered -= 1;
    }
  };

  #answer(method: string, path: string): Response {
    if (method === "DELETE") {
      return new Response(null, { status: 204 });
    }
    return Response.json(path.endsWith("/me") ? this.#me() : [INTEGRATIONS]);
  }

  #me(): object {
    const [first] = this.credentials;
    const connected = first && { credentialId: first.id, credentialStatus: first.status };
    const state = { enabled: Boolean(first), allCredentials: this.credentials, ...connected };
    const integrations = { azuredevops: state };
    return { authenticated: true, userId: "ann", meta: {}, resources: [], integrations };
  }
}

const INTEGRATIONS = {
  id: INTEGRATION,
  projectId: PROJECT,
  type: "azuredevops",
  isActive: true,
  name: "Azure DevOps",
  brandColor: "#0078d4",
  configs: [{ values: {} }],
  workflows: [],
};

/** A token as the host's server would sign it, but for the signature. */
export function userToken(id = "1"): string {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");
  const exp = Math.floor(Date.now() / 1000) + 3600;
  return `${encode({ alg: "RS256" })}.${encode({ sub: "ann", exp, jti: id })}.signature`;
}
