// What the portal does for the user: through the SDK of the page that frames it, so that the page
// hears of it, or, behind a Setup Link, by itself.

import type { InstallOptions, Settings } from "@gangway/connect";
import type { Account } from "./client.ts";
import type { Option } from "./model.ts";

/** An account that was just connected: known by the pop-up's handle, or by its id. */
export interface Connected {
  integrationId: string;
  payload?: unknown;
  credentialId?: string;
  options: InstallOptions;
}

/** The account could not be stored. Whoever should store it has told its own listeners. */
export class NotStored extends Error {}

export interface OptionPage {
  options: Option[];
  nextPageCursor: string | null;
}

/** Without an object type: which objects there are. */
export interface MappingQuestion {
  objectType?: string | undefined;
  search: string;
  cursor?: string | undefined;
}

export interface Bridge {
  connected(account: Connected): Promise<void>;
  failed(integrationId: string, error: Error): void;
  disconnect(slug: string, integrationId: string, credentialId: string): Promise<void>;
  switchWorkflow(id: string, on: boolean, account: Account): Promise<void>;
  saveSettings(slug: string, settings: Settings, account: Account): Promise<void>;
  saveWorkflowSettings(
    slug: string,
    workflowId: string,
    settings: Settings,
    account: Account,
  ): Promise<void>;
  /** Choices that the host's page knows. */
  customOptions(key: string, cursor?: string, search?: string): Promise<OptionPage>;
  /** The provider's objects, or the fields of one, as the host's page knows them. */
  mappingOptions(slug: string, name: string, asked: MappingQuestion): Promise<OptionPage>;
  /** Leaves; nothing where there is nowhere to go. */
  close?(): void;
}
