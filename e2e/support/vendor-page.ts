// A page that uses the vendor's published SDK, unmodified. It is served under the example host's
// origin, which the project allows.

import { fileURLToPath } from "node:url";
import type { Locator, Page } from "@playwright/test";
import type { Gangway } from "./gangway.ts";
import { Popup } from "./popup.ts";

const PAGE = fileURLToPath(new URL("../vendor/index.html", import.meta.url));
const SCRIPT = fileURLToPath(new URL("../dist/vendor/main.js", import.meta.url));

export class VendorPage {
  readonly page: Page;
  readonly output: Locator;
  readonly problem: Locator;
  readonly #gangway: Gangway;

  static async on(page: Page, gangway: Gangway): Promise<VendorPage> {
    await page.route(`${gangway.example_host}/vendor/?*`, (route) => route.fulfill({ path: PAGE }));
    await page.route(`${gangway.example_host}/vendor/main.js`, (route) =>
      route.fulfill({ path: SCRIPT }),
    );
    return new VendorPage(page, gangway);
  }

  private constructor(page: Page, gangway: Gangway) {
    this.page = page;
    this.#gangway = gangway;
    this.output = page.getByRole("status");
    this.problem = page.getByRole("alert");
  }

  /**
   * `timeout` is the vendor's own option: milliseconds until it gives the sign-in up. `form` is
   * what the user fills in to connect with a token.
   */
  async open(user: string, timeout = 0, form: Record<string, string> = {}): Promise<void> {
    const query = new URLSearchParams({
      user,
      timeout: String(timeout),
      form: JSON.stringify(form),
    });
    await this.page.goto(`${this.#gangway.example_host}/vendor/?${query}`);
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
