// The example host's page, as its users see it.

import type { Locator, Page } from "@playwright/test";
import type { Gangway } from "./gangway.ts";
import { Popup } from "./popup.ts";

export class HostPage {
  readonly page: Page;
  readonly account: Locator;
  readonly connectButton: Locator;
  readonly disconnectButton: Locator;
  readonly projects: Locator;
  /** The one sentence about what went well. */
  readonly status: Locator;
  /** The one sentence about what went wrong. */
  readonly problem: Locator;
  readonly #gangway: Gangway;

  constructor(page: Page, gangway: Gangway) {
    this.page = page;
    this.#gangway = gangway;
    this.account = page.getByRole("region", { name: "Azure DevOps" });
    this.connectButton = page.getByRole("button", { name: "Connect Azure DevOps" });
    this.disconnectButton = page.getByRole("button", { name: "Disconnect" });
    this.projects = page.getByRole("list", { name: "Projects" }).getByRole("listitem");
    this.status = page.getByRole("status");
    this.problem = page.getByRole("alert");
  }

  async open(user: string): Promise<void> {
    await this.page.goto(`${this.#gangway.example_host}/?user=${user}`);
  }

  /** Presses Connect and answers the window that opens. */
  async connect(): Promise<Popup> {
    const opened = this.page.waitForEvent("popup");
    await this.connectButton.click();
    return new Popup(await opened);
  }

  async connectWithToken(organization: string, token: string): Promise<void> {
    await this.page.getByRole("button", { name: "Use a personal access token" }).click();
    await this.page.getByLabel("Organization").fill(organization);
    await this.page.getByLabel("Personal access token").fill(token);
    await this.page.getByRole("button", { name: "Connect with token" }).click();
  }

  async createWorkItem(item: { project: string; type: string; title: string }): Promise<void> {
    const form = this.page.getByRole("region", { name: "New work item" });
    await form.getByRole("combobox", { name: "Project" }).selectOption(item.project);
    await form.getByRole("combobox", { name: "Type" }).selectOption(item.type);
    await form.getByRole("textbox", { name: "Title" }).fill(item.title);
    await form.getByRole("button", { name: "Create work item" }).click();
  }
}
