// What this application wants from Azure DevOps: three calls, all with the user's own account.

import { gangway } from "@gangway/connect";

export const AZURE_DEVOPS = "azuredevops";

export interface Project {
  id: string;
  name: string;
  description?: string;
}

export interface WorkItem {
  id: number;
  fields: Record<string, unknown>;
  _links?: { html?: { href?: string } };
}

interface List<T> {
  count: number;
  value: T[];
}

export async function listProjects(): Promise<Project[]> {
  const projects = await gangway.request<List<Project>>(
    "azuredevops",
    "/projects?api-version=5.0",
    { method: "GET" },
  );
  return projects?.value ?? [];
}

export async function listWorkItemTypes(project: string): Promise<string[]> {
  const types = await gangway.request<List<{ name: string; isDisabled?: boolean }>>(
    AZURE_DEVOPS,
    `/${encodeURIComponent(project)}/_apis/wit/workitemtypes?api-version=7.1`,
  );
  return (types?.value ?? []).filter(({ isDisabled }) => !isDisabled).map(({ name }) => name);
}

export async function createWorkItem(
  project: string,
  type: string,
  title: string,
): Promise<WorkItem> {
  const item = await gangway.request<WorkItem>(
    AZURE_DEVOPS,
    `/${encodeURIComponent(project)}/_apis/wit/workitems/$${encodeURIComponent(type)}?api-version=7.1`,
    {
      method: "POST",
      headers: { "Content-Type": "application/json-patch+json" },
      body: [{ op: "add", path: "/fields/System.Title", value: title }],
    },
  );
  if (!item) {
    throw new Error(
      "Azure DevOps answered nothing. Look in the project whether the item is there.",
    );
  }
  return item;
}
