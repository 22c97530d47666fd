// What an application that draws its own forms needs to fill one field's choices.

import type { Catalogue } from "./catalogue.ts";
import type { DataSources, Mapping } from "./data-sources.ts";
import type { ConnectInput, DataSource } from "./types.ts";
import type { DynamicFieldMappingLoaderType } from "./vocabulary.ts";

export type InputSources =
  | { kind: "single"; source: DataSource }
  | { kind: "conditional"; source: DataSource; supportedOperators?: string[] }
  | {
      kind: "fieldMapper";
      recordSource: DataSource;
      fieldSource: DataSource;
      dependentInputSource?: DataSource;
      dependentFieldInputSource?: DataSource;
      mapObjectFieldOptions?: Mapping;
    }
  | { kind: "combo"; mainInputSource: DataSource; dependentInputSource: DataSource }
  | {
      kind: "defaultFieldValue";
      mainInputSource: DataSource;
      dependentInputSource: DataSource;
      variableInputSource?: DataSource;
    };

/** A parameter of a trigger. */
export interface ActionInput {
  id: string;
  title: string;
  type: string;
  subtitle?: string;
  placeholder?: string;
  required?: boolean;
  defaultValue?: unknown;
  dependentInputs?: ActionInput[];
  values?: (string | number | { value: string | number; label?: string })[];
  valuesSource?: { sourceType: string; dependencies: string[] };
  supportedOperators?: string[];
  supportedKeysSource?: { sourceType: string; dependencies: string[] };
}

/** The sources of a setting; null for a field that has no choices. */
export function ofInput(
  catalogue: Catalogue,
  own: DataSources,
  integrationType: string,
  input: ConnectInput,
): InputSources | null {
  if (input.type === "CUSTOM_DROPDOWN") {
    return ofCustomDropdown(own, integrationType, input);
  }
  const source = input.sourceType && catalogue.dataSource(integrationType, input.sourceType);
  if (!source) {
    return null;
  }
  const { mainInputSource, dependentInputSource, variableInputSource } = source;
  switch (source.type) {
    case "DYNAMIC_DATA_SOURCE":
      return { kind: "single", source };
    case "FIELD_MAPPER_DATA_SOURCE":
      return ofFieldMapper(own, integrationType, input, source);
    case "COMBO_INPUT_DATA_SOURCE":
      return mainInputSource && dependentInputSource
        ? { kind: "combo", mainInputSource, dependentInputSource }
        : null;
    case "DYNAMIC_COMBO_INPUT_DATA_SOURCE":
      return mainInputSource && dependentInputSource
        ? {
            kind: "defaultFieldValue",
            mainInputSource,
            dependentInputSource,
            ...(variableInputSource && { variableInputSource }),
          }
        : null;
    default:
      return null;
  }
}

/** The sources of a trigger's parameter; null for one that has no choices. */
export function ofActionInput(input: ActionInput): InputSources | null {
  const { title, valuesSource, supportedKeysSource } = input;
  if (valuesSource) {
    return { kind: "single", source: loaded(title, valuesSource) };
  }
  if (input.values?.length) {
    const values = input.values.map((one) => {
      const { value, label } = typeof one === "object" ? one : { value: one, label: undefined };
      return { label: label ?? String(value), value: String(value) };
    });
    return {
      kind: "single",
      source: { type: "STATIC_ENUM_DATA_SOURCE", title, id: input.id, values },
    };
  }
  if (input.type === "CONDITIONAL" && supportedKeysSource) {
    return {
      kind: "conditional",
      source: loaded(title, supportedKeysSource),
      ...(input.supportedOperators && { supportedOperators: input.supportedOperators }),
    };
  }
  return null;
}

function loaded(
  title: string,
  { sourceType, dependencies }: { sourceType: string; dependencies: string[] },
): DataSource {
  return {
    type: "DYNAMIC_DATA_SOURCE",
    title,
    cacheKey: sourceType,
    refreshDependencies: dependencies,
  };
}

function ofCustomDropdown(
  own: DataSources,
  integrationType: string,
  { title, key = "", customDropdownOptions }: ConnectInput,
): InputSources | null {
  const options = own.options(integrationType, key);
  if (!options && own.loader(integrationType, key)) {
    return { kind: "single", source: loaded(title, { sourceType: key, dependencies: [] }) };
  }
  const values = options ?? customDropdownOptions;
  return values?.length
    ? { kind: "single", source: { type: "STATIC_ENUM_DATA_SOURCE", title, id: key, values } }
    : null;
}

function ofFieldMapper(
  own: DataSources,
  integrationType: string,
  { dynamicObjectName: name }: ConnectInput,
  source: DataSource,
): InputSources | null {
  const { recordSource, fieldSource, dependentInputSource, dependentFieldInputSource } = source;
  if (!recordSource || !fieldSource) {
    return null;
  }
  const options = name === undefined ? undefined : own.mapping(integrationType, name);
  if (name !== undefined && options && "useBYOFieldMappingOption" in options) {
    const own = (of: DataSource, type: DynamicFieldMappingLoaderType): DataSource => ({
      ...of,
      dynamicFieldMappingKey: name,
      dynamicFieldMappingType: type,
    });
    return {
      kind: "fieldMapper",
      recordSource: own(recordSource, "objectTypes"),
      fieldSource: own(fieldSource, "integrationFields"),
      mapObjectFieldOptions: options,
    };
  }
  return {
    kind: "fieldMapper",
    recordSource,
    fieldSource,
    ...(dependentInputSource && { dependentInputSource }),
    ...(dependentFieldInputSource && { dependentFieldInputSource }),
    ...(options && { mapObjectFieldOptions: options }),
  };
}
