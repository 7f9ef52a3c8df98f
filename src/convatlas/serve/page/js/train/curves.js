// Loss and accuracy of the training that is watched, earlier ones behind it.
import { h } from "../dom.js";
import { chart } from "./chart.js";

export const OTHERS = 4; // earlier runs that can be shown at a time

/** @param story of the training that is watched, `others` of earlier ones; see story.js */
export function curves(app, story, others) {
  const t = (key) => app.t(`train.${key}`);
  const all = [story, ...others];
  const most = Math.max(1e-9, ...all.map(({ epochs }) => epochs ?? 0), ...all.flatMap((one) => one.history.map(({ epoch }) => epoch)));
  const lines = (step, epoch) => [
    { look: "step", points: story.steps.map((one) => [one.at, one[step]]) },
    ...others.map((one, i) => ({ look: `other${i}`, points: pointsOf(one, epoch) })),
    { look: "live", points: pointsOf(story, epoch) },
  ];
  const losses = lines("loss", "validation_loss");
  const accuracies = lines("accuracy", "validation_accuracy");
  const known = accuracies.slice(1).flatMap(({ points }) => points.map(([, y]) => y));
  const low = known.length ? Math.max(0, Math.floor((Math.min(...known) - 0.02) * 10) / 10) : 0;
  return h(
    "div",
    { class: "curves" },
    figure(t("loss"), chart(t("loss"), losses, { most, low: 0, high: highest(losses) })),
    figure(t("accuracy"), chart(t("accuracy"), accuracies, { most, low, high: 1, written: (value) => `${Math.round(value * 100)} %` })),
    names(t, story, others),
  );
}

function pointsOf({ history, epochs }, key) {
  return history.filter((row) => row[key] !== null).map((row) => [Math.min(row.epoch, epochs ?? row.epoch), row[key]]);
}

/** The first steps of a bad start would flatten all the rest. */
function highest(lines) {
  const values = lines.flatMap(({ points }) => points.map(([, y]) => y)).sort((a, b) => a - b);
  return Math.max(0.1, values[Math.floor(values.length * 0.97)] ?? 1) * 1.05;
}

function figure(title, picture) {
  return h("figure", { class: "curve" }, h("figcaption", {}, title), picture);
}

function names(t, story, others) {
  const name = (look, text) => h("li", {}, h("span", { class: `line-sample ${look}` }), text);
  return h(
    "ul",
    { class: "line-names small" },
    story.steps.length ? name("step", t("training_steps")) : null,
    name("live", `${story.id}: ${t("validation")}`),
    others.map((one, i) => name(`other${i}`, one.id)),
  );
}
