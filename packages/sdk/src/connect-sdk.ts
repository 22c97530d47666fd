// The SDK as the application holds it: the layers below, and every call made with an account.

import { AccountSDK } from "./account-sdk.ts";
import { CONFIGURATION_HEADER, CREDENTIAL_HEADER, callProxy } from "./client.ts";
import * as configurations from "./configurations.ts";
import { asConnectError, InvalidUsageError, ProxyRequestError } from "./errors.ts";
import { type FieldOptions, type FieldOptionsRequest, fieldOptions } from "./field-options.ts";
import type { ActionInput } from "./input-sources.ts";
import { select } from "./selection.ts";
import type {
  Configuration,
  Credential,
  CredentialConfigOptions,
  CredentialSelection,
  ProxyRequestOptions,
  Settings,
  UpdateWorkflowStateResponse,
  WorkflowRequest,
} from "./types.ts";
import type { TriggerModel } from "./vocabulary.ts";
import * as workflows from "./workflow-switches.ts";

export { VERSION } from "./user-sdk.ts";

export interface TriggerDefinition {
  type: string;
  triggerModel: TriggerModel;
  title: string;
  description: string;
  parameters: ActionInput[];
}

export interface GetTriggerTypesResponse {
  triggers: Record<string, TriggerDefinition[]>;
  errors?: { type: string; message: string }[];
}

export class ConnectSDK extends AccountSDK {
  // ---- Configurations ----

  async createConfiguration(
    options: configurations.CreateConfigurationOptions,
  ): Promise<Configuration> {
    return configurations.create(this.signedIn(), options);
  }

  async updateConfiguration(
    options: configurations.UpdateConfigurationOptions,
  ): Promise<Configuration> {
    return configurations.update(this.signedIn(), options);
  }

  async destroyConfiguration(options: configurations.DeleteConfigurationOptions): Promise<void> {
    return configurations.destroy(this.signedIn(), options);
  }

  // ---- Workflows and settings ----

  async enableWorkflow(workflowId: string, options: CredentialConfigOptions = {}): Promise<void> {
    return workflows.switchWorkflow(this.signedIn(), workflowId, true, options);
  }

  async disableWorkflow(workflowId: string, options: CredentialConfigOptions = {}): Promise<void> {
    return workflows.switchWorkflow(this.signedIn(), workflowId, false, options);
  }

  /** Switches several workflows; one that fails does not stop the others. */
  async updateWorkflowState(
    change: Record<string, boolean>,
    options: CredentialConfigOptions = {},
  ): Promise<UpdateWorkflowStateResponse> {
    const errors: UpdateWorkflowStateResponse["errors"] = [];
    for (const [workflowId, enabled] of Object.entries(change)) {
      try {
        await workflows.switchWorkflow(this.signedIn(), workflowId, enabled, options);
      } catch (error) {
        errors.push({ workflowId, message: asConnectError(error).message });
      }
    }
    return { user: this.getUser(), errors };
  }

  /** Changes the settings that hold for the whole integration; others stay as they are. */
  async updateIntegrationUserSettings(
    integrationType: string,
    change: Settings,
    options: CredentialConfigOptions = {},
  ): Promise<workflows.SettingsResult> {
    return workflows.changeSharedSettings(this.signedIn(), integrationType, change, options);
  }

  /** Changes the settings of one workflow; others stay as they are. */
  async updateWorkflowUserSettings(
    integrationType: string,
    workflowId: string,
    change: Settings,
    options: CredentialConfigOptions = {},
  ): Promise<workflows.SettingsResult> {
    const changed = { workflowId, change };
    return workflows.changeWorkflowSettings(this.signedIn(), integrationType, changed, options);
  }

  /** The choices of a field, page by page. */
  async getFieldOptions(request: FieldOptionsRequest): Promise<FieldOptions> {
    return fieldOptions(this.signedIn(), this.dataSources, request);
  }

  // ---- More of an account ----

  /** The accounts of one integration as the server describes them. Never with a token. */
  async getIntegrationAccount(
    integrationType: string,
    options: CredentialSelection = {},
  ): Promise<unknown> {
    const session = this.signedIn();
    const { credential } = workflows.selected(session, integrationType, options);
    return session.call(`/sdk/credentials?integration=${encodeURIComponent(integrationType)}`, {
      headers: { [CREDENTIAL_HEADER]: credential.id },
    });
  }

  /** The triggers that an integration offers. Gangway has no such route yet and answers 404. */
  async getTriggers(
    integrationType: string,
    options: CredentialSelection = {},
  ): Promise<GetTriggerTypesResponse> {
    const session = this.signedIn();
    const { credential } = workflows.validSelection(session, integrationType, options);
    const base = `${session.environments.API_TRIGGER_KIT_PUBLIC_URL}/projects/${session.projectId}`;
    const answer = await session.send<GetTriggerTypesResponse>(
      `${base}/triggers?integrations=${encodeURIComponent(integrationType)}`,
      { headers: { [CREDENTIAL_HEADER]: credential.id } },
    );
    return answer ?? { triggers: {} };
  }

