// Our SDK beside the vendor's published one: what an application imports and calls by name.

import { createRequire } from "node:module";
import * as ours from "@gangway/connect";
import { describe, expect, it } from "vitest";

type Vendor = typeof import("@useparagon/connect");

const own = { ...ours };
const vendor = createRequire(import.meta.url)("@useparagon/connect") as Vendor;

const METHODS = [
  "authenticate",
  "configureGlobal",
  "createConfiguration",
  "destroyConfiguration",
  "event",
  "getAccountTypeOptions",
  "getIntegrationConfig",
  "getIntegrationId",
  "getIntegrationMetadata",
  "getPostOptions",
  "getPreOptions",
  "getUser",
  "getVersion",
  "installIntegration",
  "logout",
  "request",
  "sendConnectRequest",
  "setHeadless",
  "setUserMetadata",
  "subscribe",
  "uninstallIntegration",
  "unsubscribe",
  "updateConfiguration",
  "workflow",
] as const;

const FLOW_METHODS = [
  "cancel",
  "getAccountTypeValue",
  "getPostOptionsValue",
  "getPreOptionsValue",
  "next",
  "setAccountType",
  "setPostOptions",
  "setPreOptions",
  "start",
] as const;

describe("our SDK has what the vendor's has", () => {
  it.each(METHODS)("the method %s", (name) => {
    expect(vendor.default.prototype[name]).toBeTypeOf("function");
    expect(ours.ConnectSDK.prototype[name]).toBeTypeOf("function");
  });

  it.each(FLOW_METHODS)("the step %s of the install flow", (name) => {
    expect(ours.gangway.installFlow[name]).toBeTypeOf("function");
  });

  it("the events", () => {
    expect(ours.SDK_EVENT).toEqual(vendor.SDK_EVENT);
  });

  it("the states of a credential", () => {
    expect(ours.CredentialStatus).toEqual(vendor.CredentialStatus);
  });

  it.each([
    "UserNotAuthenticatedError",
    "NoActiveInstallFlowError",
    "HeadlessModeNotEnabledError",
    "IntegrationNotFoundError",
    "IntegrationNotInstalledError",
    "OAuthBlockedError",
    "OAuthTimeoutError",
  ] as const)("the error %s", (name) => {
    const mine = new own[name]("azuredevops");
    expect(mine).toBeInstanceOf(ours.BaseSDKError);
    expect(mine.name).toBe(new vendor[name]("azuredevops").name);
  });
});
