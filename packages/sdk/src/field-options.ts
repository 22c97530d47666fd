// The choices of one field: from the application's own loaders, or from the provider.

import { CREDENTIAL_HEADER } from "./client.ts";
import type { DataSources, LoadedOptions } from "./data-sources.ts";
import { InvalidUsageError } from "./errors.ts";
import type { Session } from "./session.ts";
import type { DataSource } from "./types.ts";

export interface FieldOptionsRequest {
  integration: string;
  /** The source's key; or give the `source` itself. */
  action?: string;
  source?: Partial<DataSource>;
  search?: string;
  cursor?: string | number | false;
  parameters?: { key: string; source: { type: string; value?: unknown } }[];
  selectedCredentialId?: string;
}

export interface FieldOption {
  label: string;
  value: unknown;
  subtitle?: string;
}

export interface FieldOptions {
  data: (FieldOption | { title: string; items: FieldOption[] })[];
  /** Descriptions of further fields, where the source answers those. */
  nestedData: unknown[];
  nextPageCursor: string | null;
}

export async function fieldOptions(
  session: Session,
  own: DataSources,
  request: FieldOptionsRequest,
): Promise<FieldOptions> {
  const { integration, source, search, parameters = [] } = request;
  session.catalogue.activeIntegration(integration);
  const key = request.action ?? source?.cacheKey;
  const cursor = typeof request.cursor === "string" ? request.cursor : undefined;
  if (key !== undefined && own.loader(integration, key)) {
    return ofApplication(await own.load(integration, key, cursor, search));
  }
  if (source?.dynamicFieldMappingKey !== undefined) {
    const { dynamicFieldMappingKey: name, dynamicFieldMappingType: type = "" } = source;
    const objectType = parameters.map(({ source: { value } }) => value).find(Boolean);
    return ofApplication(
      await own.loadMapping(integration, type, name, {
        ...(typeof objectType === "string" && { objectType }),
        ...(cursor !== undefined && { cursor }),
        ...(search !== undefined && { search }),
      }),
    );
  }
  if (key === undefined) {
    throw new InvalidUsageError("getFieldOptions() needs an action, or a source with a cacheKey.");
  }
  return ofProvider(session, key, request);
}

async function ofProvider(
  session: Session,
  sourceKey: string,
  request: FieldOptionsRequest,
): Promise<FieldOptions> {
  const { integration, search, cursor = 0, parameters = [], selectedCredentialId } = request;
  type Output = { records?: unknown[]; nextPageCursor?: string | null } | unknown[];
  const answer = await session.call<{ output: Output }>("/sdk/actions", {
    method: "POST",
    headers: selectedCredentialId ? { [CREDENTIAL_HEADER]: selectedCredentialId } : {},
    body: JSON.stringify({
      action: integration,
      sourceKey,
      parameters,
      paginationParameters: { pageCursor: cursor, search },
    }),
  });
  const output = answer?.output ?? [];
  const page = Array.isArray(output) ? { records: output } : output;
  const records = page.records ?? [];
  const [first] = records;
  const nested = typeof first === "object" && first !== null && "id" in first;
  return {
    data: nested ? [] : (records as FieldOptions["data"]),
    nestedData: nested ? records : [],
    nextPageCursor: ("nextPageCursor" in page && page.nextPageCursor) || null,
  };
}

function ofApplication({ options, nextPageCursor }: LoadedOptions): FieldOptions {
  return { data: options, nestedData: [], nextPageCursor };
}
