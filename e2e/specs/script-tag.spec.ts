import { expect, test } from "../support/test.ts";

test("the SDK from a script tag knows its server already", async ({ page, host, gangway }) => {
  await host.open("ann");
  await page.addScriptTag({ url: `${gangway.server}/ui/scripts/sdk.js` });
  const user = await page.evaluate(async (projectId) => {
    const { gangway: sdk, paragon } = window as unknown as Record<
      string,
      typeof import("@gangway/connect").gangway
    >;
    const { token } = await (await fetch("/session?user=ben")).json();
    await sdk?.authenticate(projectId, token);
    return { same: sdk === paragon, user: sdk?.getUser() };
  }, gangway.project_id);
  expect(user).toMatchObject({ same: true, user: { authenticated: true, userId: "ben" } });
});
