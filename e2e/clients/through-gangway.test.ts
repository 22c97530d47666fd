// Microsoft's own Azure DevOps client, unmodified, through Gangway: it is given our address and a
// user token in the place of the service's and a personal access token, and knows of nothing else.

import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { ClientRequest } from "node:http";
import * as azdev from "azure-devops-node-api";
import { Operation } from "azure-devops-node-api/interfaces/common/VSSInterfaces.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectAccount } from "../support/connected.ts";
import { type Gangway, startGangway } from "../support/gangway.ts";

/** What the sandbox tells of a request it has seen. */
interface Seen {
  method: string;
  host: string;
  target: string;
  authorization: string | null;
}

let gangway: Gangway;
/** Every host and port that this process has asked for anything. */
const asked = new Set<string>();

const note = (message: unknown) => {
  const { request } = message as { request: ClientRequest };
  asked.add(String(request.getHeader("host")));
};

beforeAll(async () => {
  gangway = await startGangway();
  await connectAccount(gangway, "ann");
  subscribe("http.client.request.start", note);
}, 60_000);

afterAll(async () => {
  unsubscribe("http.client.request.start", note);
  await gangway?.stop();
});

function userToken(): string {
  return gangway.people.find((one) => one.name === "ann")?.user_token ?? "";
}

function base(): string {
  const proxy = `${gangway.server}/projects/${gangway.project_id}/sdk/proxy/azuredevops`;
  return `${proxy}/_/dev.azure.com/acme`;
}

async function takeRequests(): Promise<Seen[]> {
  const response = await fetch(`${gangway.sandbox_http}/_sandbox/requests`, { method: "DELETE" });
  return (await response.json()) as Seen[];
}

const handlers = {
  "a bearer token": (token: string) => azdev.getBearerHandler(token),
  "a personal access token": (token: string) => azdev.getPersonalAccessTokenHandler(token),
};

describe.each(Object.entries(handlers))("azure-devops-node-api with %s", (_, handler) => {
  const connect = () => new azdev.WebApi(base(), handler(userToken()));
  const add = (path: string, value: unknown) => ({ op: Operation.Add, path, value, from: null });

  it("learns who it is and lists projects", async () => {
    const connection = connect();
    const data = await connection.connect();
    expect(data.authenticatedUser?.providerDisplayName).toBe("Ann Archer");
    const projects = await (await connection.getCoreApi()).getProjects();
    expect(projects.map((project) => project.name)).toContain("Storefront");
  });

  it("reads types and creates, reads, changes and deletes a work item", async () => {
    const tracking = await connect().getWorkItemTrackingApi();
    const types = await tracking.getWorkItemTypes("Storefront");
    expect(types.map((type) => type.name)).toContain("Task");
    const document = [add("/fields/System.Title", "Through Gangway")];
    const created = await tracking.createWorkItem(undefined, document, "Storefront", "Task");
    const id = created.id as number;
    const read = await tracking.getWorkItem(id);
    expect(read.fields?.["System.Title"]).toBe("Through Gangway");
    const change = [add("/fields/System.State", "Active")];
    const changed = await tracking.updateWorkItem(undefined, change, id);
    expect(changed.rev).toBe(2);
    expect((await tracking.deleteWorkItem(id)).code).toBe(200);
    expect(await tracking.getWorkItem(id), "the client gives null for 404").toBeNull();
  });

  it("sends its requests and its token to us alone, and we send them on to the service", async () => {
    await takeRequests();
    asked.clear();
    const connection = connect();
    const locations = await connection.getLocationsApi();
    const areas = await locations.getResourceAreas();
    const known = areas.map((area) => area.locationUrl ?? "");
    expect(known.length).toBeGreaterThan(1);
    expect(known.filter((address) => !address.startsWith(gangway.server))).toEqual([]);
    // Profiles live on another of the provider's hosts, where the client goes by what it is told.
    const profiles = await connection.getProfileApi();
    await profiles.getProfile("me").catch(() => null);
    await (await connection.getWorkItemTrackingApi()).getWorkItemTypes("Storefront");

    expect([...asked]).toEqual([new URL(gangway.server).host]);
    const seen = await takeRequests();
    expect(new Set(seen.map((one) => one.host))).toEqual(
      new Set(["dev.azure.com", "vssps.dev.azure.com"]),
    );
    // The user token never got there: what did is the account's own access.
    expect(new Set(seen.map((one) => one.authorization))).toEqual(new Set(["Bearer"]));
  });
});
