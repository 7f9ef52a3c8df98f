// The trainings, the newest first: watched, laid over one another, stopped, resumed.
import { h } from "../dom.js";
import { percent } from "../numbers.js";

const ACTIVE = ["starting", "training", "stopping"];

export const active = ({ state }) => ACTIVE.includes(state);

/** @param does {watch(id), compare(id, whether)} */
export function jobTable(app, jobs, watched, compared, does) {
  const t = (key, values) => app.t(`train.${key}`, values);
  const titles = [t("training"), t("epochs"), t("seed"), t("best"), t("state"), t("overlay")];
  return h(
    "div",
    { class: "jobs-holder", tabindex: "0", role: "region", "aria-label": t("trainings") },
    h(
      "table",
      { class: "jobs" },
      h("thead", {}, h("tr", {}, titles.map((title) => h("th", { scope: "col" }, title)))),
      h("tbody", {}, jobs.map((job) => row(t, job, watched, compared, does))),
    ),
  );
}

function row(t, job, watched, compared, { watch, compare }) {
  const here = job.id === watched;
  const box = h("input", {
    type: "checkbox",
    checked: compared.includes(job.id),
    disabled: here,
    "aria-label": t("overlay_of", { id: job.id }),
    onchange: () => compare(job.id, box.checked),
  });
  return h(
    "tr",
    { class: here ? "chosen" : null },
    h("th", { scope: "row" }, h("button", { type: "button", class: "job-open", "aria-pressed": String(here), onclick: () => watch(job.id) }, job.id)),
    h("td", {}, job.epochs ?? ""),
    h("td", {}, job.seed),
    h("td", {}, job.validation_accuracy === null ? "" : percent(job.validation_accuracy)),
    h("td", {}, t(`state_${job.state}`)),
    h("td", {}, h("label", { class: "overlay-box" }, box)),
  );
}
