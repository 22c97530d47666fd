// Everything an application may import.

export { ConnectButton, type ConnectButtonProps } from "./connect-button.tsx";
export { type IntegrationHandle, useIntegration, useIntegrations } from "./integration.ts";
export {
  GangwayProvider,
  type GangwayProviderProps,
  type GangwayState,
  useGangway,
} from "./provider.tsx";
