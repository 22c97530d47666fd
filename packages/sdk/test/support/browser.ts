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

export class HostPage {
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

  /** How many listeners for messages are left. */
  get listening(): number {
    return this.#receivers.size;
  }

  asBrowser(): Browser {
    return {
      fetch: this.#gangway.fetch,
      crypto,
      document: { hasFocus: () => this.hasFocus },
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
