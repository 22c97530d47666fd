// Who wants to hear of what happened.

import { InvalidUsageError } from "./errors.ts";
import type {
  AuthenticatedConnectUser,
  IntegrationInstallEvent,
  PortalOpenEvent,
  WorkflowStateChangeEvent,
} from "./types.ts";

export const SDK_EVENT = {
  ON_INTEGRATION_INSTALL: "onIntegrationInstall",
  ON_INTEGRATION_UNINSTALL: "onIntegrationUninstall",
  ON_WORKFLOW_CHANGE: "onWorkflowChange",
  ON_PORTAL_OPEN: "onPortalOpen",
  ON_PORTAL_CLOSE: "onPortalClose",
} as const;
export type SDK_EVENT = (typeof SDK_EVENT)[keyof typeof SDK_EVENT];

/** What is told of each event. */
export interface EventPayloads {
  onIntegrationInstall: IntegrationInstallEvent;
  onIntegrationUninstall: IntegrationInstallEvent;
  onWorkflowChange: WorkflowStateChangeEvent;
  onPortalOpen: PortalOpenEvent;
  onPortalClose: PortalOpenEvent;
}

export type Listener<Event extends SDK_EVENT = SDK_EVENT> = (
  event: EventPayloads[Event],
  user: AuthenticatedConnectUser,
) => void;

export class EventEmitter {
  readonly #listeners = new Map<string, Set<Listener<never>>>();

  /** Calls `listener` on every such event from now on. The answer takes it off again. */
  subscribe<Event extends SDK_EVENT>(event: Event, listener: Listener<Event>): () => boolean {
    this.#listenersOf(event).add(listener);
    return () => this.unsubscribe(event, listener);
  }

  /** Whether the listener was subscribed; afterwards it is not. */
  unsubscribe<Event extends SDK_EVENT>(event: Event, listener: Listener<Event>): boolean {
    return this.#listenersOf(event).delete(listener);
  }

  protected emit<Event extends SDK_EVENT>(
    name: Event,
    event: EventPayloads[Event],
    user: AuthenticatedConnectUser,
  ): void {
    for (const listener of this.#listenersOf(name)) {
      callApplication(() => listener(event as never, user));
    }
  }

  #listenersOf(event: SDK_EVENT): Set<Listener<never>> {
    if (!Object.values(SDK_EVENT).includes(event)) {
      throw new InvalidUsageError(`"${event}" is not an event of the SDK.`);
    }
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners);
    return listeners;
  }
}

/** Calls code of the application; what it throws is reported there and stops nothing here. */
export function callApplication(call: () => void): void {
  try {
    call();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
