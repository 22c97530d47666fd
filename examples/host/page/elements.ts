// The elements of the page, and the two places where it speaks to people.

import { ConnectError, OAuthCancelledError } from "@gangway/connect";

export function element<T extends HTMLElement>(id: string, type: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof type)) {
    throw new Error(`The page has no ${type.name} "${id}".`);
  }
  return found;
}

export function show(id: string, visible: boolean): void {
  element(id, HTMLElement).hidden = !visible;
}

export function say(sentence: string): void {
  clearNotices();
  element("status", HTMLElement).textContent = sentence;
  show("status", sentence !== "");
}

/** Shows an error as its sentence; with the link for an administrator where that is what helps. */
export function complain(error: unknown): void {
  clearNotices();
  const sentence = error instanceof Error ? error.message : String(error);
  element("problem-text", HTMLElement).textContent = sentence;
  const address = error instanceof ConnectError ? error.meta.adminConsentUrl : undefined;
  show("problem-link", typeof address === "string");
  if (typeof address === "string") {
    const link = document.createElement("a");
    Object.assign(link, { href: address, target: "_blank", rel: "noreferrer" });
    link.textContent = "Open the administrator's approval page";
    element("problem-link", HTMLElement).replaceChildren(link);
  }
  show("problem", true);
}

export function clearNotices(): void {
  show("status", false);
  show("problem", false);
}

/** Runs what a button asks for, with the button off meanwhile and its error shown. */
export async function busy(button: HTMLButtonElement, work: () => Promise<void>): Promise<void> {
  button.disabled = true;
  try {
    // The work begins inside the click: a window may be opened only there.
    await work();
  } catch (error) {
    // A cancelled attempt has given way to something that the user did themselves.
    if (!(error instanceof OAuthCancelledError)) {
      complain(error);
    }
  } finally {
    button.disabled = false;
  }
}

/** Fills a choice, keeping what was chosen where it is still there. */
export function fill(select: HTMLSelectElement, names: string[]): void {
  const chosen = select.value;
  select.replaceChildren(...names.map((name) => new Option(name, name, false, name === chosen)));
}
