// Two networks side by side: totals, and where parameters and work sit.
import { h } from "../dom.js";
import { brief } from "./amounts.js";

const TOTALS = ["parameters", "macs", "depth"];
const KINDS = 6; // of layers, named; the rest is summed

export function compare(app, one, other) {
  const t = (key, values) => app.t(`atlas.${key}`, values);
  return h(
    "section",
    { class: "network-part compare" },
    h("h2", {}, t("versus", { one: one.name, other: other.name })),
    h(
      "div",
      { class: "compare-parts" },
      part(t("totals"), TOTALS.map((key) => pair(t(key), one, other, [one[key], other[key]]))),
      part(t("parameters_by_kind"), byKind(t, one, other, "parameters")),
      part(t("macs_by_kind"), byKind(t, one, other, "macs")),
    ),
  );
}

function part(title, pairs) {
  return h("div", { class: "compare-part" }, h("h3", {}, title), h("dl", {}, pairs));
}

function byKind(t, one, other, key) {
  const sums = [one, other].map((network) => sumsOf(network.layers, key));
  const kinds = [...new Set(sums.flatMap((sum) => [...sum.keys()]))];
  const most = (kind) => Math.max(...sums.map((sum) => sum.get(kind) ?? 0));
  kinds.sort((a, b) => most(b) - most(a));
  const named = kinds.slice(0, KINDS);
  const rest = sums.map((sum) => kinds.slice(KINDS).reduce((total, kind) => total + (sum.get(kind) ?? 0), 0));
  const rows = named.map((kind) => [kind, sums.map((sum) => sum.get(kind) ?? 0)]);
  if (Math.max(...rest) > 0) rows.push([t("rest"), rest]);
  const scale = Math.max(1, ...rows.flatMap(([, values]) => values));
  return rows.map(([kind, values]) => pair(kind, one, other, values, scale));
}

/** Sums of the layers by their kind, without those that have none. */
function sumsOf(layers, key) {
  const sums = new Map();
  for (const layer of layers) {
    if (layer[key]) sums.set(layer.kind, (sums.get(layer.kind) ?? 0) + layer[key]);
  }
  return sums;
}

function pair(title, one, other, values, scale = Math.max(1, ...values)) {
  return h(
    "div",
    { class: "compare-pair" },
    h("dt", {}, title),
    [one, other].map(({ name }, i) => {
      const bar = h("span", { class: `compare-bar ${i ? "second" : ""}` });
      bar.style.width = `${(100 * values[i]) / scale}%`;
      const label = h("span", { class: "quiet small" }, name);
      return h("dd", {}, label, h("span", { class: "compare-track" }, bar), h("span", { class: "small" }, brief(values[i])));
    }),
  );
}
