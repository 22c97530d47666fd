// A page that uses the vendor's published SDK, unmodified, or ours in its place. It has an origin of
// its own, which the project is told to allow.

import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Locator, Page } from "@playwright/test";
import type { Gangway } from "./gangway.ts";
import { Popup } from "./popup.ts";
import { Portal } from "./portal.ts";

/** Whose SDK a page uses. */
export type Sdk = "vendor" | "own";

export class VendorPage {
  readonly page: Page;
  readonly output: Locator;
  readonly problem: Locator;
  readonly #origin: string;
  readonly #server: string;

  constructor(page: Page, origin: string, server: string) {
    this.page = page;
    this.output = page.getByRole("status");
    this.problem = page.getByRole("alert");
    this.#origin = origin;
    this.#server = server;
  }

  /**
   * `timeout` is the vendor's own option: milliseconds until it gives the sign-in up. `form` is
   * what the user fills in to connect with a token.
   */
  async open(user: string, timeout = 0, form: Record<string, string> = {}): Promise<void> {
    const query = new URLSearchParams({
      user,
      server: this.#server,
      timeout: String(timeout),
      form: JSON.stringify(form),
    });
    await this.page.goto(`${this.#origin}/?${query}`);
  }

  /** Opens the page in the SDK's default mode, and the portal in its frame. */
  async openPortal(user: string, mode: "one" | "several" = "one"): Promise<Portal> {
    await this.page.goto(
      `${this.#origin}/?${new URLSearchParams({ user, server: this.#server, portal: mode })}`,
    );
    await this.press("Open portal");
    return new Portal(this.page);
  }

  async connect(): Promise<Popup> {
    const opened = this.page.waitForEvent("popup");
    await this.press("Connect");
    return new Popup(await opened);
  }

  async press(name: string): Promise<void> {
    await this.page.getByRole("button", { name, exact: true }).click();
  }
}

/** Serves the page while `use` runs. */
export async function serveVendorPage(
  gangway: Gangway,
  sdk: Sdk,
  use: (origin: string) => Promise<void>,
): Promise<void> {
  const server = createServer((request, response) => {
    answer(gangway, sdk, request).then(
      ([type, body]) => response.writeHead(200, { "Content-Type": type }).end(body),
      (error) => fail(response, error),
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    await allowOrigin(gangway, origin);
    await use(origin);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

async function answer(
  gangway: Gangway,
  sdk: Sdk,
  { url = "/" }: IncomingMessage,
): Promise<[string, string]> {
  if (url.startsWith("/session")) {
    // The example host signs tokens for any user.
    const session = await fetch(`${gangway.example_host}${url}`);
    return ["application/json", await session.text()];
  }
  return url === "/main.js"
    ? ["text/javascript", await fileText(`../dist/${sdk}/main.js`)]
    : ["text/html", await fileText("../vendor/index.html")];
}

function fileText(path: string): Promise<string> {
  return readFile(new URL(path, import.meta.url), "utf8");
}

function fail(response: ServerResponse, error: unknown): void {
  response.writeHead(500).end(String(error));
}

async function allowOrigin({ server, project_id, api_token }: Gangway, origin: string) {
  const project = `${server}/api/v1/projects/${project_id}`;
  const headers = { Authorization: `Bearer ${api_token}`, "Content-Type": "application/json" };
  const answer = await fetch(project, {
    method: "PATCH",
    headers,
    body: JSON.stringify({ allowedOrigins: [origin] }),
  });
  if (!answer.ok) {
    throw new Error(`The origin could not be allowed: ${await answer.text()}`);
  }
}
