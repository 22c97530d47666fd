import type { Locator } from "@playwright/test";
import { Popup } from "../support/popup.ts";
import { deploy, describe, SIGN_IN } from "../support/portal.ts";
import { expect, test } from "../support/test.ts";

const WORKFLOW = {
  key: "tell_the_crew",
  name: "Tell the crew",
  integration: "azuredevops",
  trigger: { kind: "app_event", event: "Task Created" },
  start: "wait",
  steps: { wait: { kind: "delay", amount: 5 } },
  portal: {
    info: "Writes to the crew when a work item changes.",
    inputs: [{ id: "channel", title: "Channel", type: "TEXT_NO_VARS", required: true }],
  },
};

for (const sdk of ["vendor", "own"] as const) {
  test.describe(`with the ${sdk} SDK`, () => {
    test.use({ sdk });

    test("a person connects, sets up, switches a workflow on and disconnects in the SDK's frame", async ({
      vendor,
      gangway,
    }) => {
      await describe(gangway, {
        overview: "# Work items\n\nKeeps **both** in step. <img src=x onerror=alert(1)>",
        inputs: [
          { id: "project", title: "Project", type: "DYNAMIC_ENUM", sourceKey: "projects" },
          { id: "note", title: "Note", type: "TEXT_NO_VARS" },
        ],
      });
      await deploy(gangway, WORKFLOW);
      const portal = await vendor.openPortal("ann");
      await expect(portal.dialog.getByRole("heading", { name: "Work items" })).toBeVisible();
      await expect(portal.dialog.locator("img[src=x]")).toHaveCount(0);

      await portal.connect("Ann");
      await expect(portal.dialog.getByText("The account is connected.")).toBeVisible();
      await expect(vendor.output).toHaveText("connected");

      const settings = portal.dialog.getByRole("form", { name: "Settings", exact: true });
      const project = settings.getByRole("combobox", { name: "Project" });
      await project.click();
      await settings.getByRole("option").first().click();
      await expect(project).not.toHaveValue("");
      await settings.getByLabel("Note").fill("Starboard");
      await settings.getByRole("button", { name: "Save" }).click();
      await expect(settings.getByText("Saved.")).toBeVisible();

      const workflow = portal.dialog.getByRole("switch", { name: "Tell the crew" });
      await workflow.click();
      await expect(portal.problem.first()).toContainText("Channel");
      const own = portal.dialog.getByRole("form", { name: "Settings of Tell the crew" });
      await own.getByLabel("Channel").fill("deck");
      await own.getByRole("button", { name: "Save" }).click();
      await expect(own.getByText("Saved.")).toBeVisible();
      await workflow.click();
      await expect(workflow).toBeChecked();

      await portal.button("Disconnect").click();
      await portal.button("Cancel").click();
      await portal.button("Disconnect").click();
      await portal.button("Disconnect").click();
      await expect(portal.dialog.getByText("The account is disconnected.")).toBeVisible();
      await expect(vendor.output).toHaveText("not connected");
      await portal.button("Close").click();
      await expect(portal.dialog).toBeHidden();
    });

    test("a person connects two accounts and chooses between them", async ({ vendor }) => {
      const portal = await vendor.openPortal("ann", "several");
      await portal.connect("Ann");
      await portal.button("Connect another account").click();
      const popup = await portal.signInBy(SIGN_IN);
      await popup.signInAs("Ben");
      await popup.accept();
      await popup.chooseOrganization("globex");
      const accounts = portal.dialog.getByRole("radio");
      await expect(accounts).toHaveCount(2);
      await expect(portal.dialog.getByRole("radio", { name: /globex/ })).toBeChecked();
    });
  });
}

test("declined consent shows its sentence in the portal", async ({ vendor }) => {
  const portal = await vendor.openPortal("ann");
  const popup = await portal.signInBy(SIGN_IN);
  await popup.signInAs("Ann");
  await popup.decline();
  await expect(portal.problem).toContainText("declined");
});

test("a sign-in page that cuts its window off connects through the portal", async ({
  vendor,
  gangway,
  page,
}) => {
  await page.request.put(`${gangway.sandbox_http}/_sandbox/entra`, {
    data: { pages_cut_opener: true },
  });
  // Automation gives every page the focus; a person's is in the window in front.
  await page.addInitScript(() => {
    document.hasFocus = () => false;
  });
  const portal = await vendor.openPortal("ann");
  await portal.connect("Ann");
  await expect(portal.dialog.getByText("The account is connected.")).toBeVisible();
});

