// The page around the portal's frame, with an SDK in it: it tells what to show, and answers calls.

import type { UIUpdateMessage } from "@gangway/connect";
import { vi } from "vitest";
import { INTEGRATION, PROJECT } from "./gangway.ts";

const PAGE_ORIGIN = "http://127.0.0.1:8081";

interface Invocation {
  id: string;
  type: string;
  parameters: unknown[];
}

export class Page {
  readonly invoked: Invocation[] = [];
  /** What the SDK's functions answer, by name. */
  readonly functions: Record<string, (...given: never[]) => unknown> = {};

  constructor() {
    vi.spyOn(window.parent, "postMessage").mockImplementation((message: unknown) => {
      void this.#answer(message as Invocation);
    });
  }

  /** Says who looks and what is open. */
  update(
    state: Partial<UIUpdateMessage["nextModalState"]> = {},
    { token = "token", integrations = {} } = {},
  ): void {
    const nextModalState = { integration: { id: INTEGRATION }, ...state };
    const nextContext = { user: { authenticated: true, token, integrations }, projectId: PROJECT };
    this.#send({ messageType: "UI_UPDATE", nextContext, nextModalState });
  }

  names(): string[] {
    return this.invoked.map(({ type }) => type);
  }

  async #answer(message: Invocation): Promise<void> {
    this.invoked.push(message);
    const { id, type, parameters } = message;
    try {
      const result = await this.functions[type]?.(...(parameters as never[]));
      this.#send({ messageType: "SDK_FUNCTION_RESPONSE", id, type, result });
    } catch (error) {
      const told = { error: true, message: (error as Error).message };
      this.#send({ messageType: "SDK_FUNCTION_ERROR", id, ...told });
    }
  }

  #send(data: unknown): void {
    const given = { data: structuredClone(data), origin: PAGE_ORIGIN };
    const event = new MessageEvent("message", given);
    Object.defineProperty(event, "source", { value: window.parent });
    window.dispatchEvent(event);
  }
}
