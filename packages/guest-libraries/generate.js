// Bundles each library into one file that the engine carries, and their licences beside them.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("../../", import.meta.url));
const vendor = `${root}crates/engine/vendor`;

/** The name by which a function imports it, and the package that it is. */
const libraries = { "date-fns": "date-fns", lodash: "lodash-es", uuid: "uuid" };

for (const [name, source] of Object.entries(libraries)) {
  const all = `export * from "${source}";`;
  // Only lodash has a default export.
  const contents = name === "lodash" ? `${all} export { default } from "${source}";` : all;
  await build({
    stdin: { contents, resolveDir: fileURLToPath(new URL(".", import.meta.url)) },
    outfile: `${vendor}/${name}.js`,
    bundle: true,
    format: "esm",
    minify: true,
    platform: "browser",
    target: "es2022",
    legalComments: "inline",
    logLevel: "warning",
  });
}

const licences = Object.values(libraries).map((source) => {
  const folder = `${root}node_modules/${source}`;
  const { version } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
  const file = readdirSync(folder).find((entry) => entry.startsWith("LICENSE"));
  return `${source} ${version}\n\n${readFileSync(`${folder}/${file}`, "utf8").trim()}\n`;
});
writeFileSync(`${vendor}/LICENSES.txt`, licences.join("\n----\n\n"));
