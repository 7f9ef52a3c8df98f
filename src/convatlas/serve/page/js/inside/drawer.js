// One map, large: its unit's arithmetic, its kernel, the pictures that excite it.
import { h } from "../dom.js";
import { icon } from "../icons.js";
import { blobOf } from "../input.js";
import { latest } from "../latest.js";
import { channelValues, inOrder } from "../maps.js";
import { notice } from "../notice.js";
import { size } from "../numbers.js";
import { isVector, mapCount, mapSize } from "../ribbon/tiles.js";
import { savePng, saveSvg } from "../saving.js";
import { legend, paint } from "../tensors.js";
import { createExciting } from "./exciting.js";
import { createKernel } from "./kernel.js";
import { createValue } from "./value.js";

const STEP = 350; // milliseconds between two places of the sliding kernel

/** @param moved called with the unit {channel, y, x} that is looked at, `closed` when shut
 * @returns `element`, `show(subject, input, layers, unit)`, `close()`, `refresh()` */
export function createDrawer(app, { moved, closed }) {
  const { t } = app;
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const title = h("h2", { class: "drawer-title", tabindex: "-1" });
  const about = h("p", { class: "quiet small" });
  const fault = notice(app);
  const canvas = h("canvas", { class: "pixels", role: "img", tabindex: "0", "aria-label": t("inside.map"), onclick: point, onkeydown: key });
  const cross = h("div", { class: "drawer-cross" });
  const box = h("div", { class: "drawer-map" }, canvas, cross);
  const scale = legend(app.theme);
  const which = h("span", { class: "drawer-channel" });
  const place = h("span", { class: "quiet small" });
  const stepper = h("div", { class: "row" }, button("back", t("inside.channelBefore"), () => turn(-1)), which, button("open", t("inside.channelAfter"), () => turn(1)));
  const play = h("button", { class: "button", hidden: still, onclick: () => (timer ? pause() : start()) });
  const value = createValue(app);
  const kernel = createKernel(app);
  const exciting = createExciting(app);
  let shown = null; // {subject, input, layers, unit}
  let maps = null;
  let timer = null;

  const element = h(
    "section",
    { class: "drawer", hidden: true, "aria-label": t("inside.drawer"), onkeydown: (event) => event.key === "Escape" && close() },
    h(
      "header",
      { class: "row apart" },
      h("div", {}, title, about),
      h("div", { class: "row" }, button("close", t("inside.close"), close)),
    ),
    fault.element,
    h(
      "div",
      { class: "drawer-parts" },
      h(
        "div",
        { class: "stack" },
        stepper,
        box,
        place,
        scale.element,
        h("div", { class: "row" }, play, save("PNG", () => savePng(canvas, name())), save("SVG", () => saveSvg(canvas, name(), caption(), legendNow()))),
      ),
      value.element,
      h("div", { class: "stack" }, kernel.element, exciting.element),
    ),
  );
  pause();

  const ask = latest(async ({ subject, input, layers, unit }) => {
    try {
      const blob = await blobOf(input);
      const steps = await Promise.all(
        layers.map((layer) => app.api.post("/v1/explain/value", { run: subject.id, layer: layer.name, unit: placeIn(layer, unit) }, blob)),
      );
      fault.say(null);
      value.show(steps);
    } catch (error) {
      pause();
      fault.say(error);
    }
  });

  const load = latest(async ({ subject, input, layers }) => {
    try {
      const message = await app.api.maps("/v1/explain", { run: subject.id, layer: layers.at(-1).name }, await blobOf(input));
      maps = inOrder(message.layers[0]);
      draw();
    } catch (error) {
      fault.say(error);
    }
  });

  function draw() {
    const { layers, unit } = shown;
    const layer = layers.at(-1);
    title.textContent = layers.map((one) => one.name.split(".").at(-1)).join(" → ");
    about.textContent = `${layers.map((one) => one.operation).join(" → ")} · ${size(layer.shape)}`;
    const count = mapCount(layer.shape);
    which.textContent = t("inside.channelShort", { channel: unit.channel, n: count });
    stepper.hidden = count === 1;
    place.textContent = t(isVector(layer.shape) ? "inside.unit" : "inside.place", { y: unit.y, x: unit.x });
    if (!maps || maps.name !== layer.name) return;
    const values = channelValues(maps, maps.channel.indexOf(unit.channel));
    const [low, high] = paint(canvas, values, ...maps.size, { theme: app.theme });
    scale.show("viridis", low, high);
    const [rows, columns] = maps.size;
    box.style.aspectRatio = `${columns} / ${rows}`;
    box.classList.toggle("flat", rows === 1 && columns > 1);
    Object.assign(cross.style, { left: `${(100 * unit.x) / columns}%`, top: `${(100 * unit.y) / rows}%`, width: `${100 / columns}%`, height: `${100 / rows}%` });
  }

  function to(unit) {
    shown = { ...shown, unit };
    draw();
    ask(shown);
    moved(shown.layers.at(-1), unit);
  }

  function turn(step) {
    const layer = shown.layers.at(-1);
    const count = mapCount(layer.shape);
    to({ ...shown.unit, channel: (shown.unit.channel + step + count) % count });
    beside();
  }

  function beside() {
    const { subject, layers, unit } = shown;
    kernel.show(subject, layers[0], unit.channel);
    exciting.show(subject, layers.at(-1), isVector(layers.at(-1).shape) ? unit.x : unit.channel);
  }

  function point(event) {
    pause();
    const area = canvas.getBoundingClientRect();
    const [rows, columns] = mapSize(shown.layers.at(-1).shape);
    const within = (share, count) => Math.min(count - 1, Math.max(0, Math.floor(share * count)));
    to({ ...shown.unit, y: within((event.clientY - area.top) / area.height, rows), x: within((event.clientX - area.left) / area.width, columns) });
    if (isVector(shown.layers.at(-1).shape)) beside();
  }

  function key(event) {
    const steps = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
    if (!(event.key in steps)) return;
    event.preventDefault();
    pause();
    const [rows, columns] = mapSize(shown.layers.at(-1).shape);
    const [down, across] = steps[event.key];
    const { unit } = shown;
    to({ ...unit, y: Math.min(rows - 1, Math.max(0, unit.y + down)), x: Math.min(columns - 1, Math.max(0, unit.x + across)) });
  }

  /** The kernel slides on, row by row, to the end of the map. */
  function start() {
    const [rows, columns] = mapSize(shown.layers.at(-1).shape);
    if (shown.unit.y === rows - 1 && shown.unit.x === columns - 1) to({ ...shown.unit, y: 0, x: 0 });
    timer = setInterval(() => {
      const next = shown.unit.y * columns + shown.unit.x + 1;
      if (next >= rows * columns) return pause();
      to({ ...shown.unit, y: Math.floor(next / columns), x: next % columns });
    }, STEP);
    play.replaceChildren(icon("pause"), t("inside.pause"));
  }

  function pause() {
    clearInterval(timer);
    timer = null;
    play.replaceChildren(icon("play"), t("inside.play"));
  }

  function close() {
    pause();
    if (element.hidden) return;
    element.hidden = true;
    shown = null;
    closed();
  }

  function button(glyph, label, onclick) {
    return h("button", { class: "button plain square", title: label, "aria-label": label, onclick }, icon(glyph));
  }

  function save(kind, onclick) {
    return h("button", { class: "button", title: t("inside.saveAs", { kind }), onclick }, icon("save"), kind);
  }

  function name() {
    return `${shown.layers.at(-1).name}-${shown.unit.channel}`.replace(/[^\w.-]+/g, "-");
  }

  function caption() {
    const layer = shown.layers.at(-1);
    return `${shown.subject.id} · ${layer.name} · ${t("inside.channelShort", { channel: shown.unit.channel, n: mapCount(layer.shape) })}`;
  }

  function legendNow() {
    const at = maps.channel.indexOf(shown.unit.channel);
    return { scale: "viridis", low: maps.low[at], high: maps.high[at], theme: app.theme };
  }

  return {
    element,
    /** @param layers what stands in one column, from the one that computes to the one shown */
    show(subject, input, layers, unit) {
      pause();
      const another = !shown || shown.layers.at(-1).name !== layers.at(-1).name || shown.subject !== subject;
      shown = { subject, input, layers, unit };
      element.hidden = false;
      if (another) maps = null;
      draw();
      load(shown);
      ask(shown);
      beside();
      moved(layers.at(-1), unit);
    },
    /** Another picture: the same unit of it. */
    picture(input) {
      if (!shown) return;
      shown = { ...shown, input };
      load(shown);
      ask(shown);
    },
    focus() {
      title.focus({ preventScroll: true });
      element.scrollIntoView({ block: "nearest" });
    },
    close,
  };
}

/** A unit as the server counts: as many numbers as the layer's output has dimensions. */
function placeIn(layer, { channel, y, x }) {
  return [channel, y, x].slice(-layer.shape.length).join(",");
}
