// Convolution, pooling and their relatives on a grid of numbers, place by place.
import { controls } from "../arithmetic/controls.js";
import { formulas } from "../arithmetic/formulas.js";
import { photo } from "../arithmetic/photo.js";
import { playback } from "../arithmetic/playback.js";
import { stage } from "../arithmetic/stage.js";
import { changed, fromParams, steps, toParams } from "../arithmetic/state.js";
import { h } from "../dom.js";

function mount(root, params, app) {
  let state = fromParams(params);
  const view = {
    controls: controls(app, (change) => set({ step: 0, ...change })),
    stage: stage(app, set),
    playback: playback(app, (step) => set({ step })),
    formulas: formulas(app),
    photo: photo(app, (values) => set({ values, step: 0 })),
  };

  function set(change) {
    state = changed(state, change);
    app.replace(toParams(state));
    show("step" in change && Object.keys(change).length === 1);
  }

  function show(onlyStep = false) {
    view.stage.show(state);
    view.playback.show(state.step, steps(state));
    view.formulas.show(state);
    if (onlyStep) return;
    view.controls.show(state);
    view.photo.show(state);
  }

  root.append(
    h("header", { class: "view-head" }, h("h1", {}, app.t("arithmetic.title")), h("p", { class: "hint" }, app.t("arithmetic.intro"))),
    view.controls.operations,
    h(
      "div",
      { class: "arithmetic" },
      h("div", { class: "arithmetic-middle" }, view.stage.element, view.playback.element),
      view.controls.element,
      view.formulas.element,
      view.photo.element,
    ),
  );
  show();
  return () => {
    view.playback.stop();
    view.photo.stop();
  };
}

export default { name: "arithmetic", mount };
