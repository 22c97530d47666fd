import { createRequire } from "node:module";
import type { Page } from "@playwright/test";
import type axe from "axe-core";
import { expect, test } from "../support/test.ts";

const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

async function violations(page: Page): Promise<string[]> {
  await page.addScriptTag({ path: AXE });
  return page.evaluate(async () => {
    const { axe: auditor } = window as unknown as { axe: typeof axe };
    const { violations: found } = await auditor.run();
    return found.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
  });
}

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(`in a ${colorScheme} page`, () => {
    test.use({ colorScheme });

    test("everybody can read and reach everything", async ({ host, page }) => {
      await host.open("ann");
      await expect(host.connectButton).toBeVisible();
      expect(await violations(page)).toEqual([]);

      const popup = await host.connect();
      await popup.signInAs("Ann");
      await popup.decline();
      await expect(host.problem).toBeVisible();
      expect(await violations(page)).toEqual([]);

      const again = await host.connect();
      await again.signInAs("Ann");
      await again.accept();
      await expect(host.projects).not.toHaveCount(0);
      expect(await violations(page)).toEqual([]);
    });
  });
}
