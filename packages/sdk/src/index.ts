// Everything an application may import.

import { ConnectSDK } from "./connect-sdk.ts";

/** The SDK, ready to be told where Gangway is. */
export const gangway: ConnectSDK = new ConnectSDK();
export type {
  CreateConfigurationOptions,
  DeleteConfigurationOptions,
  UpdateConfigurationOptions,
} from "./configurations.ts";

export { ConnectSDK, ConnectSDK as default, VERSION } from "./connect-sdk.ts";
export type { Environments } from "./environments.ts";
export * from "./errors.ts";
/** The name that existing applications know the ancestor of all errors by. */
export { ConnectError as BaseSDKError } from "./errors.ts";
export { type Listener, SDK_EVENT } from "./events.ts";
export type { InstallFlow, InstallFlowStage, StartOptions } from "./install-flow.ts";
export type * from "./portal-messages.ts";
export * from "./types.ts";
/** The same object under the name that existing applications use. */
export { gangway as paragon };
