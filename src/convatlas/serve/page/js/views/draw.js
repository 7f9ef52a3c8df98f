// Draw a digit and watch it pass.
import { createAnswer } from "../answer.js";
import { choice, h, toggle } from "../dom.js";
import { icon } from "../icons.js";
import { createInk } from "../ink.js";
import { blobOf, hold, inputOf, paramsOf, samples } from "../input.js";
import { latest } from "../latest.js";
import { notice } from "../notice.js";
import { createPointing } from "../pointing.js";
import { createRibbon } from "../ribbon.js";
import { createSeen } from "../seen.js";
import { cameraButton, listenForPictures, uploadButton } from "../sources.js";
import { mapsWanted, runOf, structureOf, targetOf } from "../subjects.js";

export default {
  name: "draw",
  mount(root, params, app) {
    const { t } = app;
    let run = null;
    let structure = null;
    let input = null;
    let range = params.get("scale") === "common" ? "common" : "own";

    const fault = notice(app);
    const ink = createInk({ label: t("draw.sheet"), changed: drawn, ended: () => (drawn(), save()) });
    const picture = h("img", { class: "sheet-picture", alt: t("draw.yourPicture"), hidden: true });
    const empty = h("p", { class: "sheet-hint" }, t("draw.empty"));
    const sheet = h("div", { class: "sheet" }, ink.canvas, picture, empty);
    const undo = tool("undo", () => (ink.undo(), drawn(), save()));
    const clear = tool("clear", wipe);
    const seen = createSeen(app);
    const trueSize = h("canvas", { class: "true-size", "aria-hidden": "true" });
    const timing = h("p", { class: "quiet small timing" });
    const answer = createAnswer(app, { look: (name) => heat(name), waiting: t("draw.noAnswer") });
    const pointing = createPointing(app, { mark: (regions) => (ribbon.mark(regions), seen.mark(regions?.input)) });
    const ribbon = createRibbon(app, {
      on: {
        hover: (hit, event) => (hit ? pointing.point(run.id, hit, event) : pointing.leave()),
        pick: (hit) => app.go("inside", { run: run.id, ...paramsOf(input), layer: hit.layer.name, unit: [hit.channel, hit.y, hit.x] }),
        fold: save,
      },
    });
    const runs = h("div", { class: "draw-runs" });
    const shelf = h("div", { class: "samples", role: "group", "aria-label": t("draw.samples") });

    root.append(
      h("h1", { class: "unseen" }, t("draw.title")),
      h(
        "div",
        { class: "draw" },
        h(
          "div",
          { class: "draw-input stack" },
          sheet,
          h(
            "div",
            { class: "row apart" },
            h("div", { class: "row" }, undo, clear),
            h("div", { class: "row" }, uploadButton(t("draw.upload"), file), cameraButton(app, file, fault.say)),
          ),
          shelf,
        ),
        h(
          "div",
          { class: "draw-seen stack" },
          h("h2", { class: "section-name" }, t("draw.sees")),
          h("div", { class: "draw-sees" }, seen.element, h("div", { class: "stack" }, trueSize, h("p", { class: "quiet small" }, t("draw.trueSize")))),
        ),
        h(
          "div",
          { class: "draw-network stack" },
          h("div", { class: "row apart" }, runs, toggle(t("inside.commonScale"), range === "common", scaled)),
          fault.element,
          ribbon.element,
          ribbon.legend,
          h("p", { class: "hint small" }, t("draw.ribbonHint")),
        ),
        h("div", { class: "draw-answer" }, answer.element, timing),
      ),
      pointing.element,
    );
    const stop = listenForPictures(root, file);

    const look = latest(async () => {
      const asked = input;
      if (!asked || !structure) return;
      const began = performance.now();
      try {
        const blob = await blobOf(asked);
        const message = await app.api.maps("/v1/explain", { run: run.id, ...mapsWanted(structure) }, blob);
        if (!input) return; // wiped meanwhile
        fault.say(null);
        show(message);
        timing.textContent = t("draw.timing", { total: Math.round(performance.now() - began), network: Math.round(message.milliseconds) });
      } catch (error) {
        if (!ink.drawing) fault.say(error);
      }
    });

    const heat = latest(async (name) => {
      if (name === null || !input) return seen.heat(null);
      try {
        const params = { run: run.id, method: "grad-cam", target: targetOf(run.classes, name) };
        const message = await app.api.maps("/v1/explain/heat", params, await blobOf(input));
        seen.heat(message.layers[0]);
      } catch (error) {
        fault.say(error);
      }
    });

    function show(message) {
      const answers = message.answers;
      ribbon.maps(message);
      seen.show(message.seen);
      seen.heat(null);
      trueSize.width = seen.canvas.width;
      trueSize.height = seen.canvas.height;
      trueSize.getContext("2d").drawImage(seen.canvas, 0, 0);
      answer.show(answers);
      if (!ink.drawing) app.announce(t("draw.says", { answer: answers[0].class }));
    }

    function tool(name, onclick) {
      return h("button", { class: "button square", title: t(`draw.${name}`), "aria-label": t(`draw.${name}`), onclick }, icon(name));
    }

    function drawn() {
      take(ink.strokes.length ? { kind: "ink", strokes: ink.strokes } : null);
    }

    function take(given) {
      input = given;
      hold(given);
      showInput();
      if (input) look();
      else {
        fault.say(null);
        answer.show(null);
        seen.show(null);
        seen.heat(null);
        trueSize.width = trueSize.width; // empties it
        timing.textContent = "";
        ribbon.maps(null);
      }
    }

    /** A picture lies over the sheet until one draws or wipes. */
    function showInput() {
      const elsewhere = input && input.kind !== "ink";
      picture.hidden = !elsewhere;
      if (elsewhere) picture.src = input.png ?? address(input.blob);
      picture.classList.toggle("pixels", input?.kind === "sample");
      if (elsewhere && ink.strokes.length) ink.clear();
      empty.hidden = Boolean(input);
      undo.disabled = !ink.strokes.length;
      clear.disabled = !input;
      for (const button of shelf.children) button.setAttribute("aria-pressed", String(button.dataset.key === input?.key));
    }

    let shown = null;
    function address(blob) {
      if (shown?.blob !== blob) {
        if (shown) URL.revokeObjectURL(shown.url);
        shown = { blob, url: URL.createObjectURL(blob) };
      }
      return shown.url;
    }

    function wipe() {
      ink.clear();
      take(null);
      save();
    }

    function file(blob) {
      take({ kind: "file", blob, name: blob.name ?? "" });
      save();
    }

    function scaled(common) {
      range = common ? "common" : "own";
      ribbon.range(range);
      save();
    }

    function save() {
      app.replace({ ...(run ? { run: run.id } : {}), ...paramsOf(input), ...(range === "common" ? { scale: range } : {}) });
    }

    async function choose(id) {
      run = await runOf(app, id);
      structure = await structureOf(app, run.id);
      answer.classes(run.classes ?? []);
      ribbon.structure(structure, { count: mapsWanted(structure).channels });
      ribbon.range(range);
      ink.refresh();
    }

    async function begin() {
      const { runs: all } = await app.runs();
      const able = all.filter((one) => one.answers === "class");
      await choose(params.get("run"));
      runs.replaceChildren(
        choice(
          t("draw.run"),
          able.map((one) => [one.id, one.title]),
          run.id,
          (id) => choose(id).then(() => (save(), look()), fault.say),
        ),
      );
      const given = await inputOf(app, params);
      if (given?.kind === "ink") ink.strokes = given.strokes;
      take(given);
    }

    async function fillShelf() {
      for (const sample of await samples(app)) {
        shelf.append(
          h(
            "button",
            { class: "sample", dataset: { key: sample.key }, "aria-pressed": "false", "aria-label": t("draw.sample", { label: sample.label }), onclick: () => (take(sample), save()) },
            h("img", { src: sample.png, alt: "", class: "pixels", width: 28, height: 28 }),
          ),
        );
      }
      showInput();
    }

    showInput();
    answer.show(null);
    begin().catch(fault.say);
    fillShelf().catch(fault.say);
    return () => {
      stop();
      if (shown) URL.revokeObjectURL(shown.url);
    };
  },
};
