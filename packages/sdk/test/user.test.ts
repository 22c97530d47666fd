import { describe, expect, it } from "vitest";
import { ConnectSDK } from "../src/connect-sdk.ts";
import { ConnectRequestError } from "../src/errors.ts";
import { PROJECT } from "./support/gangway.ts";
import { nobody, rejection, signedIn, userToken } from "./support/signed-in.ts";

describe("signing a user in", () => {
  it("reads the user and the integrations, and tells nobody the token", async () => {
    const { sdk, gangway } = nobody();
    await sdk.authenticate(PROJECT, userToken());
    expect(gangway.log()).toEqual([
      "GET /projects/{project}/sdk/me",
      "GET /projects/{project}/sdk/integrations",
    ]);
    expect(sdk.getUser()).toEqual({
      authenticated: true,
      userId: "ann",
      meta: {},
      resources: [],
      integrations: {
        azuredevops: { enabled: false, allCredentials: [], allConfigurations: [] },
      },
    });
    expect(sdk.getIntegrationMetadata()).toEqual([
      {
        type: "azuredevops",
        name: "Azure DevOps",
        brandColor: "#0078d4",
        icon: "http://localhost:8080/integrations/azuredevops.svg",
      },
    ]);
  });

  it("sends the token in a header only", async () => {
    const { sdk, gangway } = nobody();
    const token = userToken();
    await sdk.authenticate(PROJECT, token);
    expect(gangway.calls.map(({ headers }) => headers)).toEqual(
      Array(2).fill(
        expect.objectContaining({
          authorization: `Bearer ${token}`,
          accept: "application/json",
          "content-type": "application/json",
          "x-paragon-sdk-version": "2.4.0",
        }),
      ),
    );
    expect(gangway.calls.every(({ url }) => !url.includes(token))).toBe(true);
  });

  it.each([
    ["not a token", "The user token is not a well-formed JWT."],
    [userToken({ exp: 1 }), "The user token has expired, or says nothing about when it does."],
    [userToken({ sub: "" }), 'The user token names no user: its "sub" is empty.'],
  ])("refuses a bad token before any call: %s", async (token, sentence) => {
    const { sdk, gangway } = nobody();
    expect((await rejection(sdk.authenticate(PROJECT, token))).message).toBe(sentence);
    expect(gangway.calls).toEqual([]);
  });

  it("tells new metadata only, in the spelling that dashboards read", async () => {
    const { sdk, gangway } = nobody();
    gangway.meta = { Name: "Ann", plan: { seats: 3 } };
    await sdk.authenticate(PROJECT, userToken(), {
      metadata: { name: "Ann", plan: { seats: 3 } },
    });
    expect(gangway.log().filter((line) => line.startsWith("PATCH"))).toEqual([]);
    await sdk.setUserMetadata({ " EMAIL ": "ann@acme.example" });
    expect(gangway.meta).toEqual({ Name: "Ann", plan: { seats: 3 }, Email: "ann@acme.example" });
  });

  it("leaves nobody signed in when the server refuses", async () => {
    const { sdk, gangway } = nobody();
    const body = {
      message: "This user is disabled.",
      code: "user_disabled",
      status: 403,
      meta: {},
    };
    gangway.override = () => ({ status: 403, json: body });
    const error = await rejection(sdk.authenticate(PROJECT, userToken()));
    expect(error).toBeInstanceOf(ConnectRequestError);
    expect(error).toMatchObject({ name: "ConnectRequestError", ...body });
    expect(sdk.getUser()).toEqual({ authenticated: false });
  });
});

describe("the session", () => {
  it("ends with a 401 of Gangway", async () => {
    const { sdk, gangway } = await signedIn();
    gangway.override = () => ({ status: 401, json: { message: "The token has expired." } });
    await rejection(sdk.sendConnectRequest("/sdk/me"));
    expect(sdk.getUser()).toEqual({ authenticated: false });
  });

  it("survives a 403, and a 401 about the integration", async () => {
    const { sdk, gangway } = await signedIn();
    gangway.override = () => ({ status: 403, json: { message: "No." } });
    await rejection(sdk.sendConnectRequest("/sdk/me"));
    gangway.override = () => ({ status: 401, json: { message: "No.", code: "7003" } });
    await rejection(sdk.sendConnectRequest("/sdk/me"));
    expect(sdk.getUser().authenticated).toBe(true);
  });

  it("does not let a late refusal sign the next user out", async () => {
    const { sdk, gangway } = await signedIn();
    await sdk.sendConnectRequest("/sdk/me");
    const token = gangway.calls[0]?.headers.authorization;
    gangway.override = ({ headers }) =>
      headers.authorization === token ? { status: 401, json: { message: "Expired." } } : undefined;
    const late = rejection(sdk.sendConnectRequest("/sdk/me"));
    await sdk.authenticate(PROJECT, userToken({ sub: "ben" }));
    await late;
    expect(sdk.getUser()).toMatchObject({ authenticated: true, userId: "ben" });
  });
});

describe("the host", () => {
  it.each([
    ["http://localhost:8080", "http://localhost:8080/projects/p/sdk/me"],
    ["https://gangway.example.com/", "https://gangway.example.com/projects/p/sdk/me"],
    ["gangway.example.com", "https://gangway.example.com/projects/p/sdk/me"],
  ])("keeps scheme and port of %s", async (host, url) => {
    const { page, gangway } = nobody();
    const urls: string[] = [];
    const fetch: typeof globalThis.fetch = (input, init) => {
      urls.push(String(input));
      return gangway.fetch(input, init);
    };
    const sdk = new ConnectSDK(undefined, { ...page.asBrowser(), fetch });
    sdk.configureGlobal({ host });
    await rejection(sdk.authenticate("p", userToken()));
    expect(urls[0]).toBe(url);
  });

  it("must be named before anything else", async () => {
    const sdk = new ConnectSDK();
    const error = await rejection(sdk.authenticate(PROJECT, userToken()));
    expect(error.message).toBe("Call configureGlobal({ host }) with Gangway's address first.");
  });

  it("may have single parts elsewhere", async () => {
    const { page } = nobody();
    const sdk = new ConnectSDK(undefined, page.asBrowser());
    sdk.configureGlobal(
      { host: "http://localhost:8080" },
      { CDN_PUBLIC_URL: "https://cdn.example/" },
    );
    await sdk.authenticate(PROJECT, userToken());
    expect(sdk.getIntegrationMetadata("azuredevops").icon).toBe(
      "https://cdn.example/integrations/azuredevops.svg",
    );
  });
});
