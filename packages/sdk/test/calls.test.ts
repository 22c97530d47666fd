import { describe, expect, it } from "vitest";
import { rejection, signedIn } from "./support/signed-in.ts";

const PROJECTS = { count: 1, value: [{ name: "Harbour" }] };

describe("a proxied call", () => {
  it("goes to the provider as it is written and answers what the provider answers", async () => {
    const { sdk, gangway } = await signedIn();
    gangway.override = () => ({ json: PROJECTS });
    const answer = await sdk.request("azuredevops", "/projects?api-version=5.0", { method: "GET" });
    expect(answer).toEqual(PROJECTS);
    expect(gangway.calls).toEqual([
      {
        method: "GET",
        url: "/projects/{project}/sdk/proxy/azuredevops/projects?api-version=5.0",
        headers: expect.not.objectContaining({ "content-type": expect.anything() }),
        body: undefined,
      },
    ]);
  });

  it("sends objects as JSON, under the content type that the caller chose", async () => {
    const { sdk, gangway } = await signedIn();
    const patch = [{ op: "add", path: "/fields/System.Title", value: "Paint the mast" }];
    await sdk.request("azuredevops", "_apis/wit/workitems/$Task", {
      method: "POST",
      headers: new Headers({ "Content-Type": "application/json-patch+json" }),
      body: patch,
      selectedCredentialId: "c-1",
    });
    expect(gangway.calls[0]).toMatchObject({
      url: "/projects/{project}/sdk/proxy/azuredevops/_apis/wit/workitems/$Task",
      headers: { "content-type": "application/json-patch+json", "x-paragon-credential": "c-1" },
      body: patch,
    });
  });

  it.each([
    ["text", "a: 1", "auto", "a: 1"],
    ["a form", new URLSearchParams({ a: "1" }), expect.stringContaining("urlencoded"), "a=1"],
    ["a file", new Blob(["bytes"], { type: "image/png" }), "image/png", "bytes"],
  ])("sends %s untouched", async (_, body, type, sent) => {
    const { sdk, gangway } = await signedIn();
    await sdk.request("azuredevops", "/attachments", { method: "POST", body });
    expect(gangway.calls[0]).toMatchObject({ headers: { "content-type": type }, body: sent });
  });

  it.each([
    [{ json: { output: { ok: true } } }, { output: { ok: true } }],
    [{ text: "plain" }, "plain"],
    [{ status: 204 }, undefined],
  ])("answers %j as it came", async (answer, expected) => {
    const { sdk, gangway } = await signedIn();
    gangway.override = () => answer;
    expect(await sdk.request("azuredevops", "/x")).toEqual(expected);
  });

  it("fails with the provider's own words", async () => {
    const { sdk, gangway } = await signedIn();
    const body = {
      message: "Azure DevOps found no such project.",
      code: "provider_error",
      status: 404,
      meta: { providerStatus: 404 },
    };
    gangway.override = () => ({ status: 404, json: body });
    expect(await rejection(sdk.request("azuredevops", "/projects/none"))).toMatchObject({
      name: "ProxyRequestError",
      ...body,
      response: body,
    });
  });

  it("that is refused leaves the user signed in and learns the account's state", async () => {
    const { sdk, gangway } = await signedIn((prepared) => prepared.connect());
    const [credential] = gangway.credentials;
    if (credential) {
      credential.status = "INVALID";
    }
    gangway.override = ({ url }) =>
      url.includes("/proxy/") ? { status: 401, json: { message: "Sign in again." } } : undefined;
    await rejection(sdk.request("azuredevops", "/projects"));
    expect(sdk.getUser()).toMatchObject({
      authenticated: true,
      integrations: { azuredevops: { enabled: false, credentialStatus: "INVALID" } },
    });
  });

  it("says so when Gangway cannot be reached", async () => {
    const { sdk, gangway } = await signedIn();
    gangway.override = () => {
      throw new TypeError("Failed to fetch");
    };
    expect(await rejection(sdk.request("azuredevops", "/projects"))).toMatchObject({
      name: "ConnectRequestError",
      code: "unreachable",
      status: 0,
      message:
        "Gangway at http://localhost:8080 could not be reached. Check the connection and try again. (Failed to fetch)",
    });
  });
});

describe("events and workflows", () => {
  it("sends an event with the account it is for", async () => {
    const { sdk, gangway } = await signedIn();
    await sdk.event("Ship sighted", { name: "Argo" }, { selectedCredentialId: "c-1" });
    expect(gangway.calls[0]).toMatchObject({
      method: "POST",
      url: "/v2/projects/{project}/sdk/events/trigger",
      headers: { "x-paragon-credential": "c-1" },
      body: { name: "Ship sighted", payload: { name: "Argo" } },
    });
  });

  it("refuses a workflow that no integration has", async () => {
    const { sdk } = await signedIn();
    expect((await rejection(sdk.workflow("w-1"))).message).toBe(
      "No integration of this project has a workflow w-1.",
    );
  });
});
