import { expect, test } from "../support/test.ts";

test.use({
  launchOptions: {
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--test-third-party-cookie-phaseout"],
  },
});

test("a person connects through the portal where third-party cookies are blocked", async ({
  vendor,
}) => {
  const portal = await vendor.openPortal("ann");
  await portal.connect("Ann");
  await expect(portal.dialog.getByText("The account is connected.")).toBeVisible();
});
