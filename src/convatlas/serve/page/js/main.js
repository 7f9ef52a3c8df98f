// The shell: which view, in which language and theme; what every view may use.
import { api } from "./api.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { LANGUAGES, rememberLanguage, translator, wantedLanguage } from "./language.js";
import { notice } from "./notice.js";
import { chosenTheme, nextTheme, onSystemTheme, showTheme, shownTheme } from "./theme.js";
import { tokenTexts } from "./token.js";

const VIEWS = ["draw", "inside", "read", "atlas", "arithmetic", "train"];
const main = document.getElementById("view");
const lastParams = new Map(); // of each view: its tab leads back to where one was

let language = wantedLanguage();
let t = null;
let unmount = null; // of the view that is shown
let mounting = 0;
let answered = null; // the hash that is shown; another one was asked for if it differs
let runs = null;

/** What every view is given. */
const app = {
  t: (key, values) => t(key, values),
  api,
  get language() {
    return language;
  },
  get theme() {
    return shownTheme();
  },
  /** To another view. */
  go(view, params = {}) {
    location.hash = hashOf(view, new URLSearchParams(params));
  },
  /** Read out by screen readers. */
  announce(text) {
    document.getElementById("announcer").textContent = text;
  },
  /** The answer of /v1/runs, asked once. */
  runs() {
    runs ??= api.get("/v1/runs").catch((fault) => {
      runs = null;
      throw fault;
    });
    return runs;
  },
  /** Runs may have changed (a training ended): the next `runs()` asks again. */
  forgetRuns() {
    runs = null;
  },
};

function hashOf(name, params) {
  const query = params.toString();
  return `#/${name}${query ? `?${query}` : ""}`;
}

function place() {
  const [name, query = ""] = location.hash.replace(/^#\/?/, "").split("?", 2);
  return { name: VIEWS.includes(name) ? name : VIEWS[0], params: new URLSearchParams(query) };
}

/** What one mounted view is given: `replace(params)` puts its state into the address
 * without mounting it again; once another address is asked for it does nothing. */
function appOf(name, turn) {
  const replace = (params) => {
    if (turn !== mounting || location.hash !== answered) return;
    const kept = new URLSearchParams(params);
    history.replaceState(null, "", hashOf(name, kept));
    answered = location.hash;
    lastParams.set(name, kept);
    refreshTabs(name);
  };
  return Object.create(app, { replace: { value: replace } });
}

async function show() {
  answered = location.hash;
  const { name, params } = place();
  const turn = ++mounting;
  lastParams.set(name, params);
  refreshTabs(name);
  const module = await import(`./views/${name}.js`);
  if (turn !== mounting) return; // another view was asked for meanwhile
  unmount?.();
  unmount = null;
  const root = h("section", { class: `view view-${name}` });
  main.replaceChildren(root);
  document.title = `${t(`shell.${name}`)} · convatlas`;
  try {
    unmount = module.default.mount(root, params, appOf(name, turn));
  } catch (fault) {
    console.error(fault);
    const line = notice(app);
    line.say(String(fault.message ?? fault));
    root.append(line.element);
  }
}

function refreshTabs(shown) {
  for (const link of document.querySelectorAll("#tabs a")) {
    const name = link.dataset.view;
    link.href = hashOf(name, lastParams.get(name) ?? new URLSearchParams());
    if (name === shown) {
      link.setAttribute("aria-current", "page");
      const [tabs, slack] = [link.parentElement, 24];
      tabs.scrollLeft = Math.min(tabs.scrollLeft, link.offsetLeft - tabs.offsetLeft - slack);
      const beyond = link.offsetLeft - tabs.offsetLeft + link.offsetWidth + slack - tabs.clientWidth;
      tabs.scrollLeft = Math.max(tabs.scrollLeft, beyond);
    } else link.removeAttribute("aria-current");
  }
}

function dress() {
  document.documentElement.lang = language === "zh" ? "zh-CN" : language;
  document.getElementById("skip").textContent = t("shell.skip");
  const tabs = document.getElementById("tabs");
  tabs.setAttribute("aria-label", t("shell.views"));
  tabs.replaceChildren(...VIEWS.map((name) => h("a", { dataset: { view: name }, href: `#/${name}` }, t(`shell.${name}`))));
  const other = Object.keys(LANGUAGES).find((key) => key !== language);
  const theme = chosenTheme();
  document.getElementById("switches").replaceChildren(
    h(
      "button",
      { class: "button plain", id: "language", lang: other, onclick: () => speak(other) },
      LANGUAGES[other],
    ),
    h(
      "button",
      { class: "button plain square", id: "theme", title: t(`shell.theme_${theme}`), "aria-label": t(`shell.theme_${theme}`), onclick: turnTheme },
      icon(`theme_${theme}`),
    ),
  );
}

async function speak(wanted) {
  rememberLanguage(wanted);
  language = wanted;
  t = await translator(language);
  tokenTexts(t);
  dress();
  document.getElementById("language").focus();
  await show();
}

async function turnTheme() {
  const before = shownTheme();
  nextTheme();
  dress();
  document.getElementById("theme").focus();
  if (shownTheme() !== before) await show();
}

document.getElementById("skip").addEventListener("click", (event) => {
  event.preventDefault(); // the hash is the router's
  main.focus();
});
onSystemTheme(() => {
  showTheme();
  if (t) show();
});
showTheme();
t = await translator(language);
tokenTexts(t);
dress();
addEventListener("hashchange", show);
addEventListener("resize", () => refreshTabs(place().name)); // the shown tab stays in sight
await show();
