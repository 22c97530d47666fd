// Who is signed in, for every component below.

import {
  asConnectError,
  type ConnectError,
  type ConnectSDK,
  type ConnectUser,
  type PersonaMeta,
  gangway as shared,
  UserNotAuthenticatedError,
} from "@gangway/connect";
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react";

export interface GangwayState {
  gangway: ConnectSDK;
  user: ConnectUser;
  /** `ready` once the user is signed in and the integrations are known. */
  status: "loading" | "ready" | "failed";
  /** Why signing in failed, or that the session has ended since. */
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

  // Not at each new token: it takes the portal's frame out of the page.
  useEffect(() => gangway.configureGlobal({ host }), [gangway, host]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another host is another sign-in.
  useEffect(() => {
    setOutcome(LOADING);
    if (token === undefined) {
      return undefined;
    }
    let current = true;
    let signedIn = false;
    const settle = (next: typeof outcome) => current && setOutcome(next);
    const lost = () => settle({ status: "failed", error: new UserNotAuthenticatedError() });
    // A refusal of Gangway's ends the session later, too.
    const unwatch = gangway.watchUser(() => signedIn && !gangway.getUser().authenticated && lost());
    gangway.authenticate(projectId, token, { metadata: JSON.parse(told) }).then(
      () => {
        signedIn = true;
        settle({ status: "ready", error: undefined });
      },
      (error) => settle({ status: "failed", error: asConnectError(error) }),
    );
    return () => {
      current = false;
      unwatch();
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
