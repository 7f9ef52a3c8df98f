// A whole number with − and + beside it.
import { h } from "../dom.js";

export function stepper(label, changed) {
  const input = h("input", {
    type: "number",
    class: "stepper-value",
    "aria-label": label,
    onchange: () => set(Number(input.value)),
  });
  const less = button("−", -1);
  const more = button("+", 1);
  const element = h(
    "div",
    { class: "stepper", role: "group", "aria-label": label },
    h("span", { class: "stepper-label" }, label),
    h("span", { class: "stepper-row" }, less, input, more),
  );

  function button(sign, by) {
    return h("button", { type: "button", "aria-label": `${label} ${sign}1`, onclick: () => set(Number(input.value) + by) }, sign);
  }

  function set(value) {
    const whole = Math.round(Math.min(Number(input.max), Math.max(Number(input.min), value)));
    input.value = whole;
    changed(whole);
  }

  return {
    element,
    value: () => Number(input.value),
    show(value, [least, most]) {
      Object.assign(input, { min: least, max: most, value });
      less.disabled = value <= least;
      more.disabled = value >= most;
    },
  };
}
