// The sign-in window as a person uses it: the provider's pages, then Gangway's.

import type { Page } from "@playwright/test";

export class Popup {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** Picks a person on the provider's page. */
  async signInAs(person: string): Promise<void> {
    await this.page.getByRole("button", { name: new RegExp(`^${person} `) }).click();
  }

  async accept(): Promise<void> {
    await this.page.getByRole("button", { name: "Accept" }).click();
  }

  async decline(): Promise<void> {
    await this.page.getByRole("button", { name: "Cancel" }).click();
  }

  async chooseOrganization(name: string): Promise<void> {
    await this.page.getByRole("radio", { name }).check();
    await this.page.getByRole("button", { name: "Connect" }).click();
  }

  async typeOrganization(name: string): Promise<void> {
    await this.page.getByRole("textbox", { name: /name of the organization/i }).fill(name);
    await this.page.getByRole("button", { name: "Connect" }).click();
  }
}
