// Behind a Setup Link there is no page around: the portal tells Gangway itself.

import type { Settings } from "@gangway/connect";
import type { Bridge, Connected, OptionPage } from "./bridge.ts";
import type { Account, Client } from "./client.ts";

export class Direct implements Bridge {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  async connected({ integrationId, payload, credentialId, options }: Connected): Promise<void> {
    // An account that is known by its id is stored already.
    if (credentialId) return;
    const body = { integrationId, config: {}, payload, installOptions: options };
    await this.#client.call("POST", "/sdk/credentials", body);
  }

  failed(): void {}

  async disconnect(_slug: string, integrationId: string, credentialId: string): Promise<void> {
    await this.#client.call("DELETE", `/sdk/integrations/${integrationId}`, undefined, {
      credentialId,
    });
  }

  async switchWorkflow(id: string, on: boolean, account: Account): Promise<void> {
    await this.#client.call(on ? "POST" : "DELETE", `/sdk/workflows/${id}`, undefined, account);
  }

  saveSettings(_slug: string, sharedSettings: Settings, account: Account): Promise<void> {
    return this.#save({ sharedSettings }, account);
  }

  saveWorkflowSettings(
    _slug: string,
    workflowId: string,
    settings: Settings,
    account: Account,
  ): Promise<void> {
    return this.#save({ workflowSettings: { [workflowId]: { settings } } }, account);
  }

  async customOptions(): Promise<OptionPage> {
    return { options: [], nextPageCursor: null };
  }

  async mappingOptions(): Promise<OptionPage> {
    return { options: [], nextPageCursor: null };
  }

  async #save(config: unknown, account: Account): Promise<void> {
    await this.#client.call(
      "PATCH",
      `/sdk/credentials/${account.credentialId}`,
      { config },
      account,
    );
  }
}
