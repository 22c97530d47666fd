// Microsoft's own Azure DevOps client against the sandbox: unmodified, with only its base address
// and its credential set.

import * as azdev from "azure-devops-node-api";
import { Operation } from "azure-devops-node-api/interfaces/common/VSSInterfaces.js";
import {
  WorkItemErrorPolicy,
  WorkItemExpand,
  WorkItemTypeFieldsExpandLevel,
} from "azure-devops-node-api/interfaces/WorkItemTrackingInterfaces.js";
import type { IWorkItemTrackingApi } from "azure-devops-node-api/WorkItemTrackingApi.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "./sandbox.ts";

let sandbox: Sandbox;
let connection: azdev.WebApi;
let tracking: IWorkItemTrackingApi;

beforeAll(async () => {
  sandbox = await startSandbox();
  const handler = azdev.getPersonalAccessTokenHandler(sandbox.pat("ann", "acme"));
  connection = new azdev.WebApi(`${sandbox.http}/acme`, handler);
  tracking = await connection.getWorkItemTrackingApi();
}, 300_000);

afterAll(() => sandbox?.stop());

const add = (path: string, value: unknown) => ({ op: Operation.Add, path, value, from: null });

async function createTask(title: string): Promise<number> {
  const document = [add("/fields/System.Title", title)];
  const item = await tracking.createWorkItem(undefined, document, "Storefront", "Task");
  return item.id as number;
}

describe("azure-devops-node-api", () => {
  it("connects and learns who it is", async () => {
    const data = await connection.connect();
    expect(data.authenticatedUser?.providerDisplayName).toBe("Ann Archer");
  });

  it("lists projects, teams and members", async () => {
    const core = await connection.getCoreApi();
    const projects = await core.getProjects();
    expect(projects.map((project) => project.name)).toEqual([
      "Storefront",
      "Fulfilment",
      "Office Move",
    ]);
    const project = await core.getProject("Office Move", true);
    expect(project.capabilities?.processTemplate?.templateName).toBe("Basic");
    const teams = await core.getTeams("Storefront");
    expect(teams.map((team) => team.name)).toEqual(["Storefront Team", "Checkout Crew"]);
    expect((await core.getAllTeams()).length).toBe(6);
    const members = await core.getTeamMembersWithExtendedProperties(
      "Storefront",
      "Storefront Team",
    );
    expect(members.map((member) => member.identity?.displayName)).toEqual([
      "Ann Archer",
      "Ben Baker",
    ]);
  });

  it("reads types, their fields and their states", async () => {
    const types = await tracking.getWorkItemTypes("Fulfilment");
    expect(types.map((type) => type.name)).toContain("Product Backlog Item");
    const states = await tracking.getWorkItemTypeStates("Fulfilment", "Product Backlog Item");
    expect(states.map((state) => state.category)).toEqual([
      "Proposed",
      "Proposed",
      "InProgress",
      "Completed",
      "Removed",
    ]);
    const fields = await tracking.getWorkItemTypeFieldsWithReferences(
      "Storefront",
      "Bug",
      WorkItemTypeFieldsExpandLevel.All,
    );
    const severity = fields.find((field) => field.name === "Severity");
    expect(severity?.allowedValues).toContain("1 - Critical");
    expect((await tracking.getFields("Storefront")).length).toBeGreaterThan(50);
  });

  it("creates, reads, updates and deletes a work item", async () => {
    const id = await createTask("From the client");
    const read = await tracking.getWorkItem(id, undefined, undefined, WorkItemExpand.All);
    expect(read.fields?.["System.Title"]).toBe("From the client");
    expect(read.fields?.["System.Id"]).toBe(id);

    const updated = await tracking.updateWorkItem(
      undefined,
      [
        { op: Operation.Test, path: "/rev", value: 1, from: null },
        add("/fields/System.State", "Active"),
        add("/relations/-", {
          rel: "System.LinkTypes.Hierarchy-Reverse",
          url: `${sandbox.http}/acme/_apis/wit/workItems/1`,
        }),
      ],
      id,
    );
    expect(updated.rev).toBe(2);
    expect(updated.fields?.["System.Parent"]).toBe(1);
    const revisions = await tracking.getRevisions(id);
    expect(revisions.map((revision) => revision.fields?.["System.State"])).toEqual([
      "New",
      "Active",
    ]);

    const deleted = await tracking.deleteWorkItem(id);
    expect(deleted.code).toBe(200);
    const missing = await tracking.getWorkItem(id);
    expect(missing, "the client gives null for 404").toBeNull();
    await tracking.restoreWorkItem({ isDeleted: false }, id);
    expect((await tracking.getWorkItem(id)).rev).toBe(4);
  });

  it("reads lists and batches, with null for what is missing", async () => {
    const id = await createTask("One of several");
    // The client writes whole seconds, and the item must exist by then.
    const asOf = new Date(Date.now() + 1000);
    const list = await tracking.getWorkItems(
      [id, 999_999],
      ["System.Title"],
      asOf,
      undefined,
      WorkItemErrorPolicy.Omit,
    );
    expect(list.map((item) => item?.id ?? null)).toEqual([id, null]);
    const batch = await tracking.getWorkItemsBatch({
      ids: [id],
      fields: ["System.Title"],
      errorPolicy: WorkItemErrorPolicy.Fail,
    });
    expect(batch[0]?.fields).toEqual({ "System.Title": "One of several" });
  });

  it("uploads an attachment and reads it back", async () => {
    const { Readable } = await import("node:stream");
    const uploaded = await tracking.createAttachment(
      { "Content-Type": "application/octet-stream" },
      Readable.from([Buffer.from("hello")]),
      "hello.txt",
    );
    const stream = await tracking.getAttachmentContent(uploaded.id as string, "hello.txt");
    const parts: Buffer[] = [];
    for await (const part of stream) parts.push(Buffer.from(part as Uint8Array));
    expect(Buffer.concat(parts).toString()).toBe("hello");
  });

  it("fails with the service's sentence", async () => {
    const document = [add("/fields/System.Description", "no title")];
    await expect(
      tracking.createWorkItem(undefined, document, "Storefront", "Task"),
    ).rejects.toThrow("TF401320: Rule Error for field Title. Error code: Required, InvalidEmpty.");
  });
});
