// Everything an application may import.

import { ConnectSDK } from "./connect-sdk.ts";

/** The SDK, ready to be told where Gangway is. */
export const gangway: ConnectSDK = new ConnectSDK();
export type {
  CreateConfigurationOptions,
  DeleteConfigurationOptions,
  UpdateConfigurationOptions,
} from "./configurations.ts";
export type { GetTriggerTypesResponse, TriggerDefinition } from "./connect-sdk.ts";
export { ConnectSDK, ConnectSDK as default, VERSION } from "./connect-sdk.ts";
export type * from "./data-sources.ts";
export type { Environments } from "./environments.ts";
export * from "./errors.ts";
/** The name that existing applications know the ancestor of all errors by. */
export {
  asConnectError as getConnectSDKError,
  ConnectError as BaseSDKError,
} from "./errors.ts";
export { type Listener, SDK_EVENT } from "./events.ts";
export type { FieldOptions, FieldOptionsRequest } from "./field-options.ts";
export type { ActionInput, InputSources } from "./input-sources.ts";
export type { InstallFlow, InstallFlowStage, StartOptions } from "./install-flow.ts";
export type * from "./portal-messages.ts";
export type { ConnectParams } from "./portal-sdk.ts";
export * from "./types.ts";
export * from "./vocabulary.ts";
/** The same object under the name that existing applications use. */
export { gangway as connectSingleton, gangway as paragon };
