import { expect, test } from "../support/test.ts";

test("declined consent shows its sentence", async ({ host }) => {
  await host.open("ann");
  const popup = await host.connect();
  await popup.signInAs("Ann");
  await popup.decline();
  await expect(host.problem).toContainText("declined");
  await expect(host.connectButton).toBeEnabled();
  expect(popup.page.isClosed()).toBe(true);
});

test("a closed window shows its sentence at once, and another try works", async ({ host }) => {
  await host.open("ann");
  const closed = await host.connect();
  await expect(closed.page.getByRole("button", { name: /^Ann / })).toBeVisible();
  await closed.page.close();
  await expect(host.problem).toHaveText(
    "The sign-in window was closed before the account was connected.",
  );

  const popup = await host.connect();
  await popup.signInAs("Ann");
  await popup.accept();
  await expect(host.account).toContainText("Connected as Ann Archer");
  await expect(host.problem).toBeHidden();
});

test("a company that wants its administrator's approval gives the link for them", async ({
  host,
}) => {
  await host.open("tess");
  const popup = await host.connect();
  await popup.signInAs("Tess");
  await popup.page.getByRole("button", { name: /^Return to the application/ }).click();
  await expect(host.problem).toContainText("administrator");
  await expect(host.problem.getByRole("link")).toHaveAttribute("href", /adminconsent/);
});

test("a personal account is told what to use instead", async ({ host }) => {
  await host.open("pia");
  const popup = await host.connect();
  await popup.signInAs("Pia");
  await expect(popup.page.getByRole("alert")).toContainText("AADSTS");
  await popup.page.close();
  await expect(host.problem).toBeVisible();
});

test.describe("an attempt that takes too long", () => {
  test.use({ settings: { GANGWAY_CONNECT__ATTEMPT_SECONDS: "2" } });

  test("shows its sentence", async ({ host }) => {
    await host.open("ann");
    await host.connect();
    await expect(host.problem).toContainText("took too long");
  });
});
