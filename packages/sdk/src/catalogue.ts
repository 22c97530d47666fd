// What the project's integrations are and how each may be connected.

import { IntegrationNotFoundError, InvalidUsageError } from "./errors.ts";
import type {
  AccountType,
  ConnectInput,
  DataSource,
  Integration,
  IntegrationConfig,
  IntegrationMetadata,
  IntegrationWorkflow,
} from "./types.ts";

export class Catalogue {
  readonly #integrations: Map<string, Integration>;
  readonly #icons: string;

  constructor(integrations: Integration[] = [], icons = "") {
    const configured = integrations.filter(({ configs }) => configs.length > 0);
    this.#integrations = new Map(configured.map(named).map((one) => [one.type, one]));
    this.#icons = icons;
  }

  integration(type: string): Integration {
    const integration = this.#integrations.get(type);
    if (!integration) {
      const known = [...this.#integrations.keys()].map((name) => `"${name}"`).join(", ");
      throw new IntegrationNotFoundError(type, known && ` It has: ${known}.`);
    }
    return integration;
  }

  /** As `integration`, but refusing one that is switched off. */
  activeIntegration(type: string): Integration {
    const integration = this.integration(type);
    if (!integration.isActive) {
      throw new InvalidUsageError(`Integration "${type}" is switched off in this project.`);
    }
    return integration;
  }

  byId(id: string): Integration | undefined {
    return [...this.#integrations.values()].find((integration) => integration.id === id);
  }

  dataSource(type: string, key: string): DataSource | undefined {
    return this.integration(type).sdkIntegrationConfig?.dataSources?.[key];
  }

  /** A deployed workflow with the integration it belongs to. */
  workflow(id: string): { workflow: IntegrationWorkflow; integration: Integration } {
    for (const integration of this.#integrations.values()) {
      const workflow = integration.workflows.find((one) => one.id === id);
      if (workflow) {
        return { workflow, integration };
      }
    }
    throw new InvalidUsageError(`This project has no deployed workflow ${id}.`);
  }

  withWorkflow(workflowId: string): Integration {
    const found = [...this.#integrations.values()].find(
      ({ configs }) => configs[0]?.values.workflowMeta?.[workflowId],
    );
    if (!found) {
      throw new InvalidUsageError(`No integration of this project has a workflow ${workflowId}.`);
    }
    return found;
  }

  metadata(): IntegrationMetadata[] {
    return [...this.#integrations.values()]
      .filter(({ isActive }) => isActive)
      .map((integration) => this.#metadataOf(integration));
  }

  metadataOf(type: string): IntegrationMetadata {
    return this.#metadataOf(this.activeIntegration(type));
  }

  #metadataOf({ type, name, brandColor }: Integration): IntegrationMetadata {
    return { type, name, brandColor, icon: `${this.#icons}/integrations/${type}.svg` };
  }

  /** What may be shown of an integration. Only deployed workflows are listed. */
  config(type: string): IntegrationConfig {
    const { configs, workflows, noPermissionWorkflows = [] } = this.integration(type);
    const values = configs[0]?.values ?? {};
    const deployed = new Map(workflows.map((workflow) => [workflow.id, workflow.description]));
    const config: IntegrationConfig = { availableWorkflows: [], hiddenWorkflows: [] };
    for (const { order: _, permissions, ...workflow } of Object.values(values.workflowMeta ?? {})) {
      const refused = noPermissionWorkflows.includes(workflow.id);
      if (!deployed.has(workflow.id) && !refused) {
        continue;
      }
      const hidden = workflow.hidden || (permissions !== undefined && refused);
      const description = deployed.get(workflow.id);
      (hidden ? config.hiddenWorkflows : config.availableWorkflows).push({
        ...workflow,
        ...(description !== undefined && { description }),
      });
    }
    return {
      ...config,
      ...(values.description && { shortDescription: values.description }),
      ...(values.overview && { longDescription: values.overview }),
      ...(values.sharedMeta?.inputs && { availableUserSettings: values.sharedMeta.inputs }),
    };
  }

  accountTypes(type: string): AccountType[] {
    return this.integration(type).sdkIntegrationConfig?.accountTypes ?? [];
  }

  accountType(type: string, id: string | undefined): AccountType | undefined {
    const known = this.accountTypes(type);
    if (id === undefined) {
      return undefined;
    }
    const found = known.find((accountType) => accountType.id === id);
    if (!found) {
      const ids = known.map((accountType) => `"${accountType.id}"`).join(", ");
      throw new InvalidUsageError(`"${type}" has no account type "${id}". It has: ${ids}.`);
    }
    return found;
  }

  /** The form to fill in before connecting. */
  preOptions(type: string, accountTypeId: string): ConnectInput[] {
    const accountType = this.accountTypes(type).find(({ id }) => id === accountTypeId);
    const own = accountType?.endUserSuppliedValues ?? [];
    const shared = this.integration(type).sdkIntegrationConfig?.authConfigInputs ?? [];
    return own.length > 0 ? own : shared;
  }

  /** The form to fill in after connecting. */
  postOptions(type: string): ConnectInput[] {
    return this.integration(type).sdkIntegrationConfig?.postOauthInputs ?? [];
  }
}

/** A custom integration goes by the slug of its connector: `custom.acmecrm`. */
function named(integration: Integration): Integration {
  return { ...integration, type: integration.customIntegration?.slug ?? integration.type };
}
