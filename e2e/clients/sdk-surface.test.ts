// Our SDK beside the vendor's published one: what an application imports and calls by name.

import { createRequire } from "node:module";
import * as ours from "@gangway/connect";
import { describe, expect, it } from "vitest";

type Vendor = typeof import("@useparagon/connect");

const own = { ...ours };
const vendor = createRequire(import.meta.url)("@useparagon/connect") as Vendor;

/** Methods that the vendor declares private, and what only they need. */
const INTERNAL = new Set(
  `constructor bootstrapSDKState clearState createReactRoot eventMessageHandler fetchIntegrations
  fetchUserData functionInvocationHandler getAccountName getCredentialAndConfig getCredentialPair
  getIntegrationByName getIntegrationForWorkflow getIntegrationIcon getSelectedMultipleAccountTypes
  hasCredential isAlreadyInstalled isDynamicFieldMappingConfig loadState patchUserMetadata
  pollForCredential processDropdownSources processMapObjectFieldSources removeOptionDuplicates
  render resolveMapObjectFieldSource saveState sendRequest setCredentialConfigForUserState
  setDynamicFieldMappingLoaders updateConfig updateCredentialData updateIntegrations
  updateLocalState validateExternalIdOptions _getIntegration`.split(/\s+/),
);

const METHODS = Object.getOwnPropertyNames(vendor.default.prototype).filter(
  (name) => !INTERNAL.has(name),
);

const WORDS = Object.entries(vendor)
  .filter(
    ([, value]) => typeof value === "string" || Object.getPrototypeOf(value) === Object.prototype,
  )
  .map(([name]) => name)
  .filter((name) => name !== "paragon");

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

it("compares what the vendor offers, not an empty list", () => {
  expect(METHODS.length).toBeGreaterThan(50);
  expect(WORDS.length).toBeGreaterThan(20);
});

describe("our SDK has what the vendor's has", () => {
  it.each(METHODS)("the method %s", (name) => {
    expect(Reflect.get(ours.ConnectSDK.prototype, name)).toBeTypeOf("function");
  });

  it.each(FLOW_METHODS)("the step %s of the install flow", (name) => {
    expect(ours.gangway.installFlow[name]).toBeTypeOf("function");
  });

  it.each(WORDS)("the word %s with its values", (name) => {
    expect(Reflect.get(own, name)).toEqual(Reflect.get(vendor, name));
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