test("the address of somebody else's sign-in window connects nothing", async ({
  vendor,
  browser,
}) => {
  const portal = await vendor.openPortal("ann");
  const popup = await portal.signInBy(SIGN_IN);
  await expect(popup.page.getByRole("button", { name: /^Ann / })).toBeVisible();
  const stolen = await browser.newContext();
  const thief = new Popup(await stolen.newPage());
  await thief.page.goto(popup.page.url());
  await thief.signInAs("Ben");
  await thief.accept();
  await expect(thief.page.getByRole("alert")).toBeVisible();
  await stolen.close();
  await popup.page.close();
  await expect(portal.problem).toContainText("closed");
  await expect(vendor.output).toHaveText("not connected");
});

test("an account that must sign in again says so, and works when the person has", async ({
  vendor,
  gangway,
  page,
}) => {
  const portal = await vendor.openPortal("ann");
  await portal.connect("Ann");
  await expect(portal.dialog.getByText("The account is connected.")).toBeVisible();
  // Azure DevOps takes the token no more, and Microsoft gives no other.
  const refusals = [
    { times: 9, path_contains: "/_apis/", answer: { status: 401 } },
    {
      path_contains: "/oauth2/v2.0/token",
      answer: {
        status: 400,
        headers: { "content-type": "application/json" },
        body: '{"error":"invalid_grant","error_codes":[50173]}',
      },
    },
  ];
  for (const data of refusals) {
    await page.request.post(`${gangway.sandbox_http}/_sandbox/faults`, { data });
  }
  const { user_token } = gangway.people.find(({ name }) => name === "ann") ?? {};
  const proxied = `/projects/${gangway.project_id}/sdk/proxy/azuredevops/projects?api-version=5.0`;
  const refused = await page.request.get(gangway.server + proxied, {
    headers: { Authorization: `Bearer ${user_token}` },
  });
  expect(refused.ok()).toBe(false);
  await page.request.delete(`${gangway.sandbox_http}/_sandbox/faults`);

  const again = await vendor.openPortal("ann");
  await expect(vendor.output).toHaveText("not connected");
  await expect(again.dialog.getByText("This account needs to be reconnected")).toBeVisible();
  const popup = await again.signInBy("Reconnect");
  await popup.signInAs("Ann");
  // Consent was given before.
  await expect(vendor.output).toHaveText("connected");
  await expect(again.dialog.getByText("This account needs to be reconnected")).toBeHidden();
});

test("everything can be done with the keyboard alone", async ({ vendor, gangway, page }) => {
  await describe(gangway, {
    inputs: [{ id: "project", title: "Project", type: "DYNAMIC_ENUM", sourceKey: "projects" }],
  });
  await deploy(gangway, { ...WORKFLOW, portal: {} });
  const portal = await vendor.openPortal("ann");
  const reach = async (target: Locator) => {
    for (let presses = 0; presses < 40; presses += 1) {
      if (await target.evaluate((one) => one === document.activeElement)) return;
      await page.keyboard.press("Tab");
    }
    throw new Error("the Tab key does not lead there");
  };
  const signIn = portal.button(SIGN_IN);
  await expect(signIn).toBeVisible();
  await reach(signIn);
  const opened = page.waitForEvent("popup");
  await page.keyboard.press("Enter");
  const popup = new Popup(await opened);
  await popup.signInAs("Ann");
  await popup.accept();
  await expect(portal.dialog.getByText("The account is connected.")).toBeVisible();

  await page.bringToFront();
  const project = portal.dialog.getByRole("combobox", { name: "Project" });
  await reach(project);
  await page.keyboard.type("Store");
  const option = portal.dialog.getByRole("option", { name: "Storefront" });
  await expect(option).toBeVisible();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect(project).toHaveValue("Storefront");
  const save = portal.dialog
    .getByRole("form", { name: "Settings", exact: true })
    .getByRole("button", { name: "Save" });
  await reach(save);
  await page.keyboard.press("Enter");
  await expect(portal.dialog.getByText("Saved.")).toBeVisible();

  const workflow = portal.dialog.getByRole("switch", { name: "Tell the crew" });
  await reach(workflow);
  await page.keyboard.press("Space");
  await expect(workflow).toBeChecked();
  await page.keyboard.press("Escape");
  await expect(portal.dialog).toBeHidden();
});
