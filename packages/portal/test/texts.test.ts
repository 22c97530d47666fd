import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { languageOf, languages, sayIn } from "../src/texts/index.ts";

const places = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([found]) => found).sort();

test("every language fills in what English fills in", () => {
  for (const [language, texts] of Object.entries(languages)) {
    for (const [name, text] of Object.entries(languages.en ?? {})) {
      const own = texts[name as keyof typeof texts];
      expect(places(own), `${language} ${name}`).toEqual(places(text));
    }
  }
});

test("the project's language comes before the person's, and the host's words before ours", () => {
  const look = { theme: "system" as const, language: "fr", texts: { fr: { connect: "Allons-y" } } };
  expect(languageOf(look, ["de-DE"])).toBe("fr");
  expect(languageOf(undefined, ["xx", "pt-BR"])).toBe("pt");
  expect(sayIn("fr", look)("connect")).toBe("Allons-y");
  expect(sayIn("fr", look)("theirField", { name: "X" })).toBe("Champ dans X");
});

test("every text is said somewhere", () => {
  const root = new URL("../src/", import.meta.url);
  const source = readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((path) => /\.tsx?$/.test(path) && !path.startsWith("texts/"))
    .map((path) => readFileSync(new URL(path, root), "utf8"))
    .join("\n");
  const calls = [...source.matchAll(/\bsay\(([^)]*)/g)].map(([, given]) => given).join("\n");
  const said = new Set([...calls.matchAll(/"(\w+)"/g)].map(([, name]) => name));
  expect(Object.keys(languages.en ?? {}).filter((name) => !said.has(name))).toEqual([]);
});
