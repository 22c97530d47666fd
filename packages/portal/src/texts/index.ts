// The portal's words in the person's language, with the host's own in their place where it has some.

import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Look } from "../model.ts";
import { de } from "./de.ts";
import { en, type TextName, type Texts } from "./en.ts";
import { es } from "./es.ts";
import { fr } from "./fr.ts";
import { pt } from "./pt.ts";

export const languages: Record<string, Texts> = { en, de, fr, es, pt };

/** Says a text, with what stands in braces filled in. */
export type Say = (name: TextName, values?: Record<string, string>) => string;

/** The language that the project sets, or the first of the person's that we speak. */
export function languageOf(look: Look | undefined, wanted: readonly string[]): string {
  const bases = wanted.map((one) => one.slice(0, 2).toLowerCase());
  return look?.language ?? bases.find((base) => base in languages) ?? "en";
}

export function sayIn(language: string, look?: Look): Say {
  const texts = { ...en, ...languages[language], ...look?.texts[language] };
  return (name, values = {}) =>
    texts[name].replace(/\{(\w+)\}/g, (whole, key: string) => values[key] ?? whole);
}

export const Speech = createContext<Say>(sayIn("en"));

export function useSay(): Say {
  return useContext(Speech);
}
