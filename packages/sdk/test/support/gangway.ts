// A Gangway of one project and one integration, in memory: what the SDK talks to in these tests.

import type { Configuration, Credential, Integration } from "../../src/types.ts";

export const ORIGIN = "http://localhost:8080";
export const PROJECT = "018f0000-0000-7000-8000-000000000001";
export const WORKFLOW = "018f0000-0000-7000-8000-000000000003";
export const INTEGRATION = "018f0000-0000-7000-8000-000000000002";

export interface SeenCall {
  method: string;
  url: string;
  headers: Record<string, string>;
  body: unknown;
}

type Answer = { status?: number; json?: unknown; text?: string };
type Override = (call: SeenCall) => Answer | undefined;

export class Gangway {
  readonly calls: SeenCall[] = [];
  readonly credentials: Credential[] = [];
  meta: Record<string, unknown> = {};
  /** What the session-id address answers, by attempt. */
  progress: unknown = {};
  /** Answers before the ordinary routes do. */
  override: Override = () => undefined;
  #made = 0;

  readonly fetch = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const request = new Request(input, init);
    const seen: SeenCall = {
      method: request.method,
      url: request.url.replace(ORIGIN, "").replace(PROJECT, "{project}"),
      headers: Object.fromEntries(request.headers),
      body: parsed(await request.text()),
    };
    this.calls.push(seen);
    const { status = 200, json, text } = this.override(seen) ?? this.#answer(seen);
    const headers = json === undefined ? {} : { "Content-Type": "application/json; charset=utf-8" };
    return new Response(json === undefined ? (text ?? null) : JSON.stringify(json), {
      status,
      headers,
    });
  };

  /** The calls so far as lines, without the ones that only wait. */
  log(): string[] {
    return this.calls
      .filter(({ url }) => !url.includes("/session-id/"))
      .map(({ method, url }) => `${method} ${url.replace(/\?.*/, "")}`);
  }

  connect(over: Partial<Credential> = {}): Credential {
    const id = uuid(++this.#made);
    const credential: Credential = {
      id,
      projectId: PROJECT,
      integrationId: INTEGRATION,
      personaId: uuid(900),
      isPreviewCredential: false,
      providerId: "ann",
      providerData: { name: "Ann Archer", organization: "acme" },
      dateCreated: "2026-01-01T00:00:00Z",
      dateUpdated: "2026-01-01T00:00:00Z",
      dateRefreshed: "2026-01-01T00:00:00Z",
      status: "VALID",
      refreshFailureCount: 0,
      configurations: [configuration(uuid(500 + this.#made), id, { isDefault: true })],
      ...over,
    };
    this.credentials.push(credential);
    return credential;
  }

  #answer({ method, url, body }: SeenCall): Answer {
    const path = url.replace(/\?.*/, "").replace(/^(\/v2)?\/projects\/\{project\}\/sdk/, "");
    const id = path.split("/")[2] ?? "";
    if (path === "/me" && method === "PATCH") {
      Object.assign(this.meta, (body as { meta: object }).meta);
      return { status: 204 };
    }
    if (path === "/me") {
      return { json: this.#me() };
    }
    if (path === "/integrations") {
      return { json: [integration] };
    }
    if (path === "/actions/oauth-nonce") {
      return { json: { ticket: "t-1" } };
    }
    if (path === "/actions/build-oauth") {
      return { json: { redirectUrl: "https://login.example/authorize" } };
    }
    if (path.startsWith("/actions/session-id/")) {
      return method === "DELETE" ? { status: 204 } : { json: this.progress };
    }
    if (path === "/credentials" && method === "POST") {
      return { status: 201, json: this.connect() };
    }
    if (path.startsWith("/integrations/") && method === "DELETE") {
      return { json: { revokedAtProvider: false, message: "The account is disconnected." } };
    }
    if (path.startsWith("/workflows/")) {
      return { status: 204 };
    }
    if (path.startsWith("/proxy/") || path.startsWith("/events/")) {
      return { status: 204 };
    }
    const credential = this.credentials.find((known) => known.id === id);
    if (credential && method === "PATCH" && !path.endsWith("/configurations")) {
      return { json: changedSettings(credential, (body as { config: object }).config) };
    }
    if (credential && path.endsWith("/configurations")) {
      return { json: this.#changeConfigurations(credential, method, body) };
    }
    return credential ? { json: credential } : { status: 404, json: NOT_FOUND };
  }

  #changeConfigurations(credential: Credential, method: string, body: unknown): Credential {
    if (method === "POST") {
      const made = configuration(uuid(++this.#made + 700), credential.id, body as object);
      credential.configurations = [...credential.configurations, made];
    }
    return credential;
  }

  #me(): unknown {
    const [first] = this.credentials;
    const state = {
      enabled: first?.status === "VALID",
      allCredentials: this.credentials,
      ...(first && {
        credentialId: first.id,
        credentialStatus: first.status,
        credentialConfigId: first.configurations[0]?.id,
        providerData: first.providerData,
      }),
    };
    return {
      authenticated: true,
      userId: "ann",
      meta: this.meta,
      resources: [],
      project: { id: PROJECT },
      integrations: { azuredevops: state },
    };
  }
}

function changedSettings(credential: Credential, change: object): Credential {
  const configurations = credential.configurations.map((one) => ({ ...one, ...change }));
  return { ...credential, configurations };
}

const NOT_FOUND = { message: "There is no such thing.", code: "not_found", status: 404, meta: {} };

const integration: Integration = {
  id: INTEGRATION,
  projectId: PROJECT,
  type: "azuredevops",
  isActive: true,
  name: "Azure DevOps",
  brandColor: "#0078d4",
  configs: [
    {
      values: {
        description: "Work items.",
        overview: null,
        workflowMeta: { [WORKFLOW]: { id: WORKFLOW, inputs: [] } },
      },
    },
  ],
  workflows: [{ id: WORKFLOW, description: "Copy sightings", customWebhookTriggerId: "t-1" }],
  authenticationType: "oauth",
  sdkIntegrationConfig: {
    accountTypes: [
      { id: "default", scheme: "oauth", endUserSuppliedValues: [], skipPostOAuthInputs: true },
      {
        id: "pat",
        scheme: "basic",
        endUserSuppliedValues: [
          { id: "organization", title: "Organization", type: "TEXT_NO_VARS" },
          { id: "token", title: "Personal access token", type: "PASSWORD" },
        ],
        skipPostOAuthInputs: true,
      },
    ],
  },
};

function configuration(
  id: string,
  credentialId: string,
  over: Partial<Configuration>,
): Configuration {
  return {
    id,
    dateCreated: "2026-01-01T00:00:00Z",
    dateUpdated: "2026-01-01T00:00:00Z",
    connectCredentialId: credentialId,
    workflowSettings: {},
    sharedSettings: {},
    configMeta: {},
    isDefault: false,
    ...over,
  };
}

function uuid(number: number): string {
  return `0c0ffee0-0000-4000-8000-${String(number).padStart(12, "0")}`;
}

function parsed(text: string): unknown {
  try {
    return text === "" ? undefined : JSON.parse(text);
  } catch {
    return text;
  }
}
