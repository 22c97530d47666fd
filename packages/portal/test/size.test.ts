import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { expect, test } from "vitest";

const KIB = 1024;

test("the portal stays below 100 kB, compressed", async () => {
  const { outputFiles } = await build({
    absWorkingDir: fileURLToPath(new URL("..", import.meta.url)),
    entryPoints: ["src/main.tsx", "src/portal.css"],
    bundle: true,
    minify: true,
    write: false,
    format: "iife",
    target: "es2022",
    jsx: "automatic",
    jsxImportSource: "preact",
    outdir: "dist",
  });
  const bytes = outputFiles.map(({ contents }) => gzipSync(contents).length);
  expect(bytes.reduce((sum, one) => sum + one, 0)).toBeLessThan(100 * KIB);
});
