// A sheet to draw on: strokes of a mouse, finger or pen, kept as points.
import { h } from "./dom.js";

export const SIDE = 280; // pixels of the sheet
const WIDTH = 22; // of a stroke
const LIGHTEST = 12; // of a pen
const HEAVIEST = 34;
const NEAR = 2; // pixels: nearer points are not kept
const END = 255; // between strokes, in the address

/** @param on `changed()` after each point, `ended()` after each stroke
 * @returns the sheet: `canvas`, `strokes`, `undo()`, `clear()`, `refresh()`, `drawing` */
export function createInk({ label, changed, ended }) {
  const canvas = h("canvas", { class: "ink", role: "img", "aria-label": label });
  let strokes = [];
  let pen = null;

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || pen !== null) return; // a palm beside the pen draws nothing
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    pen = event.pointerId;
    strokes = [...strokes, []];
    add(event);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (event.pointerId !== pen) return;
    const parts = event.getCoalescedEvents?.() ?? [];
    for (const part of parts.length ? parts : [event]) add(part);
  });
  for (const name of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(name, (event) => {
      if (event.pointerId !== pen) return;
      pen = null;
      ended();
    });
  }

  function add(event) {
    const box = canvas.getBoundingClientRect();
    const [x, y] = [((event.clientX - box.left) / box.width) * SIDE, ((event.clientY - box.top) / box.height) * SIDE];
    const stroke = strokes.at(-1);
    const last = stroke.at(-1);
    if (last && Math.hypot(x - last[0], y - last[1]) < NEAR) return;
    const width = event.pointerType === "pen" ? LIGHTEST + (HEAVIEST - LIGHTEST) * event.pressure : WIDTH;
    stroke.push([x, y, width]);
    refresh();
    changed();
  }

  function refresh() {
    const ratio = window.devicePixelRatio || 1;
    canvas.width = canvas.height = SIDE * ratio;
    const context = canvas.getContext("2d");
    context.scale(ratio, ratio);
    drawStrokes(context, strokes, getComputedStyle(canvas).color);
  }

  return {
    canvas,
    refresh,
    get strokes() {
      return strokes;
    },
    set strokes(given) {
      strokes = given;
      refresh();
    },
    get drawing() {
      return pen !== null;
    },
    undo() {
      strokes = strokes.slice(0, -1);
      refresh();
    },
    clear() {
      strokes = [];
      refresh();
    },
  };
}

function drawStrokes(context, strokes, colour) {
  context.lineCap = context.lineJoin = "round";
  context.strokeStyle = context.fillStyle = colour;
  for (const stroke of strokes) {
    const [x, y, width] = stroke[0];
    context.beginPath();
    context.arc(x, y, width / 2, 0, 2 * Math.PI);
    context.fill();
    for (let i = 1; i < stroke.length; ) {
      const wide = stroke[i][2];
      context.beginPath();
      context.lineWidth = wide;
      context.moveTo(stroke[i - 1][0], stroke[i - 1][1]);
      for (; i < stroke.length && stroke[i][2] === wide; i++) context.lineTo(stroke[i][0], stroke[i][1]);
      context.stroke();
    }
  }
}

/** The strokes as a PNG, white on black. */
export function inkPng(strokes) {
  const canvas = new OffscreenCanvas(SIDE, SIDE);
  const context = canvas.getContext("2d", { alpha: false, willReadFrequently: true }); // ten times as fast to encode
  context.fillStyle = "#000";
  context.fillRect(0, 0, SIDE, SIDE);
  drawStrokes(context, strokes, "#fff");
  return canvas.convertToBlob({ type: "image/png" });
}

/** Strokes as letters for an address. */
export function writeStrokes(strokes) {
  const byte = (value, most) => Math.min(END - 1, Math.max(0, Math.round((value / most) * (END - 1))));
  const bytes = strokes.flatMap((stroke) => [...stroke.flatMap(([x, y, w]) => [byte(x, SIDE), byte(y, SIDE), byte(w, SIDE)]), END]);
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** The strokes of an address; none where the letters make no sense. */
export function readStrokes(text) {
  let bytes;
  try {
    bytes = [...atob(text.replaceAll("-", "+").replaceAll("_", "/"))].map((letter) => letter.charCodeAt(0));
  } catch {
    return [];
  }
  const strokes = [[]];
  for (let i = 0; i < bytes.length; ) {
    if (bytes[i] === END) {
      strokes.push([]);
      i += 1;
    } else {
      strokes.at(-1).push(bytes.slice(i, i + 3).map((value) => (value / (END - 1)) * SIDE));
      i += 3;
    }
  }
  return strokes.filter((stroke) => stroke.length && stroke.every((point) => point.length === 3));
}
