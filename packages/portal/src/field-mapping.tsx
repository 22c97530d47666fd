// Which field of the provider stands for which of the application's.

import type { DynamicMappingOptions, Mapping } from "@gangway/connect";
import { useCallback, useState } from "preact/hooks";
import { Dropdown, type Load } from "./dropdown.tsx";
import { type FieldProps, useLoad } from "./field.tsx";
import { slugOf } from "./model.ts";
import { useSay } from "./texts/index.ts";
import { grouped, keyOf, useWork } from "./work.ts";

interface Stored {
  objectMapping?: string;
  fieldMappings: Record<string, string>;
  dynamicMappings?: Record<string, unknown>;
  userCreatedFields: string[];
  mappingType: "STATIC" | "DYNAMIC";
}

export function FieldMapping({ id, input, values, onChange }: FieldProps) {
  const say = useSay();
  const { integration, mapObjectFields } = useWork();
  const [added, setAdded] = useState("");
  const stored = values[input.id] as Partial<Stored> | undefined;
  const value: Stored = {
    fieldMappings: {},
    userCreatedFields: [],
    mappingType: "STATIC",
    ...stored,
  };
  const record = keyOf(input.recordSource);
  const field = keyOf(input.fieldSource);
  const around = { ...values, ...(record && { [record]: value.objectMapping }) };
  const name = input.dynamicObjectName ?? input.id;
  const given = givenIn(mapObjectFields?.[name]);
  const { fields = input.fields ?? [], useBYOFieldMappingOption: ofPage = false } = given;
  const byProvider = {
    records: useLoad(input, values, record ?? ""),
    fields: useLoad(input, around, field ?? ""),
  };
  const byPage = {
    records: useMappingLoad(name),
    fields: useMappingLoad(name, value.objectMapping ?? ""),
  };
  const load = ofPage ? byPage : byProvider;
  const hasRecords = ofPage || Boolean(record);
  const labels = [...fields.map(labelOf), ...value.userCreatedFields];
  const removable = given.userCanRemoveMappings ?? input.userCanRemoveMappings;
  const provider = { name: integration.name };
  const add = () => {
    const label = added.trim();
    if (!label || labels.includes(label)) return;
    onChange({ ...value, userCreatedFields: [...value.userCreatedFields, label] });
    setAdded("");
  };
  const remove = (label: string) => {
    const { [label]: _, ...fieldMappings } = value.fieldMappings;
    const userCreatedFields = value.userCreatedFields.filter((one) => one !== label);
    onChange({ ...value, fieldMappings, userCreatedFields });
  };
  return (
    <div class="mapping">
      {hasRecords && (
        <>
          <label for={`${id}-record`}>{say("object")}</label>
          <Dropdown
            id={`${id}-record`}
            label={say("object")}
            value={value.objectMapping ?? ""}
            load={load.records}
            onChange={(objectMapping) => onChange({ ...value, objectMapping, fieldMappings: {} })}
          />
        </>
      )}
      {labels.map((label, place) => (
        <div class="mapping-row" key={label}>
          <label for={`${id}-${place}`}>{label}</label>
          <Dropdown
            id={`${id}-${place}`}
            label={`${label}: ${say("theirField", provider)}`}
            value={value.fieldMappings[label] ?? ""}
            load={load.fields}
            disabled={hasRecords && !value.objectMapping}
            onChange={(chosen) => {
              const fieldMappings = { ...value.fieldMappings, [label]: chosen };
              onChange({ ...value, fieldMappings });
            }}
          />
          {(removable || value.userCreatedFields.includes(label)) && (
            <button
              type="button"
              class="icon"
              aria-label={say("remove", { title: label })}
              onClick={() => remove(label)}
            >
              ×
            </button>
          )}
        </div>
      ))}
      {(given.userCanCreateFields ?? input.userCanCreateFields) && (
        <div class="mapping-row">
          <input
            type="text"
            aria-label={say("newField")}
            placeholder={say("newField")}
            value={added}
            onInput={(event) => setAdded(event.currentTarget.value)}
          />
          <button type="button" onClick={add}>
            {say("addField")}
          </button>
        </div>
      )}
    </div>
  );
}

/** What the page gave along: a list of fields, or more than that. */
function givenIn(mapping: Mapping | undefined): Partial<DynamicMappingOptions> {
  return Array.isArray(mapping) ? { fields: mapping } : (mapping ?? {});
}

function labelOf(field: string | { label: string }): string {
  return typeof field === "string" ? field : field.label;
}

/** Loads the objects that the page knows, or the fields of one. */
function useMappingLoad(name: string, objectType?: string): Load {
  const { bridge, integration } = useWork();
  const slug = slugOf(integration);
  return useCallback<Load>(
    async (search, cursor) => {
      const page = await bridge.mappingOptions(slug, name, { objectType, search, cursor });
      return { groups: grouped(page.options), next: page.nextPageCursor };
    },
    [bridge, slug, name, objectType],
  );
}
