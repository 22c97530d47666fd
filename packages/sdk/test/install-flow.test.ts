import { describe, expect, it, type Mock, vi } from "vitest";
import type { InstallFlowStage, StartOptions } from "../src/install-flow.ts";
import { INTEGRATION } from "./support/gangway.ts";
import { nobody, rejection, type Scene, signedIn } from "./support/signed-in.ts";

interface Started {
  stages: InstallFlowStage["stage"][];
  completed: Mock<NonNullable<StartOptions["onComplete"]>>;
  failed: Mock<NonNullable<StartOptions["onError"]>>;
}

function start({ sdk }: Scene, options: StartOptions = {}): Started {
  const started: Started = { stages: [], completed: vi.fn(), failed: vi.fn() };
  sdk.setHeadless(true);
  sdk.installFlow.start("azuredevops", {
    onNext: ({ stage }) => started.stages.push(stage),
    onComplete: started.completed,
    onError: started.failed,
    ...options,
  });
  return started;
}

const FORM = { organization: "acme", token: "a-token" };

describe("connecting step by step", () => {
  it("goes through the choice of an account type and its form to a connected account", async () => {
    const scene = await signedIn();
    const { stages, completed } = start(scene, { externalId: "main" });
    await scene.sdk.installFlow.setAccountType("pat");
    await scene.sdk.installFlow.setPreOptions(FORM);
    expect(stages).toEqual(["accountType", "preOptions"]);
    expect(scene.gangway.calls.map(({ body }) => body)).toEqual([
      {
        integrationId: INTEGRATION,
        config: {},
        payload: { ...FORM, skipPostOAuthInputs: true },
        installOptions: {
          allowMultipleCredentials: false,
          accountType: "pat",
          externalId: "main",
        },
      },
    ]);
    expect(completed).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ credentialId: scene.gangway.credentials[0]?.id }),
    );
    expect(scene.sdk.installFlow.next()).toEqual({ stage: "done", done: true });
    expect(scene.page.opened).toEqual([]);
  });

  it("offers the account types and the form's fields to draw", async () => {
    const scene = await signedIn();
    start(scene);
    expect(scene.sdk.installFlow.next()).toMatchObject({
      stage: "accountType",
      options: [{ id: "default" }, { id: "pat" }],
    });
    await scene.sdk.installFlow.setAccountType("pat");
    expect(scene.sdk.installFlow.next()).toMatchObject({
      stage: "preOptions",
      options: [{ id: "organization" }, { id: "token" }],
    });
  });

  it("opens the window in the click that chooses to sign in", async () => {
    const scene = await signedIn();
    const { stages, completed } = start(scene);
    const chosen = scene.sdk.installFlow.setAccountType("default");
    expect(scene.page.opened).toHaveLength(1);
    await vi.waitFor(() => expect(scene.page.opened[0]?.visited).toHaveLength(2));
    scene.page.post({
      type: "oauth_success_callback",
      credential: { integrationId: INTEGRATION, payload: {} },
    });
    await chosen;
    expect(stages).toEqual(["accountType", "oauth"]);
    expect(completed).toHaveBeenCalledOnce();
  });

  it("tells a refused form with its stage, and takes it again", async () => {
    const scene = await signedIn();
    const { completed, failed } = start(scene);
    const refusal = { message: "This token was refused.", code: "token_refused", status: 400 };
    scene.gangway.override = () => ({ status: 400, json: refusal });
    await scene.sdk.installFlow.setAccountType("pat");
    await scene.sdk.installFlow.setPreOptions(FORM);
    expect(failed).toHaveBeenCalledExactlyOnceWith(expect.objectContaining(refusal), {
      stage: "preOptions",
    });
    expect(scene.sdk.installFlow.next().stage).toBe("preOptions");
    scene.gangway.override = () => undefined;
    await scene.sdk.installFlow.setPreOptions(FORM);
    expect(completed).toHaveBeenCalledOnce();
  });

  it("tells a closed window with its stage", async () => {
    const scene = await signedIn();
    const { failed } = start(scene);
    const chosen = scene.sdk.installFlow.setAccountType("default");
    scene.page.opened[0]?.close();
    await chosen;
    expect(failed).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ name: "OAuthClosedError" }),
      { stage: "oauth" },
    );
  });

  it("says nothing more once it is cancelled", async () => {
    const scene = await signedIn();
    const { completed, failed } = start(scene);
    await scene.sdk.installFlow.setAccountType("pat");
    const saved = scene.sdk.installFlow.setPreOptions(FORM);
    await scene.sdk.installFlow.cancel();
    await saved;
    expect(completed).not.toHaveBeenCalled();
    expect(failed).not.toHaveBeenCalled();
    expect((await rejection(scene.sdk.installFlow.setPreOptions(FORM))).name).toBe(
      "NoActiveInstallFlowError",
    );
  });

  it.each([
    ["HeadlessModeNotEnabledError", signedIn, false, "azuredevops"],
    ["IntegrationNotFoundError", signedIn, true, "jira"],
    ["UserNotAuthenticatedError", nobody, true, "azuredevops"],
  ])("tells why it cannot begin: %s", async (name, scene, headless, integration) => {
    const { sdk } = await scene();
    sdk.setHeadless(headless);
    const error = await new Promise<Error>((onError) => {
      sdk.installFlow.start(integration, { onError });
    });
    expect(error.name).toBe(name);
  });
});
