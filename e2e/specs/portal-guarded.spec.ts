// Who may open the portal, and what a Setup Link opens.

import { once } from "node:events";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import type axe from "axe-core";
import { Popup } from "../support/popup.ts";
import { describe, manage, Portal, SIGN_IN } from "../support/portal.ts";
import { expect, test } from "../support/test.ts";

const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

test("a page of a foreign origin gets no portal", async ({ page, gangway }) => {
  const foreign = createServer((_, response) => {
    const frame = `<iframe id="paragon-connect-frame" src="${gangway.server}/ui"></iframe>`;
    response.writeHead(200, { "Content-Type": "text/html" }).end(frame);
  });
  foreign.listen(0, "127.0.0.2");
  await once(foreign, "listening");
  const refused = page.waitForEvent("console", (one) => one.text().includes("frame-ancestors"));
  await page.goto(`http://127.0.0.2:${(foreign.address() as AddressInfo).port}/`);
  await refused;
  foreign.closeAllConnections();
  foreign.close();
});

test("a page of another project's origin frames the portal and is shown nothing", async ({
  page,
  gangway,
}) => {
  const stranger = createServer((_, response) => {
    const frame = `<iframe id="paragon-connect-frame" src="${gangway.server}/ui"></iframe>`;
    response.writeHead(200, { "Content-Type": "text/html" }).end(frame);
  });
  stranger.listen(0, "127.0.0.3");
  await once(stranger, "listening");
  const origin = `http://127.0.0.3:${(stranger.address() as AddressInfo).port}`;
  const other = { name: "Other", allowedOrigins: [origin] };
  await fetch(`${gangway.server}/api/v1/projects`, {
    method: "POST",
    headers: {
      Authorization: `Bearer ${gangway.api_token}`,
      "Content-Type": "application/json",
    },
    body: JSON.stringify(other),
  });
  await page.goto(origin);
  const token = gangway.people.find(({ name }) => name === "ann")?.user_token;
  const answers: number[] = [];
  page.on("response", (one) => {
    if (one.url().includes("/sdk/portal?")) answers.push(one.status());
  });
  // The portal asks anew only when it is done with the answer before.
  await expect(async () => {
    await page.evaluate(
      ([projectId, userToken]) => {
        const frame = document.querySelector("iframe");
        frame?.contentWindow?.postMessage(
          {
            messageType: "UI_UPDATE",
            nextContext: { user: { authenticated: true, token: userToken }, projectId },
            nextModalState: { integration: { id: "any" } },
          },
          "*",
        );
      },
      [gangway.project_id, token],
    );
    expect(answers.length).toBeGreaterThan(1);
  }).toPass({ timeout: 15_000 });
  expect(new Set(answers)).toEqual(new Set([400]));
  await expect(new Portal(page).dialog).toHaveCount(0);
  stranger.closeAllConnections();
  stranger.close();
});

test("a Setup Link connects one person without any SDK, until it is revoked", async ({
  page,
  gangway,
}) => {
  const link = await manage<{ id: string; url: string }>(gangway, "POST", "/setup-links", {
    userId: "zoe",
  });
  await page.goto(link.url);
  await page.getByRole("button", { name: "Connect Azure DevOps" }).click();
  const opened = page.waitForEvent("popup");
  await page.getByRole("button", { name: SIGN_IN }).click();
  const popup = new Popup(await opened);
  await popup.signInAs("Ann");
  await popup.accept();
  await expect(page.getByText("The account is connected.")).toBeVisible();
  await expect(page.getByText("Ann Archer · acme")).toBeVisible();

  await manage(gangway, "DELETE", `/setup-links/${link.id}`);
  await page.reload();
  await expect(page.getByRole("alert")).toContainText("This link has ended");
});

for (const theme of ["light", "dark"] as const) {
  test(`everybody can read and reach everything in the ${theme} portal`, async ({
    vendor,
    gangway,
    page,
  }) => {
    await manage(gangway, "PUT", "/portal", { theme, language: "de" });
    await describe(gangway, {
      overview: "# Work items\n\nKeeps **both** in step, with [help](https://example.com).",
      inputs: [
        { id: "project", title: "Project", type: "DYNAMIC_ENUM", sourceKey: "projects" },
        { id: "loud", title: "Loud", type: "SWITCH" },
        { id: "hook", title: "Hook", type: "COPYABLE_BUTTON_INPUT", value: "https://a.example" },
        { id: "file", title: "File", type: "FILE" },
        { id: "map", title: "Map", type: "FIELD_MAPPER", fields: ["Title"] },
      ],
    });
    const portal = await vendor.openPortal("ann");
    await portal.dialog.getByRole("button", { name: SIGN_IN }).waitFor();
    expect(await violations(page)).toEqual([]);
    await portal.connect("Ann");
    await expect(portal.dialog.getByText("Das Konto ist verbunden.")).toBeVisible();
    expect(await violations(page)).toEqual([]);
    await portal.dialog.getByRole("combobox", { name: "Project" }).click();
    await portal.dialog.getByRole("option").first().waitFor();
    expect(await violations(page)).toEqual([]);
  });
}

/** What axe finds in the portal's frame. */
async function violations(page: import("@playwright/test").Page): Promise<string[]> {
  const frame = page.frames().find((one) => new URL(one.url()).pathname === "/ui");
  if (!frame) throw new Error("There is no portal.");
  const { readFile } = await import("node:fs/promises");
  await frame.evaluate(await readFile(AXE, "utf8"));
  return frame.evaluate(async () => {
    const { axe: auditor } = window as unknown as { axe: typeof axe };
    const { violations: found } = await auditor.run();
    return found.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
  });
}
