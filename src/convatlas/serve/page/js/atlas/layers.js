// The table of layers, stage by stage; long networks begin folded.
import { h } from "../dom.js";
import { size, whole } from "../numbers.js";
import { brief } from "./amounts.js";

const LONG = 60; // layers, from which stages begin folded

export function layers(app, network) {
  const t = (key, values) => app.t(`atlas.${key}`, values);
  const most = {
    parameters: Math.max(1, ...network.layers.map((layer) => layer.parameters)),
    macs: Math.max(1, ...network.layers.map((layer) => layer.macs)),
  };
  const titles = [t("layer"), t("operation"), t("output"), t("parameters"), t("macs"), t("field")];
  const open = network.layers.length <= LONG;
  return h(
    "section",
    { class: "network-part" },
    h("h2", {}, t("layers", { n: whole(network.layers.length, app.language) })),
    h(
      "div",
      { class: "layers-holder", tabindex: "0", role: "region", "aria-label": t("layers", { n: network.layers.length }) },
      h(
        "table",
        { class: "layers" },
        h("thead", {}, h("tr", {}, titles.map((title) => h("th", { scope: "col" }, title)))),
        network.stages.map((stage) => stageBody(t, stage, network.layers, most, open)),
      ),
    ),
  );
}

function stageBody(t, { name, first, last }, all, most, open) {
  const rows = all.slice(first, last + 1).map((layer) => row(t, layer, name, most));
  const sum = (key) => all.slice(first, last + 1).reduce((total, layer) => total + layer[key], 0);
  const body = h("tbody", {}, rows);
  const button = h(
    "button",
    { type: "button", class: "stage-fold", "aria-expanded": String(open), onclick: () => fold(button.getAttribute("aria-expanded") === "false") },
    h("span", { class: "stage-mark", "aria-hidden": "true" }),
    name || t("whole"),
  );
  const fold = (unfolded) => {
    button.setAttribute("aria-expanded", String(unfolded));
    for (const one of rows) one.hidden = !unfolded;
  };
  const ends = all[last];
  body.prepend(
    h(
      "tr",
      { class: "stage-row" },
      h("th", { scope: "rowgroup" }, button),
      h("td", { class: "quiet" }, t("count", { n: rows.length })),
      h("td", {}, size(ends.shape)),
      h("td", {}, brief(sum("parameters"))),
      h("td", {}, brief(sum("macs"))),
      h("td", {}, field(t, ends.field)),
    ),
  );
  fold(open);
  return body;
}

function row(t, layer, stage, most) {
  const short = layer.name.startsWith(`${stage}.`) ? layer.name.slice(stage.length + 1) : layer.name;
  return h(
    "tr",
    {},
    h("th", { scope: "row", title: layer.name }, short),
    h("td", {}, layer.operation),
    h("td", {}, size(layer.shape)),
    amount(layer.parameters, most.parameters),
    amount(layer.macs, most.macs),
    h("td", {}, field(t, layer.field)),
  );
}

/** A number with a bar of its share of the largest. */
function amount(value, most) {
  if (!value) return h("td");
  const bar = h("span", { class: "amount-bar" });
  bar.style.width = `${(100 * value) / most}%`;
  return h("td", { class: "amount" }, brief(value), bar);
}

const field = (t, text) => (text === "all" ? t("all_of_it") : text);
