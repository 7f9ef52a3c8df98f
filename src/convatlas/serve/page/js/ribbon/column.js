// One column of the ribbon: what a layer (or a folded stage) is called, and its maps.
import { h } from "../dom.js";
import { size } from "../numbers.js";
import { arranged, isVector, mapCount, mapSize, sheet, tileAt, tileUnder } from "./tiles.js";
import { valueAt } from "../maps.js";

const LABEL = 58; // least width, pixels
const WIDEST = 92; // that a name makes it
const LETTER = 7.4;
const HEAD = 50; // height of the three lines above the maps
const FOLD = 26; // height of the button that opens a stage

/** @param chain the layers that the column stands for, from the one that computes to `layer` */
export function column({ node, layer, chain, name, app, count, tall, whole, zoom, onfold }) {
  const form = arranged(layer.shape, Math.min(count, mapCount(layer.shape)), tall, whole, zoom);
  const width = Math.max(LABEL, Math.min(WIDEST, LETTER * name.length), form.width);
  const height = HEAD + form.height + (node.folded ? FOLD : 0);
  const canvas = h("canvas", { class: "ribbon-maps", "aria-hidden": "true" });
  canvas.style.width = `${form.width}px`;
  canvas.style.height = `${form.height}px`;
  const layers = node.last - node.first + 1;
  const element = h(
    "div",
    { class: `ribbon-node${node.folded ? " folded" : ""}`, dataset: { key: node.key, layer: layer.name } },
    h(
      "div",
      { class: "ribbon-head", role: "button", tabindex: "-1", "aria-label": label(app, node, layer, name, layers), title: titleOf(node, layer) },
      h("span", { class: "ribbon-name" }, name),
      h("span", {}, shapeText(layer.shape)),
      h("span", {}, fieldText(app, layer.field)),
    ),
    canvas,
    node.folded
      ? h("button", { class: "ribbon-open", tabindex: "-1", onclick: onfold, title: node.key }, app.t("inside.layersInside", { n: layers }))
      : null,
  );
  element.style.width = `${width}px`;
  let maps = null;
  let painted = null;
  let marks = [];
  let chosen = null;

  function draw() {
    const ratio = window.devicePixelRatio || 1;
    canvas.width = Math.round(form.width * ratio);
    canvas.height = Math.round(form.height * ratio);
    const context = canvas.getContext("2d");
    context.scale(ratio, ratio);
    context.imageSmoothingEnabled = false;
    const style = getComputedStyle(element);
    const tiles = form.vector ? form.vector : form.columns * form.rows;
    if (!painted) {
      context.fillStyle = style.getPropertyValue("--hair");
      const shown = form.vector ?? Math.min(count, mapCount(layer.shape));
      for (let i = 0; i < Math.min(tiles, shown); i++) context.fillRect(...tileAt(form, i), ...form.cell);
      return;
    }
    if (form.vector) drawVector(context);
    else {
      for (let i = 0; i < maps.channel.length && i < tiles; i++) {
        context.drawImage(painted.canvas, 0, i * painted.height, painted.width, painted.height, ...tileAt(form, i), ...form.cell);
      }
    }
    context.strokeStyle = style.getPropertyValue("--accent");
    context.lineWidth = 1.5;
    marks.forEach((box) => drawMark(context, box));
    if (chosen !== null && !form.vector) {
      const [left, top] = tileAt(form, chosen);
      context.lineWidth = 2;
      context.strokeRect(left + 1, top + 1, form.cell[0] - 2, form.cell[1] - 2);
    }
  }

  function drawVector(context) {
    const sent = painted.height;
    for (let i = 0; i < form.vector; i++) {
      const row = Math.min(sent - 1, Math.floor((i * sent) / form.vector));
      context.drawImage(painted.canvas, 0, row, 1, 1, ...tileAt(form, i), ...form.cell);
    }
  }

  function drawMark(context, [top, left, bottom, right]) {
    const [rows, columns] = mapSize(layer.shape);
    const [across, down] = [form.cell[0] / columns, form.cell[1] / rows];
    if (form.vector) return;
    for (let i = 0; i < maps.channel.length; i++) {
      const [x, y] = tileAt(form, i);
      const [wide, high] = [(right - left + 1) * across, (bottom - top + 1) * down];
      context.strokeRect(x + left * across + 0.75, y + top * down + 0.75, Math.max(wide - 1.5, 1), Math.max(high - 1.5, 1));
    }
  }

  return {
    element,
    canvas,
    node,
    layer,
    width,
    height,
    /** Maps of a message, or null where they are not known. */
    show(layerMaps, range) {
      maps = layerMaps;
      painted = maps && sheet(maps, range, app.theme);
      draw();
    },
    /** Receptive fields: boxes [top, left, bottom, right] in the layer's own pixels. */
    mark(boxes) {
      if (marks.length || boxes.length) {
        marks = boxes;
        draw();
      }
    },
    /** Highlights one of the maps shown, by its place; null: none. */
    choose(place) {
      if (chosen === place) return;
      chosen = place;
      draw();
    },
    get maps() {
      return maps;
    },
    /** What lies under a point of the canvas: channel, unit and value; null for nothing. */
    at(x, y) {
      if (!maps) return null;
      const under = tileUnder(form, x, y, form.vector ?? maps.channel.length);
      if (!under) return null;
      const [rows, columns] = mapSize(layer.shape);
      const unit = form.vector ? [0, under.place] : [Math.floor(under.v * rows), Math.floor(under.u * columns)];
      return this.hit(form.vector ? 0 : under.place, unit);
    },
    /** A unit [y, x] of one of the maps shown. */
    hit(place, unit) {
      return { ...hitOf(layer, maps, place, unit), layers: chain };
    },
    chain,
  };
}

/** A unit of a layer with its value; `exact` tells whether the map came in full size. */
function hitOf(layer, maps, place, [y, x]) {
  const [rows, columns] = mapSize(layer.shape);
  const [height, width] = maps.size;
  const value = valueAt(maps, place, Math.min(height - 1, Math.floor((y * height) / rows)), Math.min(width - 1, Math.floor((x * width) / columns)));
  return { layer, place, channel: maps.channel[place], y, x, value, exact: height === rows && width === columns };
}

function shapeText(shape) {
  if (isVector(shape)) return String(shape.at(-1));
  return shape.length === 3 && shape[1] === shape[2] ? `${shape[0]}×${shape[1]}²` : size(shape);
}

function fieldText(app, field) {
  if (field === "all") return app.t("inside.seesAll");
  return /^\d/.test(field) ? app.t("inside.sees", { n: field.includes("×") ? field : `${field}²` }) : "";
}

function titleOf(node, layer) {
  return node.folded ? node.key : `${layer.name}: ${layer.operation}`;
}

function label(app, node, layer, name, layers) {
  const what = node.folded ? app.t("inside.layersInside", { n: layers }) : layer.operation;
  return [name, what, size(layer.shape), fieldText(app, layer.field)].filter(Boolean).join(", ");
}
