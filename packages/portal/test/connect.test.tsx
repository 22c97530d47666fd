// @vitest-environment happy-dom

import { render } from "preact";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { listen } from "../src/frame.ts";
import { Dialog } from "../src/view/dialog.tsx";
import { CREDENTIAL, Gangway, INTEGRATION } from "./support/gangway.ts";
import { Page } from "./support/page.ts";
import { Popup } from "./support/popup.ts";

let page: Page;
let popup: Popup;

beforeEach(async () => {
  vi.stubGlobal("fetch", new Gangway().fetch);
  page = new Page();
  popup = new Popup();
  listen((shown) => render(shown && <Dialog {...shown} />, document.body));
  page.update();
  await vi.waitFor(() => connect().click());
  await vi.waitFor(() => expect(popup.visited).toHaveLength(2));
});

afterEach(() => {
  render(null, document.body);
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

function connect(): HTMLElement {
  const found = document.querySelector<HTMLElement>("button.primary");
  if (!found) throw new Error("There is nothing to press.");
  return found;
}

const signedIn = () =>
  popup.post({ type: "oauth_success_callback", credential: { payload: { handle: "h-1" } } });
const alert = () => document.querySelector("[role=alert]")?.textContent;
const notice = () => document.querySelector(".notice")?.textContent;

it("says that the account is connected when the page has stored it", async () => {
  page.functions._oauthCallback = () => ({ integrationId: INTEGRATION, credentialId: CREDENTIAL });
  signedIn();
  await vi.waitFor(() => expect(notice()).toBe("The account is connected."));
  expect(alert()).toBeUndefined();
});

it("says why the account is not connected when the page could not store it", async () => {
  page.functions._oauthCallback = () => {
    // As both SDKs do: the reason is part of the state, and the answer is empty.
    page.update({ connectionError: { message: "The handle is spent.", code: "spent" } });
    return undefined;
  };
  signedIn();
  await vi.waitFor(() => expect(alert()).toBe("The handle is spent."));
  expect(notice()).toBe("");
  // The SDK has told the page's own listeners: they hear of it once.
  expect(page.names()).not.toContain("_oauthErrorCallback");
});

it("says that connecting failed when the page gives no reason", async () => {
  page.functions._oauthCallback = () => undefined;
  signedIn();
  await vi.waitFor(() => expect(alert()).toBe("Something went wrong. Try again."));
});
