// Signs a person in with Microsoft's own library and tells what came of it, as JSON. A process of
// its own, because Node reads NODE_EXTRA_CA_CERTS only when it starts.

import { ConfidentialClientApplication, CryptoProvider } from "@azure/msal-node";

const REDIRECT_URI = "http://localhost:8080/oauth";
const SCOPES = ["499b84ac-1321-427f-aa17-267ca6975798/vso.project"];
const { https, client_id: clientId, client_secret: clientSecret } = JSON.parse(process.argv[2]);

const client = new ConfidentialClientApplication({
  auth: {
    clientId,
    clientSecret,
    authority: `${https}/organizations`,
    knownAuthorities: [new URL(https).host],
  },
});

const { verifier, challenge } = await new CryptoProvider().generatePkceCodes();
const signIn = await client.getAuthCodeUrl({
  scopes: SCOPES,
  redirectUri: REDIRECT_URI,
  prompt: "select_account",
  state: "the-state",
  codeChallenge: challenge,
  codeChallengeMethod: "S256",
});
const location = await press(signIn);
const code = location.searchParams.get("code");

const byCode = await client.acquireTokenByCode({
  code,
  scopes: SCOPES,
  redirectUri: REDIRECT_URI,
  codeVerifier: verifier,
});
const silently = await client.acquireTokenSilent({
  account: byCode.account,
  scopes: SCOPES,
  forceRefresh: true,
});
const cache = JSON.parse(client.getTokenCache().serialize());
const [refresh] = Object.values(cache.RefreshToken);
const byRefresh = await client.acquireTokenByRefreshToken({
  refreshToken: refresh.secret,
  scopes: SCOPES,
});
const again = await client
  .acquireTokenByCode({ code, scopes: SCOPES, redirectUri: REDIRECT_URI, codeVerifier: verifier })
  .catch((error) => ({ errorCode: error.errorCode, errorNo: String(error.errorNo) }));

process.stdout.write(
  JSON.stringify({
    state: location.searchParams.get("state"),
    username: byCode.account.username,
    tenant: byCode.tenantId,
    scopes: byCode.scopes,
    tokens: [byCode.accessToken, silently.accessToken, byRefresh.accessToken],
    again,
  }),
);

/** Picks the person and accepts on the pages, as a browser with cookies would. */
async function press(address) {
  const cookies = new Map();
  const call = async (url, body) => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const answer = await fetch(url, {
      method: body ? "POST" : "GET",
      body,
      headers: { cookie },
      redirect: "manual",
    });
    for (const set of answer.headers.getSetCookie()) {
      const [name, value] = set.split(";")[0].split("=");
      cookies.set(name, value);
    }
    return answer;
  };
  const picker = await call(address);
  if (picker.status !== 200) await failure(picker);
  const chosen = `${address}&sandbox_person=ann`;
  await call(chosen);
  const answer = await call(chosen, new URLSearchParams({ decision: "accept" }));
  return new URL(answer.headers.get("location") ?? (await failure(answer)));
}

async function failure(answer) {
  throw new Error(`The page answered ${answer.status}: ${await answer.text()}`);
}
