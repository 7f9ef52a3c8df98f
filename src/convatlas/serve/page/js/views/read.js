// House numbers in photos: one, several, or a folder.
import { choice, h } from "../dom.js";
import { icon } from "../icons.js";
import { notice } from "../notice.js";
import { percent } from "../numbers.js";
import { card } from "../read/card.js";
import { isPicture } from "../read/collect.js";
import { csv } from "../read/csv.js";
import { queue } from "../read/queue.js";
import { table } from "../read/table.js";
import { refused } from "../read/verdict.js";
import { zone } from "../read/zone.js";
import { download } from "../saving.js";

const LEAST = 0.5; // confidence, unless the address says otherwise
const MANY = 2000; // pictures at a time; more would fill the browser's memory

let items = []; // kept while other views are looked at
let chosen = null;

const undone = () => items.filter(({ state }) => state === "waiting" || state === "reading");

function mount(root, params, app) {
  const t = (key, values) => app.t(`read.${key}`, values);
  const asked = Number(params.get("min") ?? LEAST);
  let least = asked >= 0 && asked <= 0.99 ? asked : LEAST;
  let run = params.get("run");
  const fault = notice(app);
  const work = queue(({ file }) => app.api.post("/v1/read", { run, min_confidence: 0 }, file), told);
  const source = zone(app, take, fault.say);

  const leastTold = h("output");
  const slider = h("input", { type: "range", class: "slider", min: 0, max: 0.99, step: 0.01, oninput: slid });
  slider.value = least;
  const runs = h("div");
  const large = h("div");
  const rows = table(app, (item) => {
    choose(item);
    rows.focus(item);
  });
  const summary = h("p");
  const progress = h("progress", { "aria-label": t("progress") });
  const save = h("button", { type: "button", class: "button", onclick: exported }, icon("save"), t("export"));
  const clear = h("button", { type: "button", class: "button plain", onclick: cleared }, icon("clear"), t("clear"));
  const bar = h("div", { class: "row apart read-bar" }, summary, h("div", { class: "row" }, save, clear));

  root.append(
    h("header", { class: "view-head" }, h("h1", {}, t("title")), h("p", { class: "hint" }, t("intro"))),
    h(
      "div",
      { class: "read" },
      h(
        "div",
        { class: "read-side stack" },
        source.element,
        h("label", { class: "labelled read-least" }, h("span", { class: "row apart" }, t("least"), leastTold), slider),
        runs,
      ),
      h("div", { class: "read-main stack" }, fault.element, large, bar, progress, rows.element),
    ),
  );
  app.runs().then(offerRuns, fault.say);
  show();
  work.add(undone());

  /** Pairs of path and file, to be read. */
  function take(pairs) {
    const pictures = pairs.filter(([, file]) => isPicture(file)).slice(0, MANY - items.length);
    const left = pairs.length - pictures.length;
    fault.say(left ? t("left_out", { n: left, many: MANY }) : null);
    const fresh = pictures.map(([name, file]) => ({ name, file, url: URL.createObjectURL(file), state: "waiting" }));
    items.push(...fresh);
    chosen = fresh[0] ?? chosen;
    show();
    work.add(fresh);
  }

  function told(item) {
    rows.changed(item);
    if (item === chosen) enlarge();
    count();
    if (item.state !== "reading" && undone().length === 0) app.announce(summary.textContent);
  }

  function choose(item) {
    chosen = item;
    show();
  }

  function cleared() {
    work.clear();
    for (const { url } of items) URL.revokeObjectURL(url);
    items = [];
    chosen = null;
    fault.say(null);
    show();
  }

  function slid() {
    least = Number(slider.value);
    keep();
    show();
  }

  function keep() {
    app.replace({ ...(run ? { run } : {}), ...(least === LEAST ? {} : { min: String(least) }) });
  }

  function exported() {
    download(new Blob([csv(items, least)], { type: "text/csv" }), "house-numbers.csv");
  }

  function offerRuns({ runs: known }) {
    const readers = known.filter(({ answers }) => answers === "number");
    if (run && !readers.some(({ id }) => id === run)) run = null;
    if (readers.length < 2) return;
    const named = readers.map(({ id, title }) => [id, title ?? id]);
    runs.append(
      choice(t("run"), named, run ?? readers[0].id, (id) => {
        run = id;
        keep();
      }),
    );
  }

  function enlarge() {
    large.replaceChildren(chosen ? card(app, chosen, least) : h("p", { class: "hint read-empty" }, t("empty")));
  }

  function count() {
    const done = items.filter(({ answer }) => answer);
    const no = done.filter((item) => refused(item, least)).length;
    const failed = items.filter(({ state }) => state === "failed").length;
    summary.textContent = t("summary", { count: items.length, read: done.length - no, refused: no, failed });
    Object.assign(progress, { max: items.length || 1, value: items.length - undone().length, hidden: undone().length === 0 });
    save.disabled = done.length === 0;
  }

  function show() {
    leastTold.textContent = percent(least);
    enlarge();
    rows.show(items, least, chosen);
    rows.element.hidden = items.length < 2;
    bar.hidden = items.length === 0;
    count();
  }

  return () => {
    work.clear();
    source.stop();
  };
}

export default { name: "read", mount };
