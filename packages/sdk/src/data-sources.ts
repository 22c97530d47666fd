// Choices and fields that the application itself supplies to the portal's forms.

import { InvalidUsageError } from "./errors.ts";
import type { ConnectInput, CustomDropdownField, IntegrationValues } from "./types.ts";

export interface LoadedOptions {
  options: CustomDropdownField[];
  nextPageCursor: string | null;
}

type Load = (cursor?: string, search?: string) => Promise<LoadedOptions>;

export interface CustomDropdownOptions {
  loadOptions: Load;
  /** Load anew at each opening. */
  refreshOnOpen?: boolean;
}

export interface DynamicMappingOptions {
  fields: CustomDropdownField[];
  userCanRemoveMappings?: boolean;
  userCanCreateFields?: boolean;
  defaultFields?: string[];
  useBYOFieldMappingOption?: boolean;
}

export interface DynamicFieldMappingConfig {
  objectTypes: { get: Load };
  integrationFields: {
    get: (
      parameters: { objectType: string },
      cursor?: string,
      search?: string,
    ) => Promise<LoadedOptions>;
  };
  applicationFields?: DynamicMappingOptions;
}

export type Dropdowns = Record<string, CustomDropdownField[] | CustomDropdownOptions>;
export type Mapping = CustomDropdownField[] | DynamicMappingOptions;
export type MapObjectFields = Record<string, Mapping | DynamicFieldMappingConfig>;

interface Sources {
  dropdowns?: Dropdowns;
  mapObjectFields?: MapObjectFields;
}

export interface SetDataSourcesConfig extends Sources {
  /** These win over the general ones. */
  integrationSpecificSources?: Record<string, Sources>;
}

export interface MappingRequest {
  objectType?: string;
  cursor?: string;
  search?: string;
}

const GENERAL = "";

export class DataSources {
  readonly #sources = new Map<string, Sources>();

  set({ integrationSpecificSources = {}, ...general }: SetDataSourcesConfig): void {
    this.#sources.clear();
    this.#sources.set(GENERAL, general);
    for (const [integrationType, sources] of Object.entries(integrationSpecificSources)) {
      this.#sources.set(integrationType, sources);
    }
  }

  /** Adds what one `connect()` brings along. */
  add(integrationType: string, { dropdowns, mapObjectFields }: Sources): void {
    const known = this.#sources.get(integrationType);
    this.#sources.set(integrationType, {
      dropdowns: { ...known?.dropdowns, ...dropdowns },
      mapObjectFields: { ...known?.mapObjectFields, ...mapObjectFields },
    });
  }

  /** The choices given as a list. */
  options(integrationType: string, key: string): CustomDropdownField[] | undefined {
    const found = this.#dropdown(integrationType, key);
    return Array.isArray(found) ? distinct(found) : undefined;
  }

  /** The choices given as a loader. */
  loader(integrationType: string | undefined, key: string): CustomDropdownOptions | undefined {
    const found = this.#dropdown(integrationType, key);
    return Array.isArray(found) ? undefined : found;
  }

  async load(
    integrationType: string | undefined,
    key: string,
    cursor?: string,
    search?: string,
  ): Promise<LoadedOptions> {
    const loader = this.loader(integrationType, key);
    if (!loader) {
      throw new InvalidUsageError(`The page gave no loader for the choices of "${key}".`);
    }
    return loader.loadOptions(cursor, search);
  }

  /** The application's fields of one object, as data. */
  mapping(integrationType: string, name: string): Mapping | undefined {
    const found = this.#mapping(integrationType, name);
    return found && !Array.isArray(found) && "objectTypes" in found
      ? found.applicationFields && { ...found.applicationFields, useBYOFieldMappingOption: true }
      : found;
  }

  /** All mappings that hold for an integration, as data that a message can carry. */
  mappings(integrationType: string): Record<string, Mapping> {
    const names = [GENERAL, integrationType].flatMap((type) =>
      Object.keys(this.#sources.get(type)?.mapObjectFields ?? {}),
    );
    const found = names.map((name) => [name, this.mapping(integrationType, name)] as const);
    return Object.fromEntries(found.filter(([, mapping]) => mapping)) as Record<string, Mapping>;
  }

  async loadMapping(
    integrationType: string,
    mappingType: string,
    name: string,
    { objectType, cursor, search }: MappingRequest = {},
  ): Promise<LoadedOptions> {
    const found = this.#mapping(integrationType, name);
    if (!found || Array.isArray(found) || !("objectTypes" in found)) {
      throw new InvalidUsageError(`The page gave no loaders for the field mapping "${name}".`);
    }
    if (mappingType === "objectTypes") {
      return found.objectTypes.get(cursor, search);
    }
    if (mappingType !== "integrationFields" || !objectType) {
      throw new InvalidUsageError(
        "Say whether objectTypes or the integrationFields of one are meant.",
      );
    }
    return found.integrationFields.get({ objectType }, cursor, search);
  }

  /** The portal's forms with the application's choices filled in. */
  filledIn(integrationType: string, values: IntegrationValues): IntegrationValues {
    const fill = (input: ConnectInput): ConnectInput => {
      const { key } = input;
      const found = key === undefined ? undefined : this.#dropdown(integrationType, key);
      if (!found || key === undefined) {
        return input;
      }
      return Array.isArray(found)
        ? { ...input, customDropdownOptions: distinct(found) }
        : { ...input, customDropdownOptions: [], refreshOnOpen: found.refreshOnOpen ?? false };
    };
    const filled = structuredClone(values);
    if (filled.sharedMeta?.inputs) {
      filled.sharedMeta.inputs = filled.sharedMeta.inputs.map(fill);
    }
    for (const workflow of Object.values(filled.workflowMeta ?? {})) {
      workflow.inputs = workflow.inputs.map(fill);
    }
    return filled;
  }

  /** Those of the integration come before the general ones; another's are never taken. */
  #dropdown(
    integrationType = GENERAL,
    key: string,
  ): CustomDropdownField[] | CustomDropdownOptions | undefined {
    const of = (type: string) => this.#sources.get(type)?.dropdowns?.[key];
    return of(integrationType) ?? of(GENERAL);
  }

  #mapping(integrationType: string, name: string): Mapping | DynamicFieldMappingConfig | undefined {
    const of = (type: string) => this.#sources.get(type)?.mapObjectFields?.[name];
    return of(integrationType) ?? of(GENERAL);
  }
}

/** One choice for each value: the first. */
function distinct(options: CustomDropdownField[]): CustomDropdownField[] {
  return options.filter(
    ({ value }, index) => options.findIndex((other) => other.value === value) === index,
  );
}
