// @vitest-environment happy-dom

import { ConnectSDK } from "@gangway/connect";
import { act, type ReactNode } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ConnectButton, GangwayProvider, useGangway, useIntegration } from "../src/index.ts";
import { credential, Gangway, HOST, PROJECT, userToken } from "./gangway.ts";

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });

let gangway: Gangway;
let sdk: ConnectSDK;
let root: Root;

beforeEach(() => {
  gangway = new Gangway();
  vi.stubGlobal("fetch", gangway.fetch);
  sdk = new ConnectSDK(undefined, window as never);
  document.body.innerHTML = '<div id="app"></div>';
  root = createRoot(document.getElementById("app") as HTMLElement);
});

afterEach(async () => {
  await act(async () => root.unmount());
  vi.unstubAllGlobals();
});

async function show(
  children: ReactNode,
  token: string | undefined = userToken(),
  host = HOST,
): Promise<void> {
  await act(async () =>
    root.render(
      <GangwayProvider host={host} projectId={PROJECT} token={token} gangway={sdk}>
        {children}
      </GangwayProvider>,
    ),
  );
  await act(async () => {
    await vi.waitFor(() => expect(gangway.unanswered).toBe(0));
  });
}

const text = () => document.getElementById("app")?.textContent;
const button = () => document.querySelector("button") as HTMLButtonElement;

function Status(): ReactNode {
  const { status, user, error } = useGangway();
  return `${status} ${user.authenticated ? user.userId : "nobody"} ${error?.message ?? ""}`.trim();
}

function Accounts(): ReactNode {
  const { accounts, connected, disconnect } = useIntegration("azuredevops");
  return (
    <button type="button" onClick={() => disconnect()}>
      {`${accounts.length} ${connected}`}
    </button>
  );
}

it("signs the user in", async () => {
  await show(<Status />);
  expect(text()).toBe("ready ann");
});

it("waits for a token", async () => {
  await act(async () =>
    root.render(
      <GangwayProvider host={HOST} projectId={PROJECT} token={undefined} gangway={sdk}>
        <Status />
      </GangwayProvider>,
    ),
  );
  expect(text()).toBe("loading nobody");
  expect(gangway.calls).toEqual([]);
});

it("says why signing in failed", async () => {
  gangway.refusal = { message: "The token is not yours.", code: "bad", status: 401, meta: {} };
  await show(<Status />);
  expect(text()).toBe("failed nobody The token is not yours.");
});

it("says that the session has ended when Gangway takes the token no more", async () => {
  await show(<Status />);
  expect(text()).toBe("ready ann");
  gangway.refusal = { message: "The token has expired.", code: "expired", status: 401, meta: {} };
  await act(async () => {
    await sdk.event("Task Created", {}).catch(() => undefined);
  });
  expect(text()).toBe("failed nobody Nobody is signed in. Call authenticate() first.");
});

it("keeps the portal's frame when the token is renewed, and not when the host is another", async () => {
  await show(<ConnectButton integration="azuredevops" />, userToken("1"));
  await act(async () => button().click());
  const frame = sdk.root;
  expect(frame).toBeDefined();
  await show(<ConnectButton integration="azuredevops" />, userToken("2"));
  expect(sdk.getUser()).toMatchObject({ authenticated: true });
  expect(sdk.root).toBe(frame);
  await show(<Status />, userToken("2"), "http://localhost:9090");
  expect(text()).toBe("ready ann");
  expect(sdk.root).toBeUndefined();
  expect(gangway.calls.at(-1)).toContain("http://localhost:9090/");
});

it("signs out when it leaves the page", async () => {
  await show(<Status />);
  await act(async () => root.render(null));
  expect(sdk.getUser()).toEqual({ authenticated: false });
});

it("offers to connect what is not connected, and opens the portal", async () => {
  await show(<ConnectButton integration="azuredevops" className="primary" />);
  expect(button().textContent).toBe("Connect Azure DevOps");
  expect(button().className).toBe("primary");
  expect(sdk.root).toBeUndefined();
  await act(async () => button().click());
  expect(sdk.root?.getAttribute("src")).toBe(`${HOST}/ui?projectId=${PROJECT}`);
});

it("offers to manage what is connected", async () => {
  gangway.credentials.push(credential);
  await show(<ConnectButton integration="azuredevops" />);
  expect(button().textContent).toBe("Manage Azure DevOps");
});

it("cannot be pressed for an integration that the project lacks", async () => {
  await show(<ConnectButton integration="trello" />);
  expect(button().disabled).toBe(true);
});

it("draws an account that comes and goes", async () => {
  gangway.credentials.push(credential);
  await show(<Accounts />);
  expect(text()).toBe("1 true");
  await act(async () => button().click());
  await act(async () => {
    await vi.waitFor(() => expect(gangway.unanswered).toBe(0));
  });
  expect(text()).toBe("0 false");
  expect(gangway.calls.at(-1)).toMatch(/^DELETE .*\/sdk\/integrations\//);
});

it("needs its provider", () => {
  const quiet = vi.spyOn(console, "error").mockImplementation(() => undefined);
  const lonely = createRoot(document.createElement("div"));
  expect(() => act(() => lonely.render(<Status />))).toThrow(
    "useGangway() needs a <GangwayProvider> around the component.",
  );
  quiet.mockRestore();
});
