import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import ConnectSDK, { gangway, paragon, VERSION } from "../src/index.ts";

it("is one object under both names", () => {
  expect(paragon).toBe(gangway);
  expect(gangway).toBeInstanceOf(ConnectSDK);
});

it("tells the version of the package", () => {
  const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  expect(gangway.getVersion()).toBe(manifest.version);
  expect(VERSION).toBe(manifest.version);
});
