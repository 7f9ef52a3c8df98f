// The stage: input, kernels and output as grids side by side, with the window on them.
import { h } from "../dom.js";
import { inputTensor, outputTensor, placeOf, stepOf, termsOf, weightTensor } from "./compute.js";
import { grid } from "./grid.js";
import { span } from "./operators.js";
import { written } from "./numbers.js";
import { inputOf, outputSide, pools, slices, weightsOf } from "./state.js";

/** `set(change)` changes the state; the grids are made anew only when their sizes change. */
export function stage(app, set) {
  const element = h("div", { class: "stage" });
  let shape = "";
  let grids = null;

  return {
    element,
    show(state) {
      const wanted = JSON.stringify([state.op, state.side, state.channels, state.outputs, state.groups, ringOf(state), state.kernel, outputSide(state)]);
      if (wanted !== shape) {
        shape = wanted;
        grids = build(app, state, set);
        element.replaceChildren(...grids.elements);
        const wide = state.side + 2 * ringOf(state) + state.kernel + Math.max(0, outputSide(state));
        element.style.setProperty("--total", Math.max(12, wide));
      }
      paint(grids, state);
    },
  };
}

/** The zeros around the picture; those of a transposed convolution are cut off instead. */
function ringOf(state) {
  return state.op === "transposed" ? 0 : state.padding;
}

function build(app, state, set) {
  const { side, kernel } = state;
  const held = { state };
  const cell = (row, column) => app.t("arithmetic.cell", { row, column });
  const numbered = (key, n, count) => app.t(`arithmetic.${key}`) + (count > 1 ? ` ${n + 1}` : "");
  const edited = (numbers, at, value) => numbers.map((old, i) => (i === at ? value : old));

  const inputs = Array.from({ length: state.channels }, (_, c) =>
    grid({
      rows: side,
      columns: side,
      ring: ringOf(state),
      padding: state.op === "max" ? "·" : "0",
      label: numbered("input", c, state.channels),
      cell,
      edit: (row, column, value) =>
        set({ values: edited(inputOf(held.state), (c * side + row) * side + column, value) }),
    }),
  );
  const kernels = pools(state)
    ? []
    : Array.from({ length: slices(state) }, (_, i) =>
        grid({
          rows: kernel,
          columns: kernel,
          label: numbered("kernel", i, slices(state)),
          cell,
          edit: (row, column, value) =>
            set({ weights: edited(weightsOf(held.state), (i * kernel + row) * kernel + column, value) }),
        }),
      );
  const out = Math.max(0, outputSide(state));
  const outputs = Array.from({ length: out ? state.outputs : 0 }, (_, k) =>
    grid({
      rows: out,
      columns: out,
      label: numbered("output", k, state.outputs),
      cell,
      pick: (y, x) =>
        set(state.op === "transposed" ? { asked: { k, y, x } } : { step: stepOf(held.state, { k, y, x }) }),
    }),
  );
  const divided = h("p", { class: "small quiet divided" });
  return {
    held,
    inputs,
    kernels,
    outputs,
    divided,
    elements: [
      column(app.t("arithmetic.input"), `${state.channels}×${side}×${side}`, inputs),
      kernels.length ? h("span", { class: "sign", "aria-hidden": "true" }, "∗") : null,
      kernels.length ? column(app.t("arithmetic.kernel"), `${kernel}×${kernel}`, kernels, divided) : null,
      h("span", { class: "sign", "aria-hidden": "true" }, "="),
      out
        ? column(app.t("arithmetic.output"), `${state.outputs}×${out}×${out}`, outputs)
        : h("p", { class: "hint" }, app.t("arithmetic.too_large")),
    ].filter(Boolean),
  };
}

function column(title, size, grids, under) {
  const figure = h(
    "figure",
    { class: `grids ${grids.length > 1 ? "several" : ""}` },
    h("figcaption", {}, title, " ", h("span", { class: "quiet small" }, size)),
    h("div", { class: "grids-row" }, grids.map((one) => one.element)),
    under,
  );
  figure.style.setProperty("--wide", grids.reduce((sum, one) => sum + one.wide, 0));
  return figure;
}

function paint(grids, state) {
  grids.held.state = state;
  const each = (list, numbers) => {
    const size = numbers.length / list.length;
    const limit = Math.max(...numbers.map(Math.abs), 1e-9);
    list.forEach((one, i) => one.show(Array.from(numbers.slice(i * size, (i + 1) * size)), limit));
  };
  const place = placeOf(state);
  each(grids.inputs, Array.from(inputTensor(state).data));
  if (grids.kernels.length) each(grids.kernels, Array.from(weightTensor(state).data));
  const until = state.op === "transposed" ? state.step + 1 : Infinity;
  if (grids.outputs.length) each(grids.outputs, Array.from(outputTensor(state, until).data));
  grids.divided.textContent = state.divisor === 1 ? "" : `÷ ${written(state.divisor)}`;
  if (state.op === "transposed") stamp(grids, state, place);
  else slide(grids, state, place);
}

/** The window on the input, the kernels in use and the number that comes out. */
function slide(grids, state, place) {
  const groups = grids.outputs.length ? termsOf(state, place) : [];
  const size = span(state.kernel, state.dilation);
  const box = {
    row: place.y * state.stride - state.padding,
    column: place.x * state.stride - state.padding,
    height: size,
    width: size,
  };
  grids.inputs.forEach((one, channel) => {
    const group = groups.find((each) => each.channel === channel);
    one.frame(group ? box : null);
    one.mark((group?.terms ?? []).map((term) => ({ ...term, text: pools(state) ? "" : `×${written(term.weight)}` })));
  });
  inUse(grids, state, place.k, groups.length);
  grids.outputs.forEach((one, k) => {
    one.frame(k === place.k ? { row: place.y, column: place.x, height: 1, width: 1 } : null);
    one.later(state.step - k * outputSide(state) ** 2);
    if (k === place.k) one.choose(place.y, place.x);
  });
}

/** Frames the kernels that made output channel `k`. */
function inUse(grids, state, k, many) {
  const whole = { row: 0, column: 0, height: state.kernel, width: state.kernel };
  grids.kernels.forEach((one, i) => one.frame(many && grids.kernels.length > 1 && Math.floor(i / many) === k ? whole : null));
}

/** The pixel that writes, and where it writes to. */
function stamp(grids, state, { y, x }) {
  const size = span(state.kernel, state.dilation);
  const asked = askedOf(state);
  const box = { row: y * state.stride - state.padding, column: x * state.stride - state.padding, height: size, width: size };
  const groups = asked ? termsOf(state, asked) : [];
  grids.inputs.forEach((one, channel) => {
    one.frame({ row: y, column: x, height: 1, width: 1 });
    const group = groups.find((each) => each.channel === channel);
    one.mark((group?.terms ?? []).map((term) => ({ ...term, text: `×${written(term.weight)}` })));
  });
  grids.outputs.forEach((one, k) => {
    one.frame(box);
    const here = asked && asked.k === k ? [{ row: asked.y, column: asked.x }] : [];
    one.mark(here);
    if (here.length) one.choose(asked.y, asked.x);
  });
}

/** The output cell whose sum is told: the one asked for, else the middle of the stamp. */
export function askedOf(state) {
  const side = outputSide(state);
  if (side < 1) return null;
  const { y, x } = placeOf(state);
  const middle = Math.floor((state.kernel - 1) / 2) * state.dilation - state.padding;
  const within = (value) => Math.min(side - 1, Math.max(0, value));
  return state.asked ?? { k: 0, y: within(y * state.stride + middle), x: within(x * state.stride + middle) };
}

