// English and Chinese: which one, and its strings.
import { recall, remember } from "./memory.js";

export const LANGUAGES = { en: "English", zh: "中文" };
const PARTS = ["shell", "draw", "inside", "read", "atlas", "arithmetic", "train"];

/** The remembered language, else the first of the browser's that is known, else English. */
export function wantedLanguage() {
  const known = recall("language", null);
  if (known in LANGUAGES) return known;
  for (const tag of navigator.languages ?? []) {
    const base = tag.toLowerCase().split("-")[0];
    if (base in LANGUAGES) return base;
  }
  return "en";
}

export function rememberLanguage(language) {
  remember("language", language);
}

/** Strings of a language: `t("draw.clear")`, `t("inside.layers", { n: 12 })` fills in {n}. */
export async function translator(language) {
  const modules = await Promise.all(PARTS.map((part) => import(`./strings/${language}/${part}.js`)));
  const strings = Object.fromEntries(PARTS.map((part, i) => [part, modules[i].default]));
  return (key, values = {}) => {
    const [part, name] = key.split(".", 2);
    const text = strings[part]?.[name];
    if (text === undefined) {
      console.error(`no ${language} text for ${key}`);
      return key;
    }
    return text.replace(/\{(\w+)\}/g, (whole, field) => (field in values ? String(values[field]) : whole));
  };
}
