// The answer, large, and a bar for every class.
import { h } from "./dom.js";
import { percent } from "./numbers.js";

const ALL = 12; // classes that keep their order; of more the ten best are shown
const BEST = 10;

/** @param on `look(class)` while a bar is pointed at or focused, `look(null)` after; `waiting`: what is
 *   written while there is no answer */
export function createAnswer(app, { look, waiting }) {
  const best = h("p", { class: "answer-best" });
  const sure = h("p", { class: "answer-sure" });
  const bars = h("ul", { class: "bars", "aria-label": app.t("draw.bars") });
  const hint = h("p", { class: "hint small" }, app.t("draw.barsHint"));
  let pinned = null;
  let fixed = true; // every class has its place
  let rows = new Map();

  function rebuild(classes) {
    rows = new Map(classes.map((name) => [name, row(name)]));
    bars.replaceChildren(...[...rows.values()].map((one) => one.item));
  }

  function row(name) {
    const fill = h("span", { class: "bar-fill" });
    const number = h("span", { class: "bar-number" });
    const button = h(
      "button",
      {
        class: "bar",
        "aria-pressed": "false",
        onpointerenter: (event) => event.pointerType !== "touch" && look(name),
        onpointerleave: () => look(pinned),
        onfocus: () => look(name),
        onblur: () => look(pinned),
        onclick: () => pin(name),
      },
      h("span", { class: "bar-name" }, name),
      h("span", { class: "bar-track" }, fill),
      number,
    );
    return { item: h("li", {}, button), button, fill, number };
  }

  function pin(name) {
    pinned = pinned === name ? null : name;
    for (const [key, { button }] of rows) button.setAttribute("aria-pressed", String(key === pinned));
    look(pinned ?? name);
  }

  return {
    element: h("div", { class: "answer" }, h("div", { class: "answer-large" }, best, sure), bars, hint),
    /** The classes of a run, before anything is answered. */
    classes(names) {
      pinned = null;
      fixed = names.length > 0 && names.length <= ALL;
      rebuild(fixed ? names : []);
      this.show(null);
    },
    /** Answers, best first; null: there is none, for the reason given. */
    show(answers, reason = waiting) {
      best.textContent = answers ? answers[0].class : "–";
      sure.textContent = answers ? percent(answers[0].probability) : reason;
      best.classList.toggle("waiting", !answers);
      best.classList.toggle("wordy", Boolean(answers) && answers[0].class.length > 2);
      if (!fixed) rebuild((answers ?? []).slice(0, BEST).map((one) => one.class));
      const given = new Map((answers ?? []).map((one) => [one.class, one.probability]));
      for (const [name, { button, fill, number }] of rows) {
        const share = given.get(name) ?? 0;
        fill.style.transform = `scaleX(${share})`;
        number.textContent = answers ? percent(share) : "";
        button.classList.toggle("best", answers?.[0].class === name);
        button.disabled = !answers;
      }
    },
  };
}
