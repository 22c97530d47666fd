// A browser window of the host's page, and the windows it opens.

import type { Browser } from "../../src/browser.ts";
import type { Gangway } from "./gangway.ts";

export const PAGE_ORIGIN = "http://127.0.0.1:8081";

export class OpenedWindow {
  closed = false;
  readonly visited: string[] = [];
  readonly location: { href: string };

  constructor(onVisit: (url: string) => void) {
    const visited = this.visited;
    this.location = {
      get href() {
        return visited.at(-1) ?? "about:blank";
      },
      set href(url: string) {
        visited.push(url);
        onVisit(url);
      },
    };
  }

  close(): void {
    this.closed = true;
  }
}

/** An element of the page: enough of one for the portal's frame. */
export class FrameElement {
  readonly style: Record<string, string> = {};
  readonly received: { data: unknown; origin: string }[] = [];
  readonly contentWindow = {
    postMessage: (data: unknown, origin: string) =>
      this.received.push({ data: structuredClone(data), origin }),
  };
  id = "";
  src = "";
  removed = false;
  #onLoad = (): void => undefined;

  addEventListener(_: "load", listener: () => void): void {
    this.#onLoad = listener;
  }

  load(): void {
    this.#onLoad();
  }

  remove(): void {
    this.removed = true;
  }

  getBoundingClientRect(): { width: number; height: number } {
    return { width: 1280, height: 800 };
  }
}

export class HostPage {
  readonly frames: FrameElement[] = [];
  readonly bodyStyle = { overflow: "scroll" };
  readonly opened: OpenedWindow[] = [];
  popupsBlocked = false;
  hasFocus = true;
  /** What a page of ours does in the opened window; by default it says that it has loaded. */
  onVisit = (url: string, window: OpenedWindow): void => {
    if (url.includes("/oauth-nonce?")) {
      this.post({ type: "oauth-nonce-loaded" }, window);
    }
  };
  readonly #receivers = new Set<(event: MessageEvent) => void>();
  readonly #gangway: Gangway;
  #invocations = 0;

  constructor(gangway: Gangway) {
    this.#gangway = gangway;
  }

  /** Delivers a message, by default one that Gangway's page in the latest window sends. */
  post(
    data: unknown,
    source: unknown = this.opened.at(-1),
    origin = "http://localhost:8080",
  ): void {
    for (const receive of [...this.#receivers]) {
      receive({ data, source, origin } as MessageEvent);
    }
  }

  /** Lets the portal in the frame call a function of the SDK, and gives the SDK's answer. */
  async invoke(
    type: string,
    parameters: unknown[] = [],
    { origin = "http://localhost:8080", source }: { origin?: string; source?: unknown } = {},
  ): Promise<unknown> {
    const frame = this.frames.at(-1);
    this.#invocations += 1;
    const id = `call-${this.#invocations}`;
    const message = { messageType: "SDK_FUNCTION_INVOCATION", id, type, parameters };
    this.post(message, source ?? frame?.contentWindow, origin);
    await new Promise((resolve) => setImmediate(resolve));
    return frame?.received.map(({ data }) => data as { id?: string }).find((one) => one.id === id);
  }

  /** How many listeners for messages are left. */
  get listening(): number {
    return this.#receivers.size;
  }

  asBrowser(): Browser {
    return {
      fetch: this.#gangway.fetch,
      crypto,
      innerWidth: 1280,
      innerHeight: 800,
      document: {
        hasFocus: () => this.hasFocus,
        getElementById: () => null,
        createElement: () => new FrameElement(),
        body: { style: this.bodyStyle, append: (frame: FrameElement) => this.frames.push(frame) },
      },
      location: { origin: PAGE_ORIGIN },
      setTimeout: (...wait: Parameters<typeof setTimeout>) => setTimeout(...wait),
      clearTimeout: (timer: number) => clearTimeout(timer),
      open: () => this.#open(),
      addEventListener: (_: string, receive: (event: MessageEvent) => void) =>
        this.#receivers.add(receive),
      removeEventListener: (_: string, receive: (event: MessageEvent) => void) =>
        this.#receivers.delete(receive),
    } as unknown as Browser;
  }

  #open(): OpenedWindow | null {
    if (this.popupsBlocked) {
      return null;
    }
    const window: OpenedWindow = new OpenedWindow((url) => {
      queueMicrotask(() => this.onVisit(url, window));
    });
    this.opened.push(window);
    return window;
  }
}
