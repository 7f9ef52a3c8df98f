// The formulas with the numbers filled in: size, sum, cost, and the line of PyTorch.
import { h } from "../dom.js";
import { whole } from "../numbers.js";
import { costs, outputTensor, placeOf, termsOf } from "./compute.js";
import { bracketed, written } from "./numbers.js";
import { askedOf } from "./stage.js";
import { outputSide, pools } from "./state.js";

export function formulas(app) {
  const element = h("div", { class: "formulas" });
  return {
    element,
    show(state) {
      const parts = [size(app, state)];
      if (outputSide(state) > 0) parts.push(sum(app, state));
      parts.push(cost(app, state), code(app, state));
      element.replaceChildren(...parts);
    },
  };
}

function part(title, ...content) {
  return h("section", { class: "formula" }, h("h3", {}, title), ...content);
}

function line(...content) {
  return h("p", { class: "formula-line" }, ...content);
}

const letter = (name) => h("var", {}, name);

function size(app, state) {
  const t = (key, values) => app.t(`arithmetic.${key}`, values);
  const { side, kernel, stride, padding, dilation, extra } = state;
  const out = outputSide(state);
  const [H, k, s, p, d, e] = ["H", "k", "s", "p", "d", "e"].map(letter);
  const result = h("strong", { class: "size-result" }, written(out));
  if (state.op === "transposed") {
    return part(
      t("size"),
      line(H.cloneNode(true), "′ = (", H, " − 1)·", s, " − 2", p, " + ", d, "(", k, " − 1) + ", e, " + 1"),
      line(`= (${side} − 1)·${stride} − 2·${padding} + ${dilation}·(${kernel} − 1) + ${extra} + 1 = `, result),
      out < 1 ? h("p", { class: "hint" }, t("nothing_left")) : null,
    );
  }
  const unseen = (side + 2 * padding - dilation * (kernel - 1) - 1) % stride;
  return part(
    t("size"),
    line(H.cloneNode(true), "′ = ⌊(", H, " + 2", p, " − ", d, "(", k, " − 1) − 1) / ", s, "⌋ + 1"),
    line(`= ⌊(${side} + 2·${padding} − ${dilation}·(${kernel} − 1) − 1) / ${stride}⌋ + 1 = `, result),
    out > 0 && unseen > 0 ? h("p", { class: "hint small" }, t("unseen", { n: unseen })) : null,
    out < 1 ? h("p", { class: "hint" }, t("too_large")) : null,
  );
}

function sum(app, state) {
  const place = state.op === "transposed" ? askedOf(state) : placeOf(state);
  const output = outputTensor(state);
  const value = output.data[(place.k * output.height + place.y) * output.width + place.x];
  const groups = termsOf(state, place);
  const title = app.t("arithmetic.sum", { channel: place.k + 1, row: place.y + 1, column: place.x + 1 });
  const result = h("strong", { class: "sum-result" }, written(value));
  if (pools(state)) return part(title, pooled(state, groups[0].terms, result));
  const several = groups.length > 1;
  return part(
    title,
    ...groups.map(({ channel, terms }) =>
      line(
        several ? h("span", { class: "quiet small" }, `${app.t("arithmetic.channel", { n: channel + 1 })}  `) : null,
        terms.length ? terms.flatMap((term, i) => [i ? " + " : "", product(term)]) : "0",
        several ? ` = ${written(total(terms))}` : null,
      ),
    ),
    line(...ending(state, groups.map(({ terms }) => total(terms))), result),
    state.op === "transposed" ? h("p", { class: "hint small" }, app.t("arithmetic.ask")) : null,
  );
}

const total = (terms) => terms.reduce((all, { value, weight }) => all + value * weight, 0);

function product({ value, weight, inside }) {
  const weightless = value * weight === 0 ? "nothing" : "";
  const text = `${bracketed(value)}·${bracketed(weight)}`;
  return h("span", { class: `product ${weightless} ${inside ? "" : "outside"}` }, text);
}

/** The sum of the channels, divided, and the bias. */
function ending(state, totals) {
  const whole = totals.reduce((a, b) => a + b, 0);
  const added = totals.length > 1 ? `(${totals.map(bracketed).join(" + ")})` : bracketed(whole);
  const divided = state.divisor === 1 ? "" : ` ÷ ${bracketed(state.divisor)}`;
  return [`= ${added}${divided} + ${bracketed(state.bias)} = `];
}

function pooled(state, terms, result) {
  if (state.op === "average") {
    return line("(", terms.map(({ value }) => bracketed(value)).join(" + "), `) ÷ ${terms.length} = `, result);
  }
  const known = terms.filter(({ inside }) => inside);
  const best = Math.max(...known.map(({ value }) => value));
  const shown = known.flatMap(({ value }, i) => [
    i ? ", " : "",
    value === best ? h("strong", {}, written(value)) : written(value),
  ]);
  return line("max(", shown, ") = ", result);
}

function cost(app, state) {
  const { parameters, macs } = costs(state);
  const t = (key, values) => app.t(`arithmetic.${key}`, values);
  if (pools(state)) return part(t("cost"), line(t("cost_pool")));
  const { outputs, channels, groups, kernel } = state;
  const each = state.op === "transposed" ? state.side : Math.max(0, outputSide(state));
  const weights = `${outputs}·${channels}${groups > 1 ? `/${groups}` : ""}·${kernel}²`;
  const shown = (value) => h("strong", {}, whole(value, app.language));
  return part(
    t("cost"),
    line(`${t("parameters")}: ${weights} + ${outputs} = `, shown(parameters)),
    line(`${t("macs")}: ${weights}·${each}² = `, shown(macs)),
  );
}

/** The same layer in PyTorch, to copy. */
export function torchLine(state) {
  const { op, channels, outputs, kernel, stride, padding, dilation, groups, extra } = state;
  const more = (pairs) =>
    Object.entries(pairs)
      .filter(([, [value, usual]]) => value !== usual)
      .map(([name, [value]]) => `, ${name}=${value}`)
      .join("");
  const window = { padding: [padding, 0], dilation: [dilation, 1] };
  if (op === "max") return `torch.nn.MaxPool2d(${kernel}${more({ stride: [stride, kernel], ...window })})`;
  if (op === "average") return `torch.nn.AvgPool2d(${kernel}${more({ stride: [stride, kernel], padding: [padding, 0] })})`;
  const options = more({ stride: [stride, 1], ...window, output_padding: [extra, 0], groups: [groups, 1] });
  const name = op === "conv" ? "Conv2d" : "ConvTranspose2d";
  return `torch.nn.${name}(${channels}, ${outputs}, ${kernel}${options})`;
}

function code(app, state) {
  return part(app.t("arithmetic.code"), h("code", { class: "code-line" }, torchLine(state)));
}
