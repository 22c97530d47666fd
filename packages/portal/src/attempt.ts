// One sign-in in a pop-up, from the click to the account. The pop-up answers this page alone.

import type { InstallOptions } from "@gangway/connect";
import { type Client, Refusal } from "./client.ts";

const FEATURES = "popup,width=500,height=640,left=100,top=100";
const POLL_MILLISECONDS = 1_000;
const CLOSED_CHECKS = 2;
/** A little more than the server gives an attempt, so that the server's own sentence comes first. */
const LONGEST_MILLISECONDS = 11 * 60 * 1_000;

export interface SignIn {
  integrationId: string;
  slug: string;
  parameters: Record<string, unknown>;
  typed: Record<string, string>;
  options: InstallOptions;
}

/** What became of it: the pop-up's one-time handle, or the id of the account that is stored. */
export type Outcome = { payload: unknown } | { credentialId: string };

export class PopupBlocked extends Error {}
export class PopupClosed extends Error {}

/** Call this within the click: browsers block a window that opens later. */
export async function signIn(client: Client, request: SignIn, ended: AbortSignal) {
  const popup = window.open("about:blank", "", FEATURES);
  if (!popup) throw new PopupBlocked();
  const over = new AbortController();
  const stop = () => over.abort(ended.reason);
  ended.addEventListener("abort", stop, { once: true });
  const key = crypto.getRandomValues(new Uint32Array(4)).join("");
  try {
    ended.throwIfAborted();
    return await Promise.race([
      heard(popup, over.signal),
      walk(client, popup, request, key, over.signal).then(() =>
        polled(client, popup, key, over.signal),
      ),
      // Also while the first calls are under way, which know nothing of the signal.
      pause(LONGEST_MILLISECONDS, over.signal).then(() => Promise.reject(new Error())),
    ]);
  } finally {
    ended.removeEventListener("abort", stop);
    over.abort();
    popup.close();
    client.call("DELETE", `/sdk/actions/session-id/${key}`).catch(() => undefined);
  }
}

/** Past our own page, which marks this browser, to the provider. */
async function walk(
  client: Client,
  popup: Window,
  request: SignIn,
  key: string,
  signal: AbortSignal,
): Promise<void> {
  const { integrationId, slug, options } = request;
  const origin = window.location.origin;
  const loaded = message(popup, signal, ({ type }) => type === "oauth-nonce-loaded" || undefined);
  const query = new URLSearchParams({
    action: slug,
    integrationId,
    originForPostMessage: origin,
    endUserSuppliedValues: JSON.stringify(request.typed),
    parameters: JSON.stringify(request.parameters),
    installOptions: JSON.stringify(options),
    oauthMetaKeyId: key,
  });
  const [{ ticket }, { redirectUrl }] = await Promise.all([
    client.action<{ ticket: string }>("POST", "oauth-nonce", {
      integrationId,
      originForPostMessage: origin,
    }),
    client.action<{ redirectUrl: string }>("GET", `build-oauth?${query}`),
  ]);
  signal.throwIfAborted();
  const page = `${origin}/projects/${client.projectId}/sdk/actions/oauth-nonce`;
  popup.location.href = `${page}?ticket=${encodeURIComponent(ticket)}`;
  await Promise.race([loaded, untilClosed(popup, signal)]);
  signal.throwIfAborted();
  popup.location.href = redirectUrl;
}

/** What our last page in the pop-up says. */
async function heard(popup: Window, signal: AbortSignal): Promise<Outcome> {
  return message(popup, signal, (data) => {
    if (data.type === "oauth_success_callback") {
      return { payload: (data.credential as { payload: unknown }).payload };
    }
    if (data.type === "oauth_error_callback") throw refusal(data.errorResponse);
    return undefined;
  });
}

/** Works also when a sign-in page has cut the pop-up off from this page. */
async function polled(
  client: Client,
  popup: Window,
  key: string,
  signal: AbortSignal,
): Promise<Outcome> {
  for (let closed = 0; ; ) {
    await pause(POLL_MILLISECONDS, signal);
    const state = await progress(client, key);
    if (state?.connectCredentialId) return { credentialId: state.connectCredentialId };
    if (state?.error) throw refusal(state.error);
    // A window that was cut off looks closed, but it is in front then.
    closed = popup.closed && document.hasFocus() ? closed + 1 : 0;
    if (closed >= CLOSED_CHECKS) throw new PopupClosed();
  }
}

interface Progress {
  connectCredentialId?: string;
  error?: unknown;
}

/** What the server tells of the attempt. A call that fails is no news: it is made again. */
async function progress(client: Client, key: string): Promise<Progress | undefined> {
  try {
    return await client.call<Progress>("GET", `/sdk/actions/session-id/${key}`);
  } catch (error) {
    if (error instanceof Refusal && error.status === 401) throw error;
    return undefined;
  }
}

async function untilClosed(popup: Window, signal: AbortSignal): Promise<never> {
  while (!popup.closed) await pause(POLL_MILLISECONDS, signal);
  throw new PopupClosed();
}

/** The first thing that `read` makes of a message of the pop-up's pages of ours. */
function message<T>(
  popup: Window,
  signal: AbortSignal,
  read: (data: Record<string, unknown>) => T | undefined,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const receive = (event: MessageEvent) => {
      const ours = event.source === popup && event.origin === window.location.origin;
      if (!ours || typeof event.data !== "object" || event.data === null) return;
      try {
        const found = read(event.data);
        if (found !== undefined) resolve(found);
      } catch (error) {
        reject(error);
      }
    };
    window.addEventListener("message", receive);
    signal.addEventListener("abort", () => window.removeEventListener("message", receive), {
      once: true,
    });
  });
}

function refusal(body: unknown): Refusal {
  const told = (body ?? {}) as { message?: string; code?: string; status?: number };
  return new Refusal(told.message ?? "", told.code ?? "unknown", told.status ?? 0, body);
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, milliseconds);
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
  });
}
