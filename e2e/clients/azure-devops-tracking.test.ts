// Microsoft's own Azure DevOps client and the parts of the sandbox that triggers and pickers use:
// queries, the change feed, comments, trees, sprints.

import * as azdev from "azure-devops-node-api";
import { TimeFrame } from "azure-devops-node-api/interfaces/WorkInterfaces.js";
import {
  CommentExpandOptions,
  QueryExpand,
  QueryType,
  ReportingRevisionsExpand,
  TreeStructureGroup,
} from "azure-devops-node-api/interfaces/WorkItemTrackingInterfaces.js";
import type { IWorkItemTrackingApi } from "azure-devops-node-api/WorkItemTrackingApi.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "./sandbox.ts";

let sandbox: Sandbox;
let connection: azdev.WebApi;
let tracking: IWorkItemTrackingApi;
const crew = { project: "Storefront", team: "Checkout Crew" };

beforeAll(async () => {
  sandbox = await startSandbox();
  const handler = azdev.getPersonalAccessTokenHandler(sandbox.pat("ann", "acme"));
  connection = new azdev.WebApi(`${sandbox.http}/acme`, handler);
  tracking = await connection.getWorkItemTrackingApi();
}, 300_000);

afterAll(() => sandbox?.stop());

describe("azure-devops-node-api", () => {
  it("asks in WIQL, with and without a project and a team", async () => {
    const query =
      "SELECT [System.Id] FROM WorkItems WHERE [System.IterationPath] = @CurrentIteration";
    const result = await tracking.queryByWiql({ query }, crew, false, 3);
    expect(result.queryType).toBe(QueryType.Flat);
    expect(result.workItems?.length).toBe(3);
    const wrong = tracking.queryByWiql({ query: "SELECT [X.Y] FROM WorkItems" });
    await expect(wrong).rejects.toThrow("TF51005");
  });

  it("saves a query, finds it, runs it and deletes it", async () => {
    const wiql = "SELECT [System.Id] FROM WorkItems WHERE [System.Id] < 4 ORDER BY [System.Id]";
    const saved = await tracking.createQuery({ name: "Few", wiql }, "Storefront", "My Queries");
    const id = saved.id as string;
    const result = await tracking.queryById(id, { project: "Storefront" });
    expect(result.workItems?.map((item) => item.id)).toEqual([1, 2, 3]);
    const folders = await tracking.getQueries("Storefront", QueryExpand.Wiql, 1);
    expect(folders[0]?.children?.map((query) => query.wiql)).toEqual([wiql]);
    const found = await tracking.searchQueries("Storefront", "few");
    expect(found.value?.map((query) => query.path)).toEqual(["My Queries/Few"]);
    await tracking.deleteQuery("Storefront", id);
    expect(await tracking.getQuery("Storefront", id)).toBeNull();
  });

  it("reads the change feed to its end and comes back with the token", async () => {
    let token: string | undefined;
    let count = 0;
    for (let last = false; !last; ) {
      const filter = { fields: ["System.Title"], includeDeleted: true };
      const batch = await tracking.readReportingRevisionsPost(filter, undefined, token);
      count += batch.values?.length ?? 0;
      token = batch.continuationToken;
      last = batch.isLastBatch ?? true;
    }
    expect(count).toBeGreaterThan(300);
    const comment = await tracking.addComment({ text: "News" }, "Storefront", 4);
    const news = await tracking.readReportingRevisionsPost(
      {},
      undefined,
      token,
      undefined,
      ReportingRevisionsExpand.Fields,
    );
    expect(news.values?.map((one) => one.fields?.["System.History"])).toEqual(["News"]);
    await tracking.deleteComment("Storefront", 4, comment.id as number);
  });

  it("talks: comments are added, changed and listed with their versions", async () => {
    const comment = await tracking.addComment({ text: "First" }, "Storefront", 5);
    const id = comment.id as number;
    const changed = await tracking.updateComment({ text: "Second" }, "Storefront", 5, id);
    expect(changed.version).toBe(2);
    const list = await tracking.getComments("Storefront", 5, 1);
    expect(list.comments?.map((one) => one.text)).toEqual(["Second"]);
    const versions = await tracking.getCommentVersions("Storefront", 5, id);
    expect(versions.map((version) => version.text)).toEqual(["First", "Second"]);
    const all = CommentExpandOptions.All;
    const one = await tracking.getComment("Storefront", 5, id, false, all);
    expect(one.renderedText).toBe("Second");
  });

  it("walks the trees and makes a sprint", async () => {
    const roots = await tracking.getRootNodes("Storefront", 2);
    const areas = roots[0]?.children?.map((node) => node.name);
    expect(areas).toEqual(["Catalogue", "Checkout", "Account"]);
    const dates = { startDate: new Date("2030-01-01"), finishDate: new Date("2030-01-14") };
    const made = await tracking.createOrUpdateClassificationNode(
      { name: "Far away", attributes: dates },
      "Storefront",
      TreeStructureGroup.Iterations,
    );
    expect(made.path).toBe("\\Storefront\\Iteration\\Far away");
    const work = await connection.getWorkApi();
    const sprints = await work.getTeamIterations(crew);
    expect(sprints.at(-1)?.name).toBe("Far away");
    const current = await work.getTeamIterations(crew, "current");
    expect(current.map((sprint) => sprint.attributes?.timeFrame)).toEqual([TimeFrame.Current]);
  });
});
