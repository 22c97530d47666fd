// The Connect Portal in the SDK's frame, as a person uses it.

import type { FrameLocator, Locator, Page } from "@playwright/test";
import type { Gangway } from "./gangway.ts";
import { Popup } from "./popup.ts";

export class Portal {
  readonly page: Page;
  readonly frame: FrameLocator;
  readonly dialog: Locator;
  readonly problem: Locator;

  constructor(page: Page) {
    this.page = page;
    this.frame = page.frameLocator("#paragon-connect-frame");
    this.dialog = this.frame.getByRole("dialog");
    this.problem = this.dialog.getByRole("alert");
  }

  button(name: string | RegExp): Locator {
    return this.dialog.getByRole("button", { name, exact: true });
  }

  /** Presses a button that opens the sign-in window. */
  async signInBy(name: string | RegExp): Promise<Popup> {
    const opened = this.page.waitForEvent("popup");
    await this.button(name).click();
    return new Popup(await opened);
  }

  /** Connects by signing in, as the first of the ways that are offered. */
  async connect(person: string): Promise<void> {
    const popup = await this.signInBy(SIGN_IN);
    await popup.signInAs(person);
    await popup.accept();
  }
}

/** What the first way to connect Azure DevOps is called. */
export const SIGN_IN = /Microsoft/;

/** Calls the management API of the development project. */
export async function manage<T>(
  { server, project_id, api_token }: Gangway,
  method: string,
  path: string,
  body?: unknown,
): Promise<T> {
  const answer = await fetch(`${server}/api/v1/projects/${project_id}${path}`, {
    method,
    headers: { Authorization: `Bearer ${api_token}`, "Content-Type": "application/json" },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${text}`);
  return (text === "" ? undefined : JSON.parse(text)) as T;
}

interface Listed {
  items: { id: string; type: string }[];
}

/** Changes what the portal shows of Azure DevOps. */
export async function describe(gangway: Gangway, portal: unknown): Promise<void> {
  const listed = await manage<Listed | Listed["items"]>(gangway, "GET", "/integrations");
  const items = Array.isArray(listed) ? listed : listed.items;
  const found = items.find(({ type }) => type === "azuredevops");
  await manage(gangway, "PATCH", `/integrations/${found?.id}`, { portal });
}

/** Makes and deploys a workflow that people can switch on. */
export async function deploy(gangway: Gangway, definition: unknown): Promise<void> {
  const made = await manage<{ id: string }>(gangway, "POST", "/workflows", { definition });
  await manage(gangway, "POST", `/workflows/${made.id}/deploy`, {});
}
