// What every spec starts from: a server of its own, and the pages that people see.

import { test as base } from "@playwright/test";
import { type Gangway, startGangway } from "./gangway.ts";
import { HostPage } from "./host-page.ts";
import { serveVendorPage, VendorPage } from "./vendor-page.ts";

interface Fixtures {
  /** Settings of the server that this spec needs otherwise. */
  settings: Record<string, string>;
  gangway: Gangway;
  host: HostPage;
  vendor: VendorPage;
}

export const test = base.extend<Fixtures>({
  settings: [{}, { option: true }],
  gangway: async ({ settings }, use) => {
    const gangway = await startGangway(settings);
    await use(gangway);
    await gangway.stop();
  },
  host: async ({ page, gangway }, use) => {
    await use(new HostPage(page, gangway));
  },
  vendor: async ({ page, gangway }, use) => {
    await serveVendorPage(gangway, (origin) => use(new VendorPage(page, origin)));
  },
});

export { expect } from "@playwright/test";
