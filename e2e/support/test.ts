// What every spec starts from: a server of its own, and the pages that people see.

import { test as base } from "@playwright/test";
import { type Gangway, startGangway } from "./gangway.ts";
import { HostPage } from "./host-page.ts";
import { type Sdk, serveVendorPage, VendorPage } from "./vendor-page.ts";

interface Fixtures {
  /** Settings of the server that this spec needs otherwise. */
  settings: Record<string, string>;
  /** Whose SDK the page `vendor` uses. */
  sdk: Sdk;
  gangway: Gangway;
  host: HostPage;
  vendor: VendorPage;
}

export const test = base.extend<Fixtures>({
  settings: [{}, { option: true }],
  sdk: ["vendor", { option: true }],
  gangway: async ({ settings }, use) => {
    const gangway = await startGangway(settings);
    await use(gangway);
    await gangway.stop();
  },
  host: async ({ page, gangway }, use) => {
    await use(new HostPage(page, gangway));
  },
  vendor: async ({ page, gangway, sdk }, use) => {
    // The vendor's SDK asks its own server for a portal before it is told of ours. Where that cannot
    // be reached, the browser's error page may come in the place of our portal.
    await page.route("https://connect.useparagon.com/**", (route) =>
      route.fulfill({ contentType: "text/html", body: "" }),
    );
    await serveVendorPage(gangway, sdk, (origin) =>
      use(new VendorPage(page, origin, gangway.server)),
    );
  },
});

export { expect } from "@playwright/test";
