// Which pixels speak for a class: method, class, digit, and how strongly it is laid over.
import { choice, h } from "../dom.js";
import { ends } from "../scales.js";
import { legend } from "../tensors.js";

const METHODS = ["none", "grad-cam", "integrated-gradients", "occlusion", "guided-backprop"];
const DIGITS = ["0", "1", "2", "3", "4", "length"];
const OPACITY = 0.6;

/** @param changed called when the map must be asked for again; `shaded` when only laid over
 * @returns `element`, `state` (what stands in the address), `subject(one)`, `show(layer)` */
export function createHeat(app, params, { changed, shaded }) {
  const { t } = app;
  const state = {
    method: METHODS.includes(params.get("heat")) ? params.get("heat") : "none",
    target: params.get("target") ?? "",
    digit: DIGITS.includes(params.get("digit")) ? params.get("digit") : "0",
    opacity: Number(params.get("opacity") ?? OPACITY),
  };
  const about = h("p", { class: "quiet small" });
  const scale = legend(app.theme);
  const shade = h("input", {
    class: "slider",
    type: "range",
    min: "0",
    max: "1",
    step: "0.05",
    value: state.opacity,
    oninput: () => {
      state.opacity = Number(shade.value);
      shaded();
    },
  });
  const which = h("div", { class: "row" });
  const more = h("div", { class: "stack" }, which, h("label", { class: "labelled" }, h("span", {}, t("inside.opacity")), shade), scale.element, about);
  const element = h(
    "div",
    { class: "stack" },
    choice(t("inside.heat"), METHODS.map((name) => [name, t(`inside.heat_${name.replaceAll("-", "_")}`)]), state.method, (method) => set({ method })),
    more,
  );
  more.hidden = state.method === "none";

  function set(some) {
    Object.assign(state, some);
    more.hidden = state.method === "none";
    changed();
  }

  return {
    element,
    state,
    params() {
      if (state.method === "none") return {};
      return { heat: state.method, target: state.target, digit: state.digit === "0" ? "" : state.digit, opacity: state.opacity === OPACITY ? "" : state.opacity };
    },
    subject({ classes, answers }) {
      const numbers = answers === "number";
      which.replaceChildren();
      if (numbers) which.append(choice(t("inside.digit"), DIGITS.map((d) => [d, d === "length" ? t("inside.length") : String(Number(d) + 1)]), state.digit, (digit) => set({ digit })));
      if (classes.length) which.append(choice(t("inside.target"), [["", t("inside.likeliest")], ...classes.map((name, i) => [String(i), name])], state.target, (target) => set({ target })));
      which.hidden = !which.children.length;
    },
    show(layer) {
      const [low, high] = ends(layer.low, layer.high, layer.signed);
      scale.show(layer.signed ? "diverging" : "viridis", low, high);
      about.textContent = layer.about ? t("inside.heatAbout", { about: layer.about }) : "";
    },
  };
}
