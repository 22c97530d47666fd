import { describe, expect, it, vi } from "vitest";
import { INTEGRATION, PROJECT, WORKFLOW } from "./support/gangway.ts";
import { rejection, type Scene, signedIn } from "./support/signed-in.ts";

async function connected(enabled = false): Promise<Scene & { account: string; chosen: string }> {
  const scene = await signedIn((gangway) => {
    const { configurations } = gangway.connect();
    for (const configuration of configurations) {
      configuration.workflowSettings = { [WORKFLOW]: { enabled, settings: { board: "Sails" } } };
      configuration.sharedSettings = { team: "Crew" };
    }
  });
  const [credential] = scene.gangway.credentials;
  const [configuration] = credential?.configurations ?? [];
  return { ...scene, account: credential?.id ?? "", chosen: configuration?.id ?? "" };
}

function settingsOf({ sdk }: Scene): unknown {
  const user = sdk.getUser();
  return user.authenticated && user.integrations.azuredevops;
}

describe("a workflow", () => {
  it("is switched on and off for the selected configuration", async () => {
    const scene = await connected();
    const { sdk, gangway, account, chosen } = scene;
    const headers = { "x-paragon-credential": account, "x-paragon-configuration-id": chosen };
    const url = `/projects/{project}/sdk/workflows/${WORKFLOW}`;
    await sdk.enableWorkflow(WORKFLOW);
    expect(settingsOf(scene)).toMatchObject({
      workflowSettings: { [WORKFLOW]: { enabled: true, settings: { board: "Sails" } } },
    });
    await sdk.disableWorkflow(WORKFLOW, { selectedCredentialId: account });
    expect(settingsOf(scene)).toMatchObject({
      workflowSettings: { [WORKFLOW]: { enabled: false } },
    });
    expect(gangway.calls).toMatchObject([
      { method: "POST", url, headers },
      { method: "DELETE", url, headers },
    ]);
  });

  it("that is on already is refused, and one of several failures stops nothing", async () => {
    const { sdk, gangway } = await connected(true);
    const { user, errors } = await sdk.updateWorkflowState({
      [WORKFLOW]: true,
      "w-unknown": true,
    });
    expect(errors).toEqual([
      { workflowId: WORKFLOW, message: `Workflow ${WORKFLOW} is switched on already.` },
      {
        workflowId: "w-unknown",
        message: "No integration of this project has a workflow w-unknown.",
      },
    ]);
    expect(user.authenticated).toBe(true);
    expect(gangway.calls).toEqual([]);
  });

  it("has an address for the user's own webhook", async () => {
    const { sdk, account } = await connected();
    expect(await sdk.getCustomWebhookUserManualUrl(WORKFLOW)).toBe(
      `http://localhost:8080/triggers/connect/${PROJECT}/${INTEGRATION}/custom-triggers/t-1?id=${account}`,
    );
  });
});

describe("settings", () => {
  it("of the integration are changed one by one", async () => {
    const scene = await connected();
    const { userState, errors } = await scene.sdk.updateIntegrationUserSettings("azuredevops", {
      sprint: 3,
    });
    expect(scene.gangway.calls).toMatchObject([
      {
        method: "PATCH",
        url: `/projects/{project}/sdk/credentials/${scene.account}`,
        headers: { "x-paragon-configuration-id": scene.chosen },
        body: { config: { sharedSettings: { team: "Crew", sprint: 3 } } },
      },
    ]);
    expect(errors).toEqual([]);
    expect(userState.integrations.azuredevops?.sharedSettings).toEqual({ team: "Crew", sprint: 3 });
  });

  it("of a workflow are sent along with those of the others", async () => {
    const scene = await connected();
    await scene.sdk.updateWorkflowUserSettings("azuredevops", WORKFLOW, { lane: "Doing" });
    const settings = { board: "Sails", lane: "Doing" };
    expect(scene.gangway.calls[0]?.body).toEqual({
      config: { workflowSettings: { [WORKFLOW]: { enabled: false, settings } } },
    });
    expect(settingsOf(scene)).toMatchObject({ workflowSettings: { [WORKFLOW]: { settings } } });
  });

  it("are refused while the account must be signed in again", async () => {
    const { sdk } = await signedIn((gangway) => gangway.connect({ status: "INVALID" }));
    const refused = await rejection(sdk.updateIntegrationUserSettings("azuredevops", {}));
    expect(refused.message).toMatch(/must be signed in again first\.$/);
  });

  it("tell what the server found wrong with them", async () => {
    const { sdk, gangway } = await connected();
    const [credential] = gangway.credentials;
    gangway.override = () => ({ json: { ...credential, errors: ["sprint: not a number"] } });
    const { errors } = await sdk.updateIntegrationUserSettings("azuredevops", { sprint: "x" });
    expect(errors).toEqual(["sprint: not a number"]);
  });
});

