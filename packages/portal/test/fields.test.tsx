// @vitest-environment happy-dom

import type { Settings } from "@gangway/connect";
import { render } from "preact";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Client } from "../src/client.ts";
import { Form } from "../src/form.tsx";
import { listen, type Shown } from "../src/frame.ts";
import type { Input, PortalIntegration } from "../src/model.ts";
import { type Work, Working } from "../src/work.ts";
import { Gangway, PROJECT } from "./support/gangway.ts";
import { Page } from "./support/page.ts";

let gangway: Gangway;
let page: Page;
let saved: Settings[];

beforeEach(() => {
  gangway = new Gangway();
  vi.stubGlobal("fetch", gangway.fetch);
  page = new Page();
  saved = [];
});

afterEach(() => {
  render(null, document.body);
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

/** Draws a form of the integration in the SDK's frame. */
async function form(inputs: Input[], values: Settings = {}, more: Partial<Work> = {}) {
  const shown = await new Promise<Shown>((resolve) => {
    listen((one) => one && resolve(one));
    page.update();
  });
  const integration = gangway.integration as PortalIntegration;
  const work = { client: new Client(PROJECT, "token"), bridge: shown.bridge, integration, ...more };
  const keep = async (given: Settings) => {
    saved.push(given);
  };
  render(
    <Working.Provider value={work}>
      <Form label="Settings" inputs={inputs} values={values} submit="Save" onSubmit={keep} />
    </Working.Provider>,
    document.body,
  );
}

function labelled(name: string): HTMLElement {
  const label = [...document.querySelectorAll("label")].find((one) => one.textContent === name);
  const found = label && document.getElementById(label.htmlFor);
  if (!found) throw new Error(`There is no ${name}.`);
  return found;
}

const options = () =>
  [...document.querySelectorAll("[role=option]")].map(({ textContent }) => textContent);

function pick(name: string): void {
  const all = [...document.querySelectorAll<HTMLElement>("[role=option]")];
  const found = all.find(({ textContent }) => textContent === name);
  if (!found) throw new Error(`There is no choice ${name}.`);
  found.click();
}

const press = (name: string) =>
  [...document.querySelectorAll("button")].find(({ textContent }) => textContent === name)?.click();

const board: Input = { id: "board", key: "boards", title: "Board", type: "CUSTOM_DROPDOWN" };

it("asks the page for choices that it loads, a page at a time", async () => {
  page.functions._loadCustomDropdownOptions = (key: string, cursor?: string) =>
    cursor
      ? { options: [{ label: "Keel", value: "2" }], nextPageCursor: null }
      : { options: [{ label: `Sails of ${key}`, value: "1" }], nextPageCursor: "c-1" };
  // What both SDKs send for a loader.
  await form([{ ...board, customDropdownOptions: [] }]);
  labelled("Board").click();
  await vi.waitFor(() => expect(options()).toEqual(["Sails of boards"]));
  press("Show more");
  await vi.waitFor(() => expect(options()).toEqual(["Sails of boards", "Keel"]));
  pick("Keel");
  await vi.waitFor(() => expect(labelled("Board")).toMatchObject({ value: "Keel" }));
  press("Save");
  await vi.waitFor(() => expect(saved).toEqual([{ board: "2" }]));
});

it("does not ask the page for choices that it gave as a list", async () => {
  await form([{ ...board, customDropdownOptions: [{ label: "Mast", value: "m" }] }]);
  labelled("Board").click();
  await vi.waitFor(() => expect(options()).toEqual(["Mast"]));
  expect(page.names()).toEqual([]);
});

const access: Input = {
  id: "access",
  title: "Access",
  type: "PERMISSION",
  required: true,
  requiredScopes: ["vso.work", "vso.code"],
};

it("has required scopes chosen, so that a form of them alone can be saved", async () => {
  await form([access]);
  press("Save");
  await vi.waitFor(() => expect(saved).toEqual([{ access: "vso.work vso.code" }]));
});

it("keeps the scopes that were chosen before beside the required ones", async () => {
  await form([{ ...access, scopes: ["vso.build"] }], { access: "vso.build" });
  press("Save");
  await vi.waitFor(() => expect(saved).toEqual([{ access: "vso.work vso.code vso.build" }]));
});

const mapping: Input = {
  id: "map",
  title: "Map",
  type: "FIELD_MAPPER",
  dynamicObjectName: "Task",
  fieldSource: "fields",
};
const labels = () => [...document.querySelectorAll("label")].map(({ textContent }) => textContent);

it("maps the fields that the page gave as a list, by the name of the object", async () => {
  const fields = [
    { label: "Title", value: "title" },
    { label: "Owner", value: "owner" },
  ];
  await form([mapping], {}, { mapObjectFields: { Task: fields } });
  expect(labels()).toEqual(["Title", "Owner"]);
});

it("lets people create and remove fields where the page allows it", async () => {
  const fields = [{ label: "Title", value: "title" }];
  const given = { fields, userCanCreateFields: true, userCanRemoveMappings: true };
  await form([mapping], {}, { mapObjectFields: { Task: given } });
  expect(document.querySelector("[aria-label='Remove Title']")).not.toBeNull();
  expect(document.querySelector("[aria-label='New field']")).not.toBeNull();
});

it("loads objects and their fields from the page that brings its own", async () => {
  const asked: unknown[] = [];
  page.functions._fetchBYOFieldMappingOptions = (...given: unknown[]) => {
    asked.push(given);
    const [, type] = given;
    const label = type === "objectTypes" ? "Bug" : "Severity";
    return { options: [{ label, value: label.toLowerCase() }], nextPageCursor: null };
  };
  const fields = [{ label: "Title", value: "title" }];
  const given = { fields, useBYOFieldMappingOption: true };
  await form([mapping], {}, { mapObjectFields: { Task: given } });
  expect(labels()).toEqual(["Record type", "Title"]);
  labelled("Record type").click();
  await vi.waitFor(() => pick("Bug"));
  await vi.waitFor(() => expect(labelled("Title")).toMatchObject({ disabled: false }));
  labelled("Title").click();
  await vi.waitFor(() => pick("Severity"));
  await vi.waitFor(() => expect(labelled("Title")).toMatchObject({ value: "Severity" }));
  press("Save");
  await vi.waitFor(() =>
    expect(saved).toMatchObject([
      { map: { objectMapping: "bug", fieldMappings: { Title: "severity" } } },
    ]),
  );
  expect(asked).toEqual([
    ["azuredevops", "objectTypes", "Task", { search: "" }],
    ["azuredevops", "integrationFields", "Task", { objectType: "bug", search: "" }],
  ]);
});
