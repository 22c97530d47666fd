import { expect, test } from "../support/test.ts";

test("the vendor's SDK connects, requests, creates and disconnects unchanged", async ({
  vendor,
}) => {
  await vendor.open("ann");
  await expect(vendor.output).toHaveText("not connected");

  const popup = await vendor.connect();
  await popup.signInAs("Ann");
  await popup.accept();
  await expect(vendor.output).toHaveText("connected");

  await vendor.press("List projects");
  await expect(vendor.output).toContainText(", ");
  await vendor.press("Create work item");
  await expect(vendor.output).toHaveText(/^\d+ Paint the mast$/);

  await vendor.press("Disconnect");
  await expect(vendor.output).toHaveText("not connected");
});

test("the vendor's SDK tells of declined consent", async ({ vendor }) => {
  await vendor.open("ann");
  const popup = await vendor.connect();
  await popup.signInAs("Ann");
  await popup.decline();
  await expect(vendor.problem).toContainText("declined");
});

test("the vendor's SDK gives a sign-in up when it takes too long", async ({ vendor }) => {
  await vendor.open("ann", 1_000);
  await vendor.connect();
  await expect(vendor.problem).toHaveText("OAuth timeout");
});

test("the vendor's SDK connects with a personal access token", async ({ vendor, gangway }) => {
  const { pat: token } = gangway.people.find(({ name }) => name === "ann") ?? {};
  await vendor.open("ann", 0, { organization: "acme", token: token ?? "" });
  await vendor.press("Connect with token");
  await expect(vendor.output).toHaveText("connected");
});
