import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { expect, it } from "vitest";

const GZIPPED_BYTES_MAX = 15_000;

it("is small: the whole script, compressed, stays below 15 kB", async () => {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("../src/script-tag.ts", import.meta.url))],
    bundle: true,
    minify: true,
    format: "iife",
    target: "es2022",
    write: false,
  });
  const [script] = outputFiles;
  expect(gzipSync(script?.contents ?? "", { level: 9 }).byteLength).toBeLessThan(GZIPPED_BYTES_MAX);
});
