// Steps through the places: back, play, on, and a slider to scrub.
import { h } from "../dom.js";
import { icon } from "../icons.js";

const PACES = [900, 450, 150]; // milliseconds a step

export function playback(app, goTo) {
  let shown = { step: 0, count: 1 };
  let timer = null;
  let pace = 1;
  const t = (key, values) => app.t(`arithmetic.${key}`, values);

  const button = (label, content, onclick) =>
    h("button", { type: "button", class: "button square", "aria-label": label, title: label, onclick }, content);
  const back = button(t("back"), "‹", () => jump(shown.step - 1));
  const on = button(t("on"), "›", () => jump(shown.step + 1));
  const play = button(t("play"), icon("play"), () => (timer ? stop() : start()));
  const slider = h("input", {
    type: "range",
    class: "slider",
    min: "0",
    "aria-label": t("place"),
    oninput: () => jump(Number(slider.value)),
  });
  const count = h("output", { class: "small quiet place-count" });
  const speed = button(t("speed"), "1×", () => {
    pace = (pace + 1) % PACES.length;
    speed.textContent = ["½×", "1×", "3×"][pace];
    if (timer) start();
  });

  function jump(step) {
    stop();
    goTo(Math.min(shown.count - 1, Math.max(0, step)));
  }

  function start() {
    clearInterval(timer);
    if (shown.step >= shown.count - 1) goTo(0);
    timer = setInterval(() => {
      if (shown.step >= shown.count - 1) stop();
      else goTo(shown.step + 1);
    }, PACES[pace]);
    dress();
  }

  function stop() {
    clearInterval(timer);
    timer = null;
    dress();
  }

  function dress() {
    play.replaceChildren(icon(timer ? "pause" : "play"));
    play.setAttribute("aria-label", t(timer ? "pause" : "play"));
    play.title = t(timer ? "pause" : "play");
  }

  return {
    element: h("div", { class: "playback" }, back, play, on, slider, count, speed),
    show(step, steps) {
      shown = { step, count: Math.max(1, steps) };
      slider.max = shown.count - 1;
      slider.value = step;
      slider.setAttribute("aria-valuetext", t("place_of", { n: step + 1, count: shown.count }));
      count.textContent = t("place_of", { n: step + 1, count: shown.count });
      back.disabled = step <= 0;
      on.disabled = step >= shown.count - 1;
    },
    stop,
  };
}
