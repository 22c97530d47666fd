// A signed-in user on a host page, ready for one act.

import { ConnectSDK } from "../../src/connect-sdk.ts";
import { HostPage } from "./browser.ts";
import { Gangway, ORIGIN, PROJECT } from "./gangway.ts";

export interface Scene {
  gangway: Gangway;
  page: HostPage;
  sdk: ConnectSDK;
}

/** A token as the host's server would sign it, but for the signature, which only a server checks. */
export function userToken(claims: Record<string, unknown> = {}): string {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");
  const exp = Math.floor(Date.now() / 1000) + 3600;
  return `${encode({ alg: "RS256" })}.${encode({ sub: "ann", exp, ...claims })}.signature`;
}

export function nobody(): Scene {
  const gangway = new Gangway();
  const page = new HostPage(gangway);
  return { gangway, page, sdk: new ConnectSDK(ORIGIN, page.asBrowser()) };
}

/** `before` prepares what the user has connected already. */
export async function signedIn(
  before: (gangway: Gangway) => void = () => undefined,
): Promise<Scene> {
  const scene = nobody();
  before(scene.gangway);
  await scene.sdk.authenticate(PROJECT, userToken());
  scene.gangway.calls.length = 0;
  return scene;
}

/** What a promise was rejected with. */
export function rejection(promise: Promise<unknown>): Promise<Record<string, unknown>> {
  return promise.then(
    () => {
      throw new Error("It was expected to fail.");
    },
    (error) => error,
  );
}
