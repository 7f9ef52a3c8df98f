// Which network is looked into: a trained run, or one of the atlas as it begins.
import { h } from "../dom.js";

const BUNDLE = "reader"; // of ONNX files, which cannot be looked into

/** A select box; resolves when its lists are there. `chosen(id)` on a change. */
export async function subjectChoice(app, id, chosen) {
  const [{ runs }, { networks }] = await Promise.all([app.runs(), app.api.get("/v1/networks")]);
  const select = h(
    "select",
    { class: "choice", onchange: () => chosen(select.value) },
    h(
      "optgroup",
      { label: app.t("inside.trained") },
      runs.filter((run) => run.id !== BUNDLE && run.trained).map((run) => h("option", { value: run.id }, run.title)),
    ),
    h(
      "optgroup",
      { label: app.t("inside.untrained") },
      networks.map((one) => h("option", { value: `network:${one.name}` }, one.year ? `${one.name} (${one.year})` : one.name)),
    ),
  );
  select.value = id;
  return h("label", { class: "labelled" }, h("span", {}, app.t("inside.network")), select);
}

/** What is known of an id before anything is asked: {id, classes, data, answers, trained}. */
export async function subjectOf(app, id) {
  const { runs, default: fallback } = await app.runs();
  if (id?.startsWith("network:")) return { id, classes: [], data: null, answers: "class", trained: false };
  const lookable = runs.filter((run) => run.id !== BUNDLE);
  return lookable.find((run) => run.id === id) ?? lookable.find((run) => run.id === fallback) ?? lookable[0];
}
