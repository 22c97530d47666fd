// The window in which the user signs in.

import type { Browser } from "./browser.ts";
import { OAuthBlockedError } from "./errors.ts";

const FEATURES = "popup,width=500,height=640,left=100,top=100";

/** A message the window's pages sent. */
export type PopupMessage = { type?: unknown } & Record<string, unknown>;

export class Popup {
  readonly #browser: Browser;
  readonly #window: Window;
  readonly #origin: string;

  /**
   * Opens the window. Call this inside the click itself, before anything is awaited: browsers
   * block a window that is opened later.
   */
  static open(browser: Browser, origin: string): Popup {
    const opened = browser.open("about:blank", "", FEATURES);
    if (!opened) {
      throw new OAuthBlockedError();
    }
    return new Popup(browser, opened, origin);
  }

  private constructor(browser: Browser, window: Window, origin: string) {
    this.#browser = browser;
    this.#window = window;
    this.#origin = origin;
  }

  navigate(url: string): void {
    this.#window.location.href = url;
  }

  close(): void {
    this.#window.close();
  }

  /**
   * Whether the user closed the window. A sign-in page may cut the window off from us (COOP),
   * which looks the same; but then the window is still in front and this page has no focus.
   */
  get closedByUser(): boolean {
    return this.#window.closed && this.#browser.document.hasFocus();
  }

  /** Hears the window's messages: only this window's, and only from pages of Gangway. */
  listen(listener: (message: PopupMessage) => void, signal: AbortSignal): void {
    const receive = (event: MessageEvent) => {
      const ours = event.source === this.#window && event.origin === this.#origin;
      if (ours && typeof event.data === "object" && event.data !== null) {
        listener(event.data as PopupMessage);
      }
    };
    this.#browser.addEventListener("message", receive);
    signal.addEventListener("abort", () => this.#browser.removeEventListener("message", receive), {
      once: true,
    });
  }
}
