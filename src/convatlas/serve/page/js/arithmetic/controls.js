// What is done, with which numbers, on what: the controls beside the stage.
import { choice, h } from "../dom.js";
import { KERNELS, PICTURES, kernel as preset } from "./presets.js";
import { OPERATIONS, pools, range } from "./state.js";
import { written, typed } from "./numbers.js";
import { stepper } from "./stepper.js";

const WINDOW = ["kernel", "stride", "padding", "dilation", "extra"];
const CHANNELS = ["channels", "outputs", "groups"];

/** `set(change)` changes the state. */
export function controls(app, set) {
  const t = (key) => app.t(`arithmetic.${key}`);
  const operations = segments(t("operation"), OPERATIONS.map((op) => [op, t(op)]), (op) => set({ op }));
  const steppers = Object.fromEntries(
    ["side", ...WINDOW, ...CHANNELS].map((name) => [name, stepper(t(name), (value) => set({ [name]: value }))]),
  );
  const own = ["own", t("own")];
  const picture = choice(t("picture"), [...named(PICTURES, "picture"), own], "x", (name) =>
    set({ picture: name, values: null }),
  );
  const filter = choice(t("filter"), [...named(KERNELS, "filter"), own], "falling", (name) =>
    set({ filter: name, weights: null, divisor: preset(name, steppers.kernel.value())[1] }),
  );
  const divisor = decimal(t("divisor"), (value) => set({ divisor: value || 1 }));
  const bias = decimal(t("bias"), (value) => set({ bias: value }));

  function named(presets, kind) {
    return Object.keys(presets).map((name) => [name, t(`${kind}_${name}`)]);
  }

  const group = (title, ...parts) => h("fieldset", { class: "control-group" }, h("legend", {}, title), ...parts);
  const kernelGroup = group(t("kernel"), filter, divisor.element, bias.element);
  return {
    operations: operations.element,
    element: h(
      "div",
      { class: "controls" },
      group(t("input"), picture, steppers.side.element),
      kernelGroup,
      group(t("window"), ...WINDOW.map((name) => steppers[name].element)),
      group(t("channels_title"), ...CHANNELS.map((name) => steppers[name].element)),
    ),
    show(state) {
      operations.show(state.op);
      for (const [name, one] of Object.entries(steppers)) {
        one.show(state[name], range(name, state));
        one.element.hidden = !takes(state, name);
      }
      kernelGroup.hidden = pools(state);
      select(picture, state.values ? "own" : state.picture);
      select(filter, state.weights ? "own" : state.filter);
      divisor.show(state.divisor);
      bias.show(state.bias);
    },
  };
}

/** Whether the operation has this number. */
function takes(state, name) {
  if (name === "outputs" || name === "groups") return !pools(state);
  if (name === "extra") return state.op === "transposed";
  return name !== "dilation" || state.op !== "average";
}

/** "Own" can be seen, not chosen: it comes by typing into the grid. */
function select(label, value) {
  const box = label.querySelector("select");
  box.value = value;
  box.querySelector("[value=own]").hidden = value !== "own";
}

function segments(label, options, changed) {
  const inputs = options.map(([value]) =>
    h("input", { type: "radio", name: "operation", value, class: "unseen", onchange: () => changed(value) }),
  );
  return {
    element: h(
      "div",
      { class: "segments", role: "radiogroup", "aria-label": label },
      options.map(([, text], i) => h("label", {}, inputs[i], h("span", {}, text))),
    ),
    show(value) {
      for (const input of inputs) input.checked = input.value === value;
    },
  };
}

function decimal(label, changed) {
  const input = h("input", {
    class: "text-input decimal",
    inputmode: "decimal",
    autocomplete: "off",
    onchange: () => {
      const value = typed(input.value);
      if (value === null) input.value = input.defaultValue;
      else changed(value);
    },
  });
  return {
    element: h("label", { class: "labelled" }, h("span", {}, label), input),
    show(value) {
      input.defaultValue = written(value);
      input.value = written(value);
    },
  };
}
