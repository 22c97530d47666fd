// A button that opens the Connect Portal of one integration.

import type { ConnectError, ConnectParams, IntegrationInstallEvent } from "@gangway/connect";
import type { ComponentPropsWithoutRef, ReactNode } from "react";
import { useIntegration } from "./integration.ts";

export interface ConnectButtonProps
  extends Omit<ComponentPropsWithoutRef<"button">, "onClick" | "onError"> {
  integration: string;
  /** What `connect()` takes besides, such as `dropdowns` or `externalId`. */
  params?: Omit<ConnectParams, "onInstall" | "onError">;
  onConnect?: (event: IntegrationInstallEvent) => void;
  onError?: (error: ConnectError | Error) => void;
}

/** Says "Connect …", or "Manage …" once an account is connected; children take their place. */
export function ConnectButton({
  integration,
  params,
  onConnect,
  onError,
  children,
  disabled,
  ...rest
}: ConnectButtonProps): ReactNode {
  const { metadata, connected, open } = useIntegration(integration);
  const click = () =>
    open({
      ...params,
      ...(onConnect && { onInstall: onConnect }),
      ...(onError && { onError }),
    });
  return (
    <button type="button" {...rest} disabled={disabled || !metadata} onClick={click}>
      {children ?? `${connected ? "Manage" : "Connect"} ${metadata?.name ?? integration}`}
    </button>
  );
}
