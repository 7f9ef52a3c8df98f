// A small training, started here and watched while it learns.
import { h } from "../dom.js";
import { notice } from "../notice.js";
import { OTHERS } from "../train/curves.js";
import { form } from "../train/form.js";
import { active, jobTable } from "../train/jobs.js";
import { live } from "../train/live.js";
import { follow } from "../train/story.js";

const COMMAND = "convatlas serve --allow-train";

function mount(root, params, app) {
  const t = (key, values) => app.t(`train.${key}`, values);
  const fault = notice(app);
  const forms = h("div");
  const table = h("div");
  const shown = live(app, { stop: (id) => ask(id, "stop"), resume });
  const hint = h("p", { class: "hint" }, t("empty"));
  const left = new AbortController();
  let watched = params.get("job");
  let compared = (params.get("with") ?? "").split(",").filter(Boolean);
  let watching = new AbortController();
  let current = null;
  let jobs = [];
  let drawing = 0;
  const others = new Map(); // stories of earlier trainings by id

  root.append(h("header", { class: "view-head" }, h("h1", {}, t("title")), h("p", { class: "hint" }, t("intro"))), fault.element);
  begin().catch(unlessLeft);

  async function begin() {
    const offer = await app.api.get("/v1/train", {}, { signal: left.signal });
    if (left.signal.aborted) return;
    if (!offer.allowed) {
      root.append(h("div", { class: "train-off stack" }, h("p", { class: "hint" }, t("off")), h("p", {}, h("code", { class: "code-line" }, COMMAND))));
      return;
    }
    forms.append(form(app, offer, params, start));
    root.append(forms, h("div", { class: "train-body" }, hint, shown.element, table));
    jobs = offer.jobs;
    watched ??= jobs.find(active)?.id ?? null;
    list();
    compared.forEach(fetchOther);
    if (watched) watch(watched);
  }

  async function start(order) {
    fault.say(null);
    try {
      const { id } = await app.api.post("/v1/train", {}, order);
      const before = watched;
      watch(id);
      if (before) compare(before, true);
    } catch (error) {
      fault.say(error);
    }
  }

  async function ask(id, what) {
    fault.say(null);
    try {
      await app.api.post(`/v1/train/${encodeURIComponent(id)}/${what}`);
    } catch (error) {
      fault.say(error);
    }
  }

  async function resume(id) {
    await ask(id, "resume");
    watch(id);
  }

  async function refresh() {
    ({ jobs } = await app.api.get("/v1/train", {}, { signal: left.signal }));
    list();
  }

  function list() {
    hint.hidden = Boolean(watched);
    shown.element.hidden = !watched;
    table.replaceChildren(jobs.length ? jobTable(app, jobs, watched, compared, { watch, compare }) : "");
  }

  function watch(id) {
    watching.abort();
    watching = new AbortController();
    watched = id;
    current = null;
    compared = compared.filter((one) => one !== id);
    keep();
    list();
    follow(app, id, told, watching.signal).then(ended, unlessLeft);
  }

  function told(story) {
    if (story.state !== current?.state) refresh().catch(unlessLeft);
    current = story;
    drawing ||= requestAnimationFrame(draw);
  }

  function unlessLeft(error) {
    if (error.name !== "AbortError") fault.say(error);
  }

  function ended(story) {
    if (left.signal.aborted || story.id !== watched) return;
    app.announce(t("ended", { id: story.id, state: t(`state_${story.state}`) }));
    app.forgetRuns();
  }

  function compare(id, whether) {
    compared = compared.filter((one) => one !== id);
    if (whether) compared = [...compared, id].slice(-OTHERS);
    keep();
    list();
    if (whether) fetchOther(id);
    else draw();
  }

  function fetchOther(id) {
    const take = (story) => {
      others.set(id, story);
      draw();
    };
    follow(app, id, take, left.signal).catch(unlessLeft);
  }

  function draw() {
    drawing = 0;
    const behind = compared.map((id) => others.get(id)).filter(Boolean);
    if (current) shown.show(current, behind);
  }

  function keep() {
    const state = watched ? { job: watched } : {};
    if (compared.length) state.with = compared.join(",");
    app.replace(state);
  }

  return () => {
    left.abort();
    watching.abort();
    cancelAnimationFrame(drawing);
  };
}

export default { name: "train", mount };