describe("the choices of a field", () => {
  it("come from the provider, a page at a time", async () => {
    const { sdk, gangway } = await connected();
    const records = [{ label: "Harbour", value: "p-1" }];
    gangway.override = () => ({ json: { output: { records, nextPageCursor: "2" } } });
    const answer = await sdk.getFieldOptions({
      integration: "azuredevops",
      action: "projects",
      search: "har",
    });
    expect(answer).toEqual({ data: records, nestedData: [], nextPageCursor: "2" });
    expect(gangway.calls[0]?.body).toEqual({
      action: "azuredevops",
      sourceKey: "projects",
      parameters: [],
      paginationParameters: { pageCursor: 0, search: "har" },
    });
  });

  it("are further fields when the provider answers those", async () => {
    const { sdk, gangway } = await connected();
    gangway.override = () => ({ json: { output: [{ id: "title", title: "Title" }] } });
    const source = { cacheKey: "fields" };
    expect(await sdk.getFieldOptions({ integration: "azuredevops", source })).toEqual({
      data: [],
      nestedData: [{ id: "title", title: "Title" }],
      nextPageCursor: null,
    });
  });

  it("come from the page's own loader where it gave one", async () => {
    const { sdk, gangway } = await connected();
    const loadOptions = vi.fn(async () => ({ options: [], nextPageCursor: "n" }));
    sdk.setDataSources({ dropdowns: { boards: { loadOptions } } });
    const options = { integration: "azuredevops", action: "boards", cursor: "c", search: "s" };
    expect((await sdk.getFieldOptions(options)).nextPageCursor).toBe("n");
    expect(loadOptions).toHaveBeenCalledWith("c", "s");
    expect(gangway.calls).toEqual([]);
  });

  it("of a field mapping come from the page's loaders, by object", async () => {
    const { sdk } = await connected();
    const integrationFields = { get: vi.fn(async () => ({ options: [], nextPageCursor: null })) };
    sdk.setDataSources({
      mapObjectFields: {
        Task: {
          objectTypes: integrationFields,
          integrationFields,
          applicationFields: { fields: [] },
        },
      },
    });
    await sdk.getFieldOptions({
      integration: "azuredevops",
      source: {
        dynamicFieldMappingKey: "Task",
        dynamicFieldMappingType: "integrationFields",
      },
      parameters: [{ key: "object", source: { type: "VALUE", value: "Bug" } }],
    });
    expect(integrationFields.get).toHaveBeenCalledWith({ objectType: "Bug" }, undefined, undefined);
  });

  it("of one integration win over those for all", async () => {
    const { sdk } = await connected();
    const [all, own] = ["all", "own"].map((value) => [{ label: value, value }]);
    sdk.setDataSources({
      dropdowns: { boards: all ?? [], lanes: all ?? [] },
      integrationSpecificSources: { azuredevops: { dropdowns: { boards: own ?? [] } } },
    });
    const input = { id: "b", title: "Board", type: "CUSTOM_DROPDOWN" };
    const values = (key: string) => sdk.getSourcesForInput("azuredevops", { ...input, key });
    expect(values("boards")).toMatchObject({ kind: "single", source: { values: own } });
    expect(values("lanes")).toMatchObject({ kind: "single", source: { values: all } });
    expect(values("none")).toBeNull();
  });

  it("are loaded by the integration's own loader before the general one", async () => {
    const { sdk } = await connected();
    const loading = (value: string) => ({
      loadOptions: async () => ({ options: [{ label: value, value }], nextPageCursor: null }),
    });
    sdk.setDataSources({
      dropdowns: { boards: loading("all"), lanes: loading("all") },
      integrationSpecificSources: { azuredevops: { dropdowns: { boards: loading("own") } } },
    });
    const load = async (action: string) =>
      (await sdk.getFieldOptions({ integration: "azuredevops", action })).data;
    expect(await load("boards")).toMatchObject([{ value: "own" }]);
    expect(await load("lanes")).toMatchObject([{ value: "all" }]);
    void sdk.connect("azuredevops");
    expect(await sdk._loadCustomDropdownOptions("boards")).toMatchObject({
      options: [{ value: "own" }],
    });
  });

  it("are never loaded by another integration's loader", async () => {
    const { sdk } = await connected();
    const loadOptions = vi.fn();
    sdk.setDataSources({
      integrationSpecificSources: { jira: { dropdowns: { boards: { loadOptions } } } },
    });
    void sdk.connect("azuredevops");
    expect(sdk.hasCustomDropdownLoader("boards")).toBe(false);
    expect(sdk.hasCustomDropdownLoader("boards", "jira")).toBe(true);
    expect((await rejection(sdk._loadCustomDropdownOptions("boards"))).message).toBe(
      'The page gave no loader for the choices of "boards".',
    );
    expect(loadOptions).not.toHaveBeenCalled();
  });
});

it("says that a resource is unknown before it sends anything", async () => {
  const { sdk, gangway } = await connected();
  expect((await rejection(sdk.connectAction("ships", {}))).message).toBe(
    'This project has no resource "ships".',
  );
  expect(gangway.calls).toEqual([]);
});

it("asks for the triggers of a connected account", async () => {
  const { sdk, gangway, account } = await connected();
  gangway.override = () => ({ json: { triggers: { azuredevops: [] } } });
  expect(await sdk.getTriggers("azuredevops")).toEqual({ triggers: { azuredevops: [] } });
  expect(gangway.calls[0]).toMatchObject({
    url: "/projects/{project}/triggers?integrations=azuredevops",
    headers: { "x-paragon-credential": account },
  });
});
