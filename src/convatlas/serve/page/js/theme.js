// Light, dark, or as the system has it.
import { recall, remember } from "./memory.js";

const THEMES = ["system", "light", "dark"];
const system = matchMedia("(prefers-color-scheme: dark)");
let dark = system.matches; // read once: who reads it before its event makes Chromium drop the event

/** What was chosen: "system", "light" or "dark". */
export function chosenTheme() {
  const theme = recall("theme", "system");
  return THEMES.includes(theme) ? theme : "system";
}

/** What is shown: "light" or "dark". */
export function shownTheme() {
  const chosen = chosenTheme();
  if (chosen !== "system") return chosen;
  return dark ? "dark" : "light";
}

/** The next of the three; it is shown at once. */
export function nextTheme() {
  remember("theme", THEMES[(THEMES.indexOf(chosenTheme()) + 1) % THEMES.length]);
  showTheme();
}

export function showTheme() {
  document.documentElement.dataset.theme = shownTheme();
}

/** Calls back when the system changes and the page follows it. */
export function onSystemTheme(changed) {
  system.addEventListener("change", (event) => {
    dark = event.matches;
    if (chosenTheme() === "system") changed();
  });
}
