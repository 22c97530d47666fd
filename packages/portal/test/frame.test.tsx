// @vitest-environment happy-dom

import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Client } from "../src/client.ts";
import { listen, type Shown } from "../src/frame.ts";
import { useLoaded } from "../src/loaded.ts";
import { Dialog } from "../src/view/dialog.tsx";
import { type Answer, Gangway, PROJECT } from "./support/gangway.ts";
import { Page } from "./support/page.ts";

let gangway: Gangway;

beforeEach(() => {
  gangway = new Gangway();
  vi.stubGlobal("fetch", gangway.fetch);
});

afterEach(() => {
  render(null, document.body);
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

it("calls Gangway by one client for as long as the token is the same", async () => {
  const page = new Page();
  const shown: (Shown | null)[] = [];
  listen((one) => shown.push(one));
  page.update();
  await vi.waitFor(() => expect(shown).toHaveLength(1));
  page.update({ hideCross: true });
  await vi.waitFor(() => expect(shown).toHaveLength(2));
  page.update({}, { token: "another" });
  await vi.waitFor(() => expect(shown).toHaveLength(3));
  const [first, second, third] = shown;
  expect(second?.client).toBe(first?.client);
  expect(third?.client).not.toBe(first?.client);
  expect(gangway.calls).toEqual(["GET /portal", "GET /portal"]);
});

it("reads again when the page knows something new of the user, and not at every message", async () => {
  const page = new Page();
  const shown = vi.fn((one: Shown | null) => render(one && <Dialog {...one} />, document.body));
  listen(shown);
  page.update();
  await vi.waitFor(() => expect(gangway.count("GET /me")).toBe(1));
  page.update({ hideCross: true });
  page.update({ hideCross: false });
  await vi.waitFor(() => expect(shown).toHaveBeenCalledTimes(2));
  page.update({}, { integrations: { azuredevops: { enabled: true } } });
  await vi.waitFor(() => expect(gangway.count("GET /me")).toBe(2));
});

it("shows what was read last, whichever answer comes first", async () => {
  const answers: ((answer: Answer) => void)[] = [];
  gangway.override = (line) =>
    line === "GET /me" ? new Promise((resolve) => answers.push(resolve)) : undefined;
  const client = new Client(PROJECT, "token");
  const Probe = () => {
    const { loaded, problem, refresh } = useLoaded(client);
    return (
      <button type="button" onClick={() => void refresh()}>
        {problem?.message ?? loaded?.me.userId}
      </button>
    );
  };
  act(() => render(<Probe />, document.body));
  const button = document.querySelector("button");
  button?.click();
  button?.click();
  await vi.waitFor(() => expect(answers).toHaveLength(3));
  const [first, second, third] = answers;
  third?.({ json: { userId: "third", integrations: {} } });
  await vi.waitFor(() => expect(button?.textContent).toBe("third"));
  await act(async () => {
    first?.({ json: { userId: "first", integrations: {} } });
    second?.({ status: 503, json: { message: "Gangway is busy." } });
    await new Promise((resolve) => setImmediate(resolve));
  });
  expect(button?.textContent).toBe("third");
});
