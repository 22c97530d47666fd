// What a user token says about itself. The server verifies it; here it is only read.

import { InvalidUsageError } from "./errors.ts";

interface Claims {
  sub?: string;
  id?: string;
  exp?: number;
}

/** The user a token speaks for; refused when the token is malformed or has expired. */
export function userIdOf(token: string, nowMilliseconds: number): string {
  const { sub, id, exp } = claimsOf(token);
  if (nowMilliseconds >= (exp ?? 0) * 1000) {
    throw new InvalidUsageError("The user token has expired, or says nothing about when it does.");
  }
  const userId = sub ?? id;
  if (!userId) {
    throw new InvalidUsageError('The user token names no user: its "sub" is empty.');
  }
  return userId;
}

function claimsOf(token: string): Claims {
  try {
    const payload = token.split(".")[1] ?? "";
    const binary = atob(payload.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
    return JSON.parse(new TextDecoder().decode(bytes)) as Claims;
  } catch {
    throw new InvalidUsageError("The user token is not a well-formed JWT.");
  }
}
