// Which field of the provider stands for which of the application's.

import { useState } from "preact/hooks";
import { Dropdown } from "./dropdown.tsx";
import { type FieldProps, useLoad } from "./field.tsx";
import type { Input } from "./model.ts";
import { useSay } from "./texts/index.ts";
import { keyOf, useWork } from "./work.ts";

interface Mapping {
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
  const stored = values[input.id] as Partial<Mapping> | undefined;
  const value: Mapping = {
    fieldMappings: {},
    userCreatedFields: [],
    mappingType: "STATIC",
    ...stored,
  };
  const record = keyOf(input.recordSource);
  const field = keyOf(input.fieldSource);
  const around = { ...values, ...(record && { [record]: value.objectMapping }) };
  const loadRecords = useLoad(input, values, record ?? "");
  const loadFields = useLoad(input, around, field ?? "");
  const labels = [...fieldsOf(input, mapObjectFields), ...value.userCreatedFields];
  const name = { name: integration.name };
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
      {record && (
        <>
          <label for={`${id}-record`}>{say("object")}</label>
          <Dropdown
            id={`${id}-record`}
            label={say("object")}
            value={value.objectMapping ?? ""}
            load={loadRecords}
            onChange={(objectMapping) => onChange({ ...value, objectMapping, fieldMappings: {} })}
          />
        </>
      )}
      {labels.map((label, place) => (
        <div class="mapping-row" key={label}>
          <label for={`${id}-${place}`}>{label}</label>
          <Dropdown
            id={`${id}-${place}`}
            label={`${label}: ${say("theirField", name)}`}
            value={value.fieldMappings[label] ?? ""}
            load={loadFields}
            disabled={Boolean(record) && !value.objectMapping}
            onChange={(chosen) => {
              const fieldMappings = { ...value.fieldMappings, [label]: chosen };
              onChange({ ...value, fieldMappings });
            }}
          />
          {(input.userCanRemoveMappings || value.userCreatedFields.includes(label)) && (
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
      {input.userCanCreateFields && (
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

/** The application's fields: of the input, or of what the page gave along. */
function fieldsOf(input: Input, given: Record<string, unknown> | undefined): string[] {
  const name = input.objectName ?? input.id;
  const one = given?.[name] as { fields?: unknown[]; applicationFields?: unknown } | undefined;
  const application = one?.applicationFields as { fields?: unknown[] } | unknown[] | undefined;
  const listed = Array.isArray(application) ? application : application?.fields;
  const fields = (listed ?? one?.fields ?? input.fields ?? []) as (string | { label: string })[];
  return fields.map((field) => (typeof field === "string" ? field : field.label));
}
