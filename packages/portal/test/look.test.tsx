// @vitest-environment happy-dom

import { render } from "preact";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { listen } from "../src/frame.ts";
import { Dialog } from "../src/view/dialog.tsx";
import { Setup } from "../src/view/setup.tsx";
import { Gangway, PROJECT } from "./support/gangway.ts";
import { Page } from "./support/page.ts";

let gangway: Gangway;

beforeEach(() => {
  gangway = new Gangway();
  vi.stubGlobal("fetch", gangway.fetch);
  gangway.look.accentColor = "#111111";
  gangway.values.accentColor = "#0a7cff";
});

afterEach(() => {
  render(null, document.body);
  document.documentElement.removeAttribute("style");
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const accent = () => document.documentElement.style.getPropertyValue("--accent");

function button(name: string): HTMLButtonElement {
  const all = [...document.querySelectorAll("button")];
  const found = all.find((one) => (one.getAttribute("aria-label") ?? one.textContent) === name);
  if (!found) throw new Error(`There is no button ${name}.`);
  return found;
}

it("has the integration's own colour before the project's in the SDK's frame", async () => {
  const page = new Page();
  listen((shown) => render(shown && <Dialog {...shown} />, document.body));
  page.update();
  await vi.waitFor(() => expect(accent()).toBe("#0a7cff"));
});

it("has the colour of the integration that is open behind a Setup Link", async () => {
  window.location.hash = `#${PROJECT}.token`;
  render(<Setup />, document.body);
  await vi.waitFor(() => button("Connect Azure DevOps"));
  expect(accent()).toBe("#111111");
  button("Connect Azure DevOps").click();
  await vi.waitFor(() => expect(accent()).toBe("#0a7cff"));
  button("Back").click();
  await vi.waitFor(() => expect(accent()).toBe("#111111"));
});

it("has its default colour again where neither says one", async () => {
  gangway.look.accentColor = null;
  window.location.hash = `#${PROJECT}.token`;
  render(<Setup />, document.body);
  await vi.waitFor(() => button("Connect Azure DevOps").click());
  await vi.waitFor(() => expect(accent()).toBe("#0a7cff"));
  button("Back").click();
  await vi.waitFor(() => expect(accent()).toBe(""));
});
