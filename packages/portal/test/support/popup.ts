// The sign-in window that the portal opens, with pages of ours and of the provider in it.

import { vi } from "vitest";

export class Popup {
  closed = false;
  readonly visited: string[] = [];
  readonly location: { href: string };

  constructor() {
    const visit = (url: string) => {
      this.visited.push(url);
      if (url.includes("/oauth-nonce?")) this.post({ type: "oauth-nonce-loaded" });
    };
    this.location = {
      get href() {
        return "about:blank";
      },
      set href(url: string) {
        visit(url);
      },
    };
    vi.spyOn(window, "open").mockReturnValue(this as unknown as Window);
  }

  close(): void {
    this.closed = true;
  }

  /** What a page of ours in the window says. */
  post(data: unknown): void {
    const event = new MessageEvent("message", { data, origin: window.location.origin });
    Object.defineProperty(event, "source", { value: this });
    window.dispatchEvent(event);
  }
}
