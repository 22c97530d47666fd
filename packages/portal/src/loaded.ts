// What Gangway knows of the user, read again after every change.

import { useCallback, useEffect, useState } from "preact/hooks";
import type { Client } from "./client.ts";
import type { Me, PortalIntegration } from "./model.ts";

export interface Loaded {
  me: Me;
  integrations: PortalIntegration[];
}

export function useLoaded(client: Client) {
  const [loaded, setLoaded] = useState<Loaded>();
  const [problem, setProblem] = useState<Error>();
  const refresh = useCallback(async () => {
    try {
      const [me, integrations] = await Promise.all([client.me(), client.integrations()]);
      setLoaded({ me, integrations });
      setProblem(undefined);
    } catch (error) {
      setProblem(error as Error);
    }
  }, [client]);
  useEffect(() => {
    void refresh();
  }, [refresh]);
  return { loaded, problem, refresh };
}
