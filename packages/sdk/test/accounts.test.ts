import { describe, expect, it, vi } from "vitest";
import { rejection, signedIn } from "./support/signed-in.ts";

describe("disconnecting", () => {
  it("names the account, answers what became of it and forgets it", async () => {
    const { sdk, gangway } = await signedIn((prepared) => {
      prepared.connect({ externalId: "main" });
      prepared.connect({ externalId: "other" });
    });
    const heard = vi.fn();
    sdk.subscribe("onIntegrationUninstall", heard);
    const [main, other] = gangway.credentials;
    expect(await sdk.uninstallIntegration("azuredevops")).toEqual({
      revokedAtProvider: false,
      message: "The account is disconnected.",
    });
    expect(gangway.calls[0]?.headers["x-paragon-credential"]).toBe(main?.id);
    expect(sdk.getUser()).toMatchObject({
      integrations: { azuredevops: { enabled: true, credentialId: other?.id } },
    });
    expect(heard).toHaveBeenCalledOnce();
    await sdk.uninstallIntegration("azuredevops", { selectedCredentialId: "other" });
    expect(sdk.getUser()).toMatchObject({
      integrations: { azuredevops: { enabled: false, allCredentials: [], allConfigurations: [] } },
    });
  });

  it("needs a connected account", async () => {
    const { sdk } = await signedIn();
    expect(await rejection(sdk.uninstallIntegration("azuredevops"))).toMatchObject({
      name: "IntegrationNotInstalledError",
      integrationName: "azuredevops",
    });
  });
});

describe("configurations", () => {
  it("are made, changed and taken away, one at a time", async () => {
    const { sdk, gangway } = await signedIn((prepared) => prepared.connect());
    const credentialId = gangway.credentials[0]?.id ?? "";
    const made = await sdk.createConfiguration({ credentialId, externalId: "ext:team-1" });
    expect(made).toMatchObject({ externalId: "team-1", isDefault: false });
    const changed = await sdk.updateConfiguration({ id: "team-1", credentialId, meta: { a: 1 } });
    expect(changed.id).toBe(made.id);
    await sdk.destroyConfiguration({ id: made.id, credentialId });
    expect(
      gangway.calls.map(({ method, headers, body }) => [
        method,
        headers["x-paragon-configuration-id"],
        body,
      ]),
    ).toEqual([
      ["POST", undefined, { externalId: "team-1" }],
      ["PATCH", made.id, { meta: { a: 1 } }],
      ["DELETE", made.id, undefined],
    ]);
    const user = sdk.getUser();
    const state = user.authenticated ? user.integrations.azuredevops : undefined;
    expect(state?.allConfigurations.map(({ isDefault }) => isDefault)).toEqual([true]);
  });

  it("keep their default", async () => {
    const { sdk, gangway } = await signedIn((prepared) => prepared.connect());
    const [credential] = gangway.credentials;
    const id = credential?.configurations[0]?.id ?? "";
    const refused = sdk.destroyConfiguration({ id, credentialId: credential?.id ?? "" });
    expect((await rejection(refused)).message).toBe("The default configuration cannot be deleted.");
    expect(gangway.calls).toEqual([]);
  });
});

describe("listeners", () => {
  it("are taken off again, and an event nobody knows is refused", async () => {
    const { sdk } = await signedIn();
    const listener = vi.fn();
    const takeOff = sdk.subscribe("onIntegrationInstall", listener);
    expect([takeOff(), takeOff(), sdk.unsubscribe("onIntegrationInstall", listener)]).toEqual([
      true,
      false,
      false,
    ]);
    expect(() => sdk.subscribe("onNothing" as never, listener)).toThrow(
      '"onNothing" is not an event of the SDK.',
    );
  });
});
