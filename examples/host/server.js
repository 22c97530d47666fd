// The back end of an application that embeds Gangway: it serves a page and signs user tokens.

import { createPrivateKey, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

const { GANGWAY_URL, GANGWAY_PROJECT_ID, GANGWAY_SIGNING_KEY_FILE } = process.env;
const { PORT = "8081", HOST = "127.0.0.1" } = process.env;
const key = createPrivateKey(readFileSync(GANGWAY_SIGNING_KEY_FILE));
const TOKEN_SECONDS = 3600;

/** Says to Gangway who the user is. In your application, `user` comes from your own session. */
function userToken(user) {
  const iat = Math.floor(Date.now() / 1000);
  const encode = (part) => Buffer.from(JSON.stringify(part)).toString("base64url");
  const claims = { sub: user, iat, exp: iat + TOKEN_SECONDS };
  const signed = `${encode({ alg: "RS256", typ: "JWT" })}.${encode(claims)}`;
  return `${signed}.${sign("sha256", Buffer.from(signed), key).toString("base64url")}`;
}

const file = (path) => {
  const content = readFileSync(new URL(path, import.meta.url));
  return () => content;
};
const session = ({ searchParams }) => {
  const token = userToken(searchParams.get("user") || "ann");
  return JSON.stringify({ gangwayUrl: GANGWAY_URL, projectId: GANGWAY_PROJECT_ID, token });
};
const routes = {
  "/": ["text/html", file("page/index.html")],
  "/style.css": ["text/css", file("page/style.css")],
  "/main.js": ["text/javascript", file("dist/main.js")],
  "/session": ["application/json", session],
};
const answer = (request, response) => {
  const url = new URL(request.url, "http://host");
  const [type, content] = routes[url.pathname] ?? [];
  response.writeHead(type ? 200 : 404, {
    "Content-Type": `${type ?? "text/plain"}; charset=utf-8`,
  });
  response.end(content?.(url) ?? "Not found");
};
const server = createServer(answer);
server.listen(Number(PORT), HOST, () => {
  const { port } = server.address();
  process.stdout.write(`The example host is at http://${HOST}:${port}\n`);
  // Browsers try ::1 first for "localhost"; a machine without it needs no second listener.
  createServer(answer)
    .on("error", () => {})
    .listen(port, "::1");
});
