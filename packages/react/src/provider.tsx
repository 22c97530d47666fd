// Who is signed in, for every component below.

import {
  asConnectError,
  type ConnectError,
  type ConnectSDK,
  type ConnectUser,
  type PersonaMeta,
  gangway as shared,
} from "@gangway/connect";
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react";

export interface GangwayState {
  gangway: ConnectSDK;
  user: ConnectUser;
  /** `ready` once the user is signed in and the integrations are known. */
  status: "loading" | "ready" | "failed";
  /** Why signing in failed. */
  error: ConnectError | undefined;
}

export interface GangwayProviderProps {
  /** Gangway's address: `https://gangway.example.com`. */
  host: string;
  projectId: string;
  /** The user token that your server signed; nothing happens before there is one. */
  token: string | undefined;
  metadata?: PersonaMeta;
  /** An SDK of your own in place of the package's `gangway`. */
  gangway?: ConnectSDK;
  children?: ReactNode;
}

const Context = createContext<GangwayState | undefined>(undefined);
const NOBODY: ConnectUser = { authenticated: false };

/** Signs the user in, and again whenever the token changes. */
export function GangwayProvider({
  host,
  projectId,
  token,
  metadata,
  gangway = shared,
  children,
}: GangwayProviderProps): ReactNode {
  const [user, setUser] = useState(NOBODY);
  const [outcome, setOutcome] = useState<Pick<GangwayState, "status" | "error">>(LOADING);
  // The same metadata in a new object is no reason to sign in again.
  const told = JSON.stringify(metadata ?? {});

  useEffect(() => gangway.watchUser(() => setUser(gangway.getUser())), [gangway]);

  useEffect(() => {
    setOutcome(LOADING);
    if (token === undefined) {
      return undefined;
    }
    let current = true;
    const settle = (next: typeof outcome) => current && setOutcome(next);
    gangway.configureGlobal({ host });
    gangway.authenticate(projectId, token, { metadata: JSON.parse(told) }).then(
      () => settle({ status: "ready", error: undefined }),
      (error) => settle({ status: "failed", error: asConnectError(error) }),
    );
    return () => {
      current = false;
      gangway.logout();
    };
  }, [gangway, host, projectId, token, told]);

  const state = useMemo(() => ({ gangway, user, ...outcome }), [gangway, user, outcome]);
  return <Context.Provider value={state}>{children}</Context.Provider>;
}

const LOADING = { status: "loading", error: undefined } as const;

/** The SDK, the user, and whether both are ready. */
export function useGangway(): GangwayState {
  const state = useContext(Context);
  if (!state) {
    throw new Error("useGangway() needs a <GangwayProvider> around the component.");
  }
  return state;
}
