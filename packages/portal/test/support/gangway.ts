// A Gangway of one project and one integration, in memory: what the portal talks to in these tests.

import type { Look, PortalIntegration } from "../../src/model.ts";

export const PROJECT = "018f0000-0000-7000-8000-000000000001";
export const INTEGRATION = "018f0000-0000-7000-8000-000000000002";
export const CREDENTIAL = "0c0ffee0-0000-4000-8000-000000000001";

/** What a call is answered with: a body, a refusal, or nothing reached at all. */
export type Answer = { status?: number; json?: unknown } | Error;

export class Gangway {
  readonly calls: string[] = [];
  readonly look: Look = { theme: "system", texts: {} };
  readonly values: PortalIntegration["configs"][0]["values"] = {};
  readonly accounts: unknown[] = [];
  /** Answers before the ordinary routes do. */
  override: (line: string) => Answer | Promise<Answer> | undefined = () => undefined;

  readonly fetch = async (url: string, init: RequestInit = {}): Promise<Response> => {
    const path = url.replace(/^.*\/projects\/[^/]+\/sdk/, "").replace(/\?.*/, "");
    const line = `${init.method ?? "GET"} ${path}`;
    this.calls.push(line);
    const answer = (await this.override(line)) ?? { json: this.#answer(path) };
    if (answer instanceof Error) throw answer;
    const { status = 200, json } = answer;
    return new Response(json === undefined ? null : JSON.stringify(json), { status });
  };

  /** How often something was called. */
  count(line: string): number {
    return this.calls.filter((one) => one.startsWith(line)).length;
  }

  #answer(path: string): unknown {
    switch (path) {
      case "/portal":
        return { projectName: "Harbour", look: this.look };
      case "/me":
        return { userId: "ann", integrations: { azuredevops: { allCredentials: this.accounts } } };
      case "/integrations":
        return [this.integration];
      case "/actions/oauth-nonce":
        return { ticket: "t-1" };
      case "/actions/build-oauth":
        return { redirectUrl: "https://login.example/authorize" };
      default:
        return {};
    }
  }

  get integration(): object {
    return {
      id: INTEGRATION,
      projectId: PROJECT,
      type: "azuredevops",
      providerType: "azuredevops",
      isActive: true,
      name: "Azure DevOps",
      brandColor: "#0078d4",
      configs: [{ values: this.values }],
      workflows: [],
      sdkIntegrationConfig: { accountTypes: [{ id: "default", scheme: "oauth" }] },
    };
  }
}
