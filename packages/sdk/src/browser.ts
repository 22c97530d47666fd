// The part of a browser window that the SDK touches. `window` is one; tests bring their own.

export interface Browser
  extends Pick<
    Window,
    | "open"
    | "addEventListener"
    | "removeEventListener"
    | "setTimeout"
    | "clearTimeout"
    | "innerWidth"
    | "innerHeight"
  > {
  fetch: typeof fetch;
  readonly crypto: Pick<Crypto, "getRandomValues">;
  readonly document: Pick<Document, "hasFocus" | "createElement" | "getElementById" | "body">;
  readonly location: Pick<Location, "origin">;
}

/** Resolves after `milliseconds`; rejects with the signal's reason as soon as it is aborted. */
export function pause(browser: Browser, milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      browser.clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = browser.setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, milliseconds);
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) {
      stop();
    }
  });
}
