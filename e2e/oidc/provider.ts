// An authorization server that others wrote and the OpenID Foundation certified, on loopback.

import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import Provider from "oidc-provider";

export const CLIENT = { id: "gangway", secret: "a-client-secret-of-the-host" };
const ACCESS_TOKEN_SECONDS = 2;

export interface AuthorizationServer {
  host: string;
  /** The grants it has given so far, by type. */
  grants: string[];
  /** How the code challenges it has seen were made. */
  challenges: string[];
  /** From here on it serves a client whose redirect address this is. */
  serve(redirectUri: string): void;
  stop(): Promise<void>;
}

export async function startAuthorizationServer(): Promise<AuthorizationServer> {
  let answer: RequestListener = (_, response) => response.writeHead(503).end();
  const server = createServer((request, response) => answer(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const grants: string[] = [];
  const challenges: string[] = [];
  return {
    host,
    grants,
    challenges,
    serve(redirectUri) {
      const provider = new Provider(`http://${host}`, configuration(redirectUri));
      provider.on("grant.success", ({ oidc }) => {
        grants.push(oidc.params?.grant_type ?? "");
      });
      provider.on("authorization.success", ({ oidc }) => {
        challenges.push(oidc.params?.code_challenge_method ?? "");
      });
      answer = provider.callback();
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function configuration(redirectUri: string): Record<string, unknown> {
  return {
    clients: [
      {
        client_id: CLIENT.id,
        client_secret: CLIENT.secret,
        redirect_uris: [redirectUri],
        grant_types: ["authorization_code", "refresh_token"],
        response_types: ["code"],
        token_endpoint_auth_method: "client_secret_basic",
      },
    ],
    claims: { openid: ["sub"], profile: ["name"] },
    findAccount: (_: unknown, id: string) => ({
      accountId: id,
      claims: () => ({ sub: id, name: `${id} of the provider` }),
    }),
    pkce: { required: () => true },
    rotateRefreshToken: true,
    features: { revocation: { enabled: true } },
    ttl: { AccessToken: ACCESS_TOKEN_SECONDS, RefreshToken: 3600, Grant: 3600, Session: 3600 },
  };
}
