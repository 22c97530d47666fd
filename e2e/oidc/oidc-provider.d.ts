// What of the package these tests use; it comes without types.

declare module "oidc-provider" {
  import type { RequestListener } from "node:http";

  interface Context {
    oidc: { params?: { grant_type?: string; code_challenge_method?: string } };
  }

  export default class Provider {
    constructor(issuer: string, configuration: Record<string, unknown>);
    callback(): RequestListener;
    on(event: "grant.success" | "authorization.success", heard: (context: Context) => void): this;
  }
}
