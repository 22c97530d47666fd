import { expect, test } from "../support/test.ts";

test("a person connects, sees their projects, files a work item and disconnects", async ({
  host,
}) => {
  await host.open("ann");
  await expect(host.account).toContainText("Not connected");

  const popup = await host.connect();
  await popup.signInAs("Ann");
  await popup.accept();
  await expect(host.status.first()).toHaveText("Azure DevOps is connected.");
  await expect(host.account).toContainText("Ann Archer");
  await expect(host.account).toContainText("acme");
  expect(popup.page.isClosed()).toBe(true);

  await expect(host.projects).not.toHaveCount(0);
  const project = (await host.projects.first().getByRole("strong").textContent()) ?? "";
  await host.createWorkItem({ project, type: "Task", title: "Paint the mast" });
  await expect(host.page.getByText(/^Created Task \d+: Paint the mast$/)).toBeVisible();

  await host.disconnectButton.click();
  await expect(host.account).toContainText("Not connected");
  await expect(host.connectButton).toBeVisible();
  await expect(host.projects).toHaveCount(0);
});

test("the account is still there when the person comes back", async ({ host, page }) => {
  await host.open("ann");
  const popup = await host.connect();
  await popup.signInAs("Ann");
  await popup.accept();
  await expect(host.account).toContainText("Connected as");

  await page.reload();
  await expect(host.account).toContainText("Connected as Ann Archer");
  await page.getByLabel("Signed in as").selectOption("ben");
  await expect(host.account).toContainText("Not connected");
});

test("a person with two organizations chooses one", async ({ host }) => {
  await host.open("ben");
  const popup = await host.connect();
  await popup.signInAs("Ben");
  await popup.accept();
  await popup.chooseOrganization("globex");
  await expect(host.account).toContainText("in globex");
});

test("a guest types the name of the organization, and may mistype it", async ({ host }) => {
  await host.open("gus");
  const popup = await host.connect();
  await popup.signInAs("Gus");
  await popup.accept();
  await popup.typeOrganization("no-such-place");
  await expect(popup.page.getByRole("alert")).toBeVisible();
  await popup.typeOrganization("globex");
  await expect(host.account).toContainText("in globex");
});

test("a personal access token connects without a sign-in page", async ({ host, gangway }) => {
  await host.open("ann");
  const { pat } = gangway.people.find(({ name }) => name === "ann") ?? {};
  await host.connectWithToken("acme", pat ?? "");
  await expect(host.account).toContainText("in acme");
  await expect(host.projects).not.toHaveCount(0);
});

test("a wrong personal access token is refused with a sentence", async ({ host }) => {
  await host.open("ann");
  await host.connectWithToken("acme", "not-a-token");
  await expect(host.problem).toContainText("personal access token");
  await expect(host.account).toContainText("Not connected");
});

test("a sign-in page that cuts its window off still connects", async ({ host, gangway, page }) => {
  await page.request.put(`${gangway.sandbox_http}/_sandbox/entra`, {
    data: { pages_cut_opener: true },
  });
  // Automation gives every page the focus; a person's is in the window in front.
  await page.addInitScript(() => {
    document.hasFocus = () => false;
  });
  await host.open("ann");
  const popup = await host.connect();
  await popup.signInAs("Ann");
  await popup.accept();
  await expect(host.account).toContainText("Connected as Ann Archer");
});
