// User metadata: one spelling of the two special keys, and whether anything is new.

import type { PersonaMeta } from "./types.ts";

/** `name` and `email` in any case become `Name` and `Email`; other keys are trimmed. */
export function normalized(meta: PersonaMeta): PersonaMeta {
  const entries = Object.entries(meta).map(([key, value]) => [canonicalKey(key), value]);
  return Object.fromEntries(entries) as PersonaMeta;
}

function canonicalKey(key: string): string {
  const trimmed = key.trim();
  const special = { name: "Name", email: "Email" }[trimmed.toLowerCase()];
  return special ?? trimmed;
}

/** Whether `incoming`, already normalized, would change what is stored. */
export function changes(incoming: PersonaMeta, stored: PersonaMeta): boolean {
  return Object.entries(incoming).some(
    ([key, value]) => JSON.stringify(value) !== JSON.stringify(stored[key]),
  );
}