  /**
   * Connects one of the application's own interfaces, with the access that `payload` holds.
   * Projects of Gangway have none yet.
   */
  async connectAction(resource: string, payload: Record<string, unknown>): Promise<Credential> {
    const session = this.signedIn();
    const found = session.user.resources.find(({ slug }) => slug === resource);
    if (!found) {
      throw new InvalidUsageError(`This project has no resource "${resource}".`);
    }
    return session.callForCredential(`/sdk/resources/${found.id}/connect`, {
      method: "POST",
      body: JSON.stringify(payload),
    });
  }

  /** The address at which a workflow waits for the user's own webhook. */
  async getCustomWebhookUserManualUrl(workflowId: string, credentialId?: string): Promise<string> {
    const session = this.signedIn();
    const { workflow, integration } = session.catalogue.workflow(workflowId);
    const resource = session.user.resources.find(({ id }) => id === workflow.resourceId);
    const owner = workflow.resourceId
      ? resource
      : {
          integrationId: integration.id,
          credentialId: credentialId ?? session.stateOf(integration.type).credentialId,
        };
    if (!owner?.integrationId || !owner.credentialId || !workflow.customWebhookTriggerId) {
      throw new InvalidUsageError(`Workflow ${workflowId} has no webhook of a connected account.`);
    }
    const base = `${session.environments.HERMES_PUBLIC_URL}/triggers/connect/${session.projectId}`;
    const webhook = `${owner.integrationId}/custom-triggers/${workflow.customWebhookTriggerId}`;
    return `${base}/${webhook}?id=${owner.credentialId}`;
  }

  // ---- Calls ----

  /** Calls the provider's own API with the user's account. */
  async request<T = unknown>(
    integrationType: string,
    path: string,
    options: ProxyRequestOptions = {},
  ): Promise<T | undefined> {
    const session = this.signedIn();
    const base = `${session.environments.WORKER_PROXY_PUBLIC_URL}/projects/${session.projectId}`;
    const url = `${base}/sdk/proxy/${integrationType}/${path.replace(/^\//, "")}`;
    try {
      return await callProxy<T>(this.browser, { url, token: session.token, options });
    } catch (error) {
      if (error instanceof ProxyRequestError && [401, 403].includes(error.status)) {
        // The account may have become invalid: learn its state before the application asks.
        await session.loadUser();
      }
      throw error;
    }
  }

  /** Sends an App Event to every workflow that listens for it. */
  async event(
    name: string,
    payload: Record<string, unknown>,
    { selectedCredentialId, selectedConfigurationId }: CredentialConfigOptions = {},
  ): Promise<void> {
    const session = this.signedIn();
    if (selectedConfigurationId && !selectedCredentialId) {
      throw new InvalidUsageError("A configuration can be selected only along with its account.");
    }
    const base = `${session.environments.HERMES_PUBLIC_URL}/v2/projects/${session.projectId}`;
    await session.send(`${base}/sdk/events/trigger`, {
      method: "POST",
      headers: {
        ...(selectedCredentialId && { [CREDENTIAL_HEADER]: selectedCredentialId }),
        ...(selectedConfigurationId && { [CONFIGURATION_HEADER]: selectedConfigurationId }),
      },
      body: JSON.stringify({ name, payload }),
    });
  }

  /** Starts a workflow that waits for a request, and answers what it answers. */
  async workflow<T = unknown>(
    workflowId: string,
    { body = {}, query = {}, headers, ...selection }: WorkflowRequest = {},
  ): Promise<T | undefined> {
    const session = this.signedIn();
    const { type } = session.catalogue.withWorkflow(workflowId);
    const selected = select([session.stateOf(type)], selection);
    if (selected && !selected.configuration.workflowSettings[workflowId]?.enabled) {
      throw new InvalidUsageError(`Workflow ${workflowId} is not enabled for this user.`);
    }
    const sent = new Headers(headers);
    for (const [name, value] of Object.entries(
      selected ? configurations.selectionHeaders(selected) : {},
    )) {
      sent.set(name, value);
    }
    const base = `${session.environments.HERMES_PUBLIC_URL}/projects/${session.projectId}`;
    return session.send<T>(`${base}/sdk/triggers/${workflowId}?${new URLSearchParams(query)}`, {
      method: "POST",
      headers: sent,
      body: JSON.stringify(body),
    });
  }

  /** Calls Gangway itself as the signed-in user; `path` begins below the project. */
  async sendConnectRequest<T>(
    path: string,
    init: RequestInit & {
      baseURLOverride?: string;
      skipDefaultCredentialIdHeader?: boolean;
    } = {},
    prefixWithProjectPath = true,
  ): Promise<T | undefined> {
    const session = this.signedIn();
    const { baseURLOverride, skipDefaultCredentialIdHeader, ...sent } = init;
    const origin = baseURLOverride ?? session.environments.ZEUS_PUBLIC_URL;
    const prefix = prefixWithProjectPath ? `/projects/${session.projectId}` : "";
    const headers = new Headers(sent.headers);
    // While the portal is open, calls are about the account that it shows.
    const shown = this.opened && session.stateOf(this.opened).credentialId;
    if (shown && !skipDefaultCredentialIdHeader && !headers.has(CREDENTIAL_HEADER)) {
      headers.set(CREDENTIAL_HEADER, shown);
    }
    return session.send<T>(`${origin}${prefix}${path}`, { ...sent, headers });
  }
}
