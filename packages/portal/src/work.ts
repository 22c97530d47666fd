// What every part of the portal works with: the integration, the account and how to ask.

import type { Mapping } from "@gangway/connect";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Bridge } from "./bridge.ts";
import { type Client, Refusal } from "./client.ts";
import type { Choices } from "./dropdown.tsx";
import type { Input, Option, PortalIntegration, Section, SourceName } from "./model.ts";
import { slugOf } from "./model.ts";
import type { Say } from "./texts/index.ts";

export interface Work {
  client: Client;
  bridge: Bridge;
  integration: PortalIntegration;
  credentialId?: string | undefined;
  configurationId?: string | undefined;
  mapObjectFields?: Record<string, Mapping> | undefined;
}

export const Working = createContext<Work | null>(null);

export function useWork(): Work {
  const work = useContext(Working);
  if (!work) throw new Error("Nothing is open.");
  return work;
}

export function messageOf(error: unknown, say: Say): string {
  return error instanceof Refusal || (error instanceof Error && error.message)
    ? error.message
    : say("failed");
}

export function keyOf(source: SourceName | undefined): string | undefined {
  return typeof source === "string" ? source : source?.cacheKey;
}

/** The key of the source that tells an input's choices. */
export function sourceOf(input: Input): string | undefined {
  return input.sourceKey ?? input.source?.cacheKey ?? input.sourceType;
}

/** Of the inputs on which a source depends, the first that is still blank. */
export function unmet(
  work: Work,
  source: string,
  inputs: Input[],
  values: Record<string, unknown>,
): Input | undefined {
  const { dataSources } = work.integration.sdkIntegrationConfig ?? {};
  const needs = dataSources?.[source]?.refreshDependencies;
  return inputs.find(
    ({ id, required }) => needs?.includes(id) && required !== false && (values[id] ?? "") === "",
  );
}

/** Asks a source of the integration for a page of choices. */
export async function ask(
  { client, integration, credentialId }: Work,
  source: string,
  values: Record<string, unknown>,
  search: string,
  cursor?: string,
): Promise<Choices> {
  const parameters = Object.entries(values)
    .filter(([, value]) => ["string", "number", "boolean"].includes(typeof value))
    .map(([key, value]) => ({ key, source: { type: "VALUE", value } }));
  const question = {
    action: slugOf(integration),
    sourceKey: source,
    parameters,
    paginationParameters: { pageCursor: cursor ?? 0, search },
  };
  const { output } = await client.call<{ output: Answer | Found }>(
    "POST",
    "/sdk/actions",
    question,
    {
      credentialId,
    },
  );
  const { records, nextPageCursor = null } = Array.isArray(output) ? { records: output } : output;
  return { groups: grouped(records), next: nextPageCursor };
}

type Found = (Option | Section)[];
interface Answer {
  records: Found;
  nextPageCursor?: string | null;
}

/** Choices in their sections; those that stand alone in one without a title. */
export function grouped(found: Found): Section[] {
  const groups: Section[] = [];
  for (const one of found) {
    if ("items" in one) {
      groups.push(one);
      continue;
    }
    const last = groups.at(-1);
    if (last && last.title === "") last.items.push(one);
    else groups.push({ title: "", items: [one] });
  }
  return groups;
}

/** The part of known choices that a search finds. */
export function searched(found: Found, search: string): Choices {
  const words = search.trim().toLowerCase();
  const groups = grouped(found)
    .map(({ title, items }) => ({
      title,
      items: items.filter(({ label }) => label.toLowerCase().includes(words)),
    }))
    .filter(({ items }) => items.length > 0);
  return { groups, next: null };
}
