// What Gangway knows of the user, read again after every change.

import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import type { Client } from "./client.ts";
import type { Me, PortalIntegration } from "./model.ts";

export interface Loaded {
  me: Me;
  integrations: PortalIntegration[];
}

/** `told` is what the page around knows of the user: when that changes, there is news. */
export function useLoaded(client: Client, told?: string) {
  const [loaded, setLoaded] = useState<Loaded>();
  const [problem, setProblem] = useState<Error>();
  const turn = useRef(0);
  const refresh = useCallback(async () => {
    // Answers may overtake each other: what was asked last counts.
    const own = ++turn.current;
    try {
      const [me, integrations] = await Promise.all([client.me(), client.integrations()]);
      if (own !== turn.current) return;
      setLoaded({ me, integrations });
      setProblem(undefined);
    } catch (error) {
      if (own === turn.current) setProblem(error as Error);
    }
  }, [client]);
  useEffect(() => {
    void refresh();
  }, [refresh, told]);
  return { loaded, problem, refresh };
}
