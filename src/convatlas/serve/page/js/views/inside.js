// Look inside: the network with the activations of one picture, down to single values.
import { createAnswer } from "../answer.js";
import { h, toggle } from "../dom.js";
import { blobOf, hold, inputOf, paramsOf, samples } from "../input.js";
import { subjectChoice, subjectOf } from "../inside/chooser.js";
import { createDrawer } from "../inside/drawer.js";
import { createHeat } from "../inside/heat.js";
import { latest } from "../latest.js";
import { notice } from "../notice.js";
import { whole } from "../numbers.js";
import { createPointing } from "../pointing.js";
import { createRibbon } from "../ribbon.js";
import { createSeen } from "../seen.js";
import { cameraButton, listenForPictures, uploadButton } from "../sources.js";
import { mapsWanted, structureOf, targetOf } from "../subjects.js";

const LISTS = ["open", "shut"];

export default {
  name: "inside",
  mount(root, params, app) {
    const { t } = app;
    const state = { subject: null, structure: null, input: null, layer: null, unit: null };
    const chosen = {
      scale: params.get("scale") === "common",
      steps: params.get("steps") === "1",
      ...Object.fromEntries(LISTS.map((name) => [name, (params.get(name) ?? "").split(",").filter(Boolean)])),
    };

    const fault = notice(app);
    const seen = createSeen(app);
    const heat = createHeat(app, params, { changed: () => (save(), lookHeat()), shaded: () => (save(), seen.shade(heat.state.opacity)) });
    const answer = createAnswer(app, { look: (name) => lookHeat(name), waiting: t("inside.noAnswer") });
    const facts = h("p", { class: "quiet small" });
    const networks = h("div", { class: "inside-networks" });
    const shelf = h("div", { class: "samples", role: "group", "aria-label": t("draw.samples") });
    const empty = h("p", { class: "hint" }, t("inside.empty"));
    const pointing = createPointing(app, { mark: (regions) => (ribbon.mark(regions), seen.mark(regions?.input)) });
    const ribbon = createRibbon(app, {
      on: {
        hover: (hit, event) => (hit ? pointing.point(state.subject.id, hit, event) : pointing.leave()),
        pick: (hit) => (open(hit.layers, hit), drawer.focus()),
        fold: (opened, shut) => (Object.assign(chosen, { open: opened, shut }), save()),
      },
    });
    const drawer = createDrawer(app, { moved, closed });

    root.append(
      h("h1", { class: "unseen" }, t("inside.title")),
      h(
        "div",
        { class: "inside" },
        h(
          "div",
          { class: "inside-input stack" },
          h("div", { class: "sheet" }, seen.element, empty),
          h(
            "div",
            { class: "row" },
            uploadButton(t("draw.upload"), file),
            cameraButton(app, file, fault.say),
            h("a", { class: "button", href: "#/draw" }, t("inside.drawOne")),
          ),
          shelf,
          heat.element,
          answer.element,
        ),
        h(
          "div",
          { class: "inside-network stack" },
          h(
            "div",
            { class: "row apart" },
            networks,
            h(
              "div",
              { class: "row switches" },
              toggle(t("inside.everyStep"), chosen.steps, (on) => (Object.assign(chosen, { steps: on }), ribbon.steps(on), mark(), save())),
              toggle(t("inside.commonScale"), chosen.scale, (on) => (Object.assign(chosen, { scale: on }), ribbon.range(on ? "common" : "own"), save())),
            ),
          ),
          facts,
          fault.element,
          ribbon.element,
          ribbon.legend,
          h("p", { class: "hint small" }, t("inside.hint")),
          drawer.element,
        ),
      ),
      pointing.element,
    );
    const stop = listenForPictures(root, file);

    const look = latest(async () => {
      const { subject, structure, input } = state;
      if (!input || !structure) return;
      ribbon.busy(true);
      try {
        const message = await app.api.maps("/v1/explain", { run: subject.id, ...mapsWanted(structure) }, await blobOf(input));
        if (subject !== state.subject) return; // another network was chosen meanwhile
        fault.say(null);
        ribbon.maps(message);
        seen.show(message.seen);
        answer.show(message.answers?.length ? message.answers : null);
      } catch (error) {
        fault.say(error);
      } finally {
        ribbon.busy(false);
      }
    });

    const lookHeat = latest(async (name = null) => {
      const { subject, input } = state;
      const { method, target, digit, opacity } = heat.state;
      if (!input || !subject || (method === "none" && name === null)) return seen.heat(null);
      try {
        const asked = {
          run: subject.id,
          method: method === "none" ? "grad-cam" : method,
          target: name === null ? target || null : targetOf(subject.classes, name),
          digit: subject.answers === "number" ? digit : null,
        };
        const message = await app.api.maps("/v1/explain/heat", asked, await blobOf(input));
        seen.heat(message.layers[0], opacity);
        heat.show(message.layers[0]);
        fault.say(null);
      } catch (error) {
        seen.heat(null);
        fault.say(error);
      }
    });

    function take(input) {
      state.input = input;
      hold(input);
      for (const button of shelf.children) button.setAttribute("aria-pressed", String(button.dataset.key === input?.key));
      if (!input) return;
      if (!empty.hidden) answer.show(null, t("inside.computing"));
      empty.hidden = true;
      look();
      lookHeat();
      drawer.picture(input);
    }

    function file(blob) {
      take({ kind: "file", blob, name: blob.name ?? "" });
      save();
    }

    function open(layers, { channel, y, x }) {
      if (state.input) drawer.show(state.subject, state.input, layers, { channel, y, x });
    }

    function moved(layer, unit) {
      Object.assign(state, { layer, unit });
      mark();
      save();
    }

    function closed() {
      Object.assign(state, { layer: null, unit: null });
      mark();
      save();
      ribbon.focus();
    }

    /** The unit of the drawer, in the ribbon. */
    function mark() {
      pointing.pin(state.subject.id, state.layer, state.unit);
      ribbon.choose(state.layer?.name, state.unit?.channel);
    }

    function save() {
      const { layer, unit } = state;
      app.replace({
        run: state.subject?.id ?? "",
        ...paramsOf(state.input),
        ...(layer ? { layer: layer.name, unit: [unit.channel, unit.y, unit.x].join(",") } : {}),
        ...Object.fromEntries(Object.entries(heat.params()).filter(([, value]) => value !== "")),
        ...(chosen.scale ? { scale: "common" } : {}),
        ...(chosen.steps ? { steps: "1" } : {}),
        ...Object.fromEntries(LISTS.filter((name) => chosen[name].length).map((name) => [name, chosen[name].join(",")])),
      });
    }

    async function choose(id, { restored }) {
      const subject = await subjectOf(app, id);
      const structure = await structureOf(app, subject.id);
      if (!restored) {
        drawer.close();
        Object.assign(chosen, { open: [], shut: [] });
      }
      Object.assign(state, { subject, structure });
      facts.textContent = t(subject.trained ? "inside.facts" : "inside.factsUntrained", {
        layers: whole(structure.layers.length, app.language),
        parameters: whole(structure.parameters, app.language),
        macs: whole(structure.macs, app.language),
      });
      answer.classes(subject.classes);
      heat.subject(subject);
      ribbon.structure(structure, { ...chosen, count: mapsWanted(structure).channels });
      ribbon.range(chosen.scale ? "common" : "own");
      await fillShelf();
    }

    async function fillShelf() {
      const { data, centred_digits, trained } = state.subject;
      const found = await samples(app, centred_digits || !trained ? undefined : data);
      shelf.replaceChildren(
        ...found.map((sample) =>
          h(
            "button",
            { class: "sample", dataset: { key: sample.key }, "aria-pressed": String(sample.key === state.input?.key), "aria-label": t("draw.sample", { label: sample.label }), onclick: () => (take(sample), save()) },
            h("img", { src: sample.png, alt: "", class: "pixels" }),
          ),
        ),
      );
    }

    async function begin() {
      await choose(params.get("run"), { restored: true });
      networks.replaceChildren(
        await subjectChoice(app, state.subject.id, (id) => choose(id, { restored: false }).then(() => (save(), look(), lookHeat()), fault.say)),
      );
      take(await inputOf(app, params));
      const layers = ribbon.chain(params.get("layer"));
      if (layers.length && params.has("unit")) {
        const [channel, y, x] = params.get("unit").split(",").map(Number);
        open(layers, { channel, y, x });
      }
    }

    answer.show(null);
    begin().catch(fault.say);
    return () => {
      stop();
      drawer.close();
    };
  },
};
