// How one value came about: patch × kernel = products, summed over channels, bias, activation.
import { h } from "../dom.js";
import { brief, short } from "../numbers.js";
import { colours, span } from "../scales.js";

const WRITTEN = 7; // numbers a side that still fit into their squares
const DRAWN = 32; // squares a side; of larger patches the numbers alone would be too many

export function createValue(app) {
  const { t } = app;
  const element = h("div", { class: "stack" });
  let chosen = 0; // place of the term that is written out

  function show(steps) {
    element.replaceChildren(...steps.map((step, i) => stepElement(step, i === 0, () => show(steps))));
  }

  function stepElement(step, first, again) {
    const parts = [h("h3", {}, `${step.layer.split(".").at(-1)} · ${step.operation}`), h("p", { class: "value-formula" }, step.formula[app.language])];
    if (first && step.terms.length) parts.push(...terms(step, again));
    parts.push(h("p", { class: "hint small" }, step.text[app.language]));
    return h("div", { class: "stack value-step" }, parts);
  }

  function terms(step, again) {
    const at = Math.min(chosen, step.terms.length - 1);
    const term = step.terms[at];
    const parts = [];
    if (term.patch.length <= DRAWN && term.patch[0].length <= DRAWN) parts.push(equation(term));
    if (step.terms.length > 1) parts.push(sums(step, at, again));
    return parts;
  }

  /** patch × kernel = products; only the patch where nothing is multiplied. */
  function equation(term) {
    const from = term.source ? "inside.patchOf" : "inside.patch";
    const patch = grid(term.patch, "viridis", t(from, { channel: term.channel, source: term.source?.split(".").at(-1) }));
    if (!term.kernel) return h("div", { class: "equation" }, patch);
    const products = term.patch.map((row, y) => row.map((value, x) => (value ?? 0) * term.kernel[y][x]));
    return h(
      "div",
      { class: "equation" },
      patch,
      h("span", { class: "sign" }, "×"),
      grid(term.kernel, "diverging", t("inside.kernel")),
      h("span", { class: "sign" }, "="),
      grid(products, "diverging", term.sum === null ? t("inside.products") : t("inside.productsSum", { sum: short(term.sum) })),
    );
  }

  /** What each channel contributes, and the whole. */
  function sums(step, at, again) {
    const reach = Math.max(...step.terms.map((term) => Math.abs(term.sum ?? 0)), Math.abs(step.others ?? 0), 1e-12);
    const rows = step.terms.map((term, i) =>
      h(
        "button",
        {
          class: "sum-row",
          "aria-pressed": String(i === at),
          onclick: () => {
            chosen = i;
            again();
            element.querySelector(`.sum-row:nth-child(${i + 1})`)?.focus();
          },
        },
        h("span", {}, label(term, step)),
        bar(term.sum, reach),
        h("span", {}, term.sum === null ? short(term.patch[0][0] ?? NaN) : short(term.sum)),
      ),
    );
    const plain = (name, value) => h("div", { class: "sum-row" }, h("span", {}, name), bar(value, reach), h("span", {}, short(value)));
    if (step.others !== null) rows.push(plain(t("inside.others", { n: step.left_out }), step.others));
    if (step.bias !== null) rows.push(plain(t("inside.bias"), step.bias));
    rows.push(h("div", { class: "sum-row total" }, h("span", {}, t("inside.value")), h("span"), h("span", {}, short(step.value))));
    return h("div", { class: "sums" }, rows);
  }

  function label(term, step) {
    const several = new Set(step.terms.map((one) => one.source)).size > 1;
    return several ? `${term.source ?? ""} ${term.channel}` : t("inside.channelName", { channel: term.channel });
  }

  function bar(value, reach) {
    const share = (value ?? 0) / reach;
    const fill = h("span", { class: "sum-fill" });
    fill.style.left = `${50 + Math.min(0, share) * 50}%`;
    fill.style.width = `${Math.abs(share) * 50}%`;
    return h("span", { class: "sum-track" }, fill);
  }

  /** Squares in the colours of their numbers; null is padding that nothing is read from. */
  function grid(values, scale, name) {
    const flat = values.flat().map((value) => value ?? 0);
    const [low, high] = span(scale, flat);
    const table = colours(scale, app.theme);
    const written = values.length <= WRITTEN && values[0].length <= WRITTEN;
    const cells = values.flat().map((value) => {
      const at = 3 * Math.round(high > low ? (255 * ((value ?? 0) - low)) / (high - low) : 128);
      const [r, g, b] = table.slice(at, at + 3);
      const cell = h("span", { title: value === null ? "–" : String(value) }, written ? (value === null ? "–" : brief(value)) : null);
      cell.style.background = `rgb(${r},${g},${b})`;
      cell.style.color = 0.299 * r + 0.587 * g + 0.114 * b > 140 ? "#111" : "#fff";
      return cell;
    });
    const squares = h("div", { class: `value-grid${written ? "" : " fine"}` }, cells);
    squares.style.setProperty("--columns", values[0].length);
    return h("figure", {}, squares, h("figcaption", {}, name));
  }

  return { element, show };
}
