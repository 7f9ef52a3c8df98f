// The training that is watched: how far, the curves, its filters, its mistakes.
import { h } from "../dom.js";
import { icon } from "../icons.js";
import { channelValues } from "../maps.js";
import { percent, short, whole } from "../numbers.js";
import { paint } from "../tensors.js";
import { curves } from "./curves.js";
import { active } from "./jobs.js";

const FILTERS = 64; // drawn

/** @param does {stop(id), resume(id)} */
export function live(app, does) {
  const head = h("div");
  const plots = h("div");
  const filters = h("div");
  const mistakes = h("div");
  let shown = {};
  return {
    element: h("div", { class: "live stack" }, head, plots, h("div", { class: "live-looks" }, filters, mistakes)),
    show(story, others) {
      head.replaceChildren(heading(app, story, does));
      plots.replaceChildren(curves(app, story, others));
      if (story.filters !== shown.filters) filters.replaceChildren(...kernels(app, story.filters));
      if (story.mistakes !== shown.mistakes) mistakes.replaceChildren(...wrong(app, story.mistakes));
      shown = { filters: story.filters, mistakes: story.mistakes };
    },
  };
}

function heading(app, story, { stop, resume }) {
  const t = (key, values) => app.t(`train.${key}`, values);
  const last = story.history.at(-1);
  const best = Math.max(...story.history.map((row) => row.validation_accuracy ?? 0), 0);
  const figures = [
    [t("state"), story.state ? t(`state_${story.state}`) : "…"],
    [t("epoch"), `${last?.epoch ?? 0} / ${story.epochs ?? "?"}`],
    [t("best"), best ? percent(best) : "–"],
    [t("loss"), story.steps.length ? short(story.steps.at(-1).loss) : last ? short(last.train_loss) : "–"],
    [t("speed"), story.speed ? t("per_second", { n: whole(Math.round(story.speed), app.language) }) : "–"],
  ];
  const button = (key, name, does) => h("button", { type: "button", class: "button", onclick: () => does(story.id) }, icon(name), t(key));
  return h(
    "div",
    { class: "stack" },
    h("h2", {}, story.id),
    h("dl", { class: "live-figures" }, figures.map(([term, value]) => h("div", {}, h("dt", {}, term), h("dd", {}, value)))),
    active(story) ? h("progress", { max: story.total ?? 1, value: story.done, "aria-label": t("progress") }) : null,
    story.message ? h("p", { class: "notice" }, story.message) : null,
    h(
      "div",
      { class: "row" },
      story.state === "training" || story.state === "starting" ? button("stop", "pause", stop) : null,
      story.state === "stopped" ? button("resume", "play", resume) : null,
      story.run ? h("a", { class: "button", href: `#/inside?run=${encodeURIComponent(story.run)}` }, icon("look"), t("inside")) : null,
      story.run ? h("a", { class: "button", href: `#/draw?run=${encodeURIComponent(story.run)}` }, t("draw")) : null,
    ),
  );
}

/** The kernels of the first layer, red for positive and blue for negative weights. */
function kernels(app, message) {
  if (!message?.layers.length) return [];
  const [layer] = message.layers;
  const [height, width] = layer.size;
  const reach = Math.max(...layer.low.map(Math.abs), ...layer.high.map(Math.abs));
  const canvases = layer.channel.slice(0, FILTERS).map((_, i) => {
    const canvas = h("canvas", { class: "pixels kernel-picture", "aria-hidden": "true" });
    paint(canvas, channelValues(layer, i), height, width, { scale: "diverging", theme: app.theme, low: -reach, high: reach });
    return canvas;
  });
  const told = app.t("train.filters_told", { layer: layer.name, reach: short(reach) });
  return [h("h3", {}, app.t("train.filters")), h("p", { class: "quiet small" }, told), h("div", { class: "kernel-pictures" }, canvases)];
}

function wrong(app, mistakes) {
  if (!mistakes) return [];
  const title = h("h3", {}, app.t("train.mistakes"));
  if (!mistakes.length) return [title, h("p", { class: "quiet small" }, app.t("train.no_mistakes"))];
  const pictures = mistakes.map(({ png, label, answer, probability }) =>
    h(
      "figure",
      {},
      h("img", { src: png, alt: app.t("train.mistake_of", { label, answer }), class: "pixels" }),
      h("figcaption", {}, `${label} → `, h("strong", {}, answer), h("span", { class: "quiet" }, ` ${percent(probability)}`)),
    ),
  );
  return [title, h("p", { class: "quiet small" }, app.t("train.mistakes_told")), h("div", { class: "mistakes" }, pictures)];
}
