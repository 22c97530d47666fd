// @vitest-environment happy-dom

import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type Outcome, PopupClosed, signIn } from "../src/attempt.ts";
import { Client } from "../src/client.ts";
import { type Answer, CREDENTIAL, Gangway, INTEGRATION, PROJECT } from "./support/gangway.ts";
import { Popup } from "./support/popup.ts";

const POLL = "GET /actions/session-id/";
const SECOND = 1_000;

let gangway: Gangway;
let popup: Popup;
let ended: AbortController;

beforeEach(() => {
  vi.useFakeTimers();
  gangway = new Gangway();
  vi.stubGlobal("fetch", gangway.fetch);
  popup = new Popup();
  ended = new AbortController();
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

/** What becomes of an attempt: its outcome or its error. */
function attempt(): Promise<Outcome | Error> {
  const request = {
    integrationId: INTEGRATION,
    slug: "azuredevops",
    parameters: {},
    typed: {},
    options: {},
  };
  return signIn(new Client(PROJECT, "token"), request, ended.signal).catch((error) => error);
}

const pass = (seconds: number) => vi.advanceTimersByTimeAsync(seconds * SECOND);

it("leads the window past our own page to the provider and hears the end", async () => {
  const outcome = attempt();
  await pass(0);
  expect(popup.visited).toEqual([
    expect.stringMatching(/\/oauth-nonce\?ticket=t-1$/),
    "https://login.example/authorize",
  ]);
  popup.post({ type: "oauth_success_callback", credential: { payload: { handle: "h-1" } } });
  expect(await outcome).toEqual({ payload: { handle: "h-1" } });
  expect(popup.closed).toBe(true);
});

it("that ends during the first calls closes the window, goes nowhere and asks no more", async () => {
  let answer: (answer: Answer) => void = () => undefined;
  gangway.override = (line) =>
    line.endsWith("/build-oauth") ? new Promise((resolve) => (answer = resolve)) : undefined;
  const outcome = attempt();
  await pass(0);
  ended.abort(new Error("The portal was closed."));
  expect(await outcome).toMatchObject({ message: "The portal was closed." });
  expect(popup.closed).toBe(true);
  answer({ json: { redirectUrl: "https://login.example/authorize" } });
  await pass(60);
  expect(popup.visited).toEqual([]);
  expect(gangway.count(POLL)).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
});

it("that ends while the user signs in asks no more", async () => {
  const outcome = attempt();
  await pass(3);
  const polls = gangway.count(POLL);
  expect(polls).toBeGreaterThan(0);
  ended.abort(new Error("The portal was closed."));
  expect(await outcome).toMatchObject({ message: "The portal was closed." });
  await pass(60);
  expect(gangway.count(POLL)).toBe(polls);
});

it.each<[string, Answer]>([
  ["is refused with 503", { status: 503, json: { message: "Busy." } }],
  ["is refused with 429", { status: 429, json: { message: "Too many." } }],
  ["does not reach Gangway", new TypeError("Failed to fetch")],
])("goes on after a question that %s", async (_, failure) => {
  gangway.override = (line) => {
    if (!line.startsWith(POLL)) return undefined;
    return gangway.count(POLL) <= 2 ? failure : { json: { connectCredentialId: CREDENTIAL } };
  };
  const outcome = attempt();
  await pass(5);
  expect(await outcome).toEqual({ credentialId: CREDENTIAL });
  expect(popup.closed).toBe(true);
});

it("ends when Gangway takes the token no more", async () => {
  gangway.override = (line) =>
    line.startsWith(POLL) ? { status: 401, json: { message: "It has expired." } } : undefined;
  const outcome = attempt();
  await pass(2);
  expect(await outcome).toMatchObject({ message: "It has expired.", status: 401 });
});

it("ends when the user closes the window, though no question is answered", async () => {
  vi.spyOn(document, "hasFocus").mockReturnValue(true);
  gangway.override = (line) => (line.startsWith(POLL) ? { status: 503 } : undefined);
  const outcome = attempt();
  await pass(1);
  popup.close();
  await pass(5);
  expect(await outcome).toBeInstanceOf(PopupClosed);
});

it("ends by itself when the server never says anything", async () => {
  const outcome = attempt();
  await pass(11 * 60);
  expect(await outcome).toBeInstanceOf(Error);
  expect(popup.closed).toBe(true);
});

it("leaves no listener behind, however long it took", async () => {
  const heard = vi.spyOn(window, "addEventListener");
  const unheard = vi.spyOn(window, "removeEventListener");
  const waits = vi.spyOn(AbortSignal.prototype, "addEventListener");
  const left = vi.spyOn(AbortSignal.prototype, "removeEventListener");
  const outcome = attempt();
  await pass(100);
  expect(waits.mock.calls.length).toBeGreaterThan(100);
  expect(waits.mock.calls.length - left.mock.calls.length).toBeLessThan(10);
  popup.post({ type: "oauth_success_callback", credential: { payload: {} } });
  await outcome;
  expect(heard.mock.calls.length).toBeGreaterThan(0);
  expect(unheard.mock.calls.length).toBe(heard.mock.calls.length);
});
