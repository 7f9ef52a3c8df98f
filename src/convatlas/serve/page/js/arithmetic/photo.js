// The same operation on a whole picture: drawn, a sample, or the user's own.
import { h } from "../dom.js";
import { icon } from "../icons.js";
import { legend, paint } from "../tensors.js";
import { written } from "./numbers.js";
import { eachTap, span, tensor } from "./operators.js";
import { outputTensor } from "./compute.js";
import { pools, weightsOf } from "./state.js";

const LONGEST = 160; // pixels; a larger picture is scaled down
const SAMPLES = ["photo_x", "photo_o", "photo_door"];

/** `take(values, side)` puts a patch of the picture onto the grid. */
export function photo(app, take) {
  const t = (key, values) => app.t(`arithmetic.${key}`, values);
  const before = h("canvas", { class: "photo pixels", role: "img", "aria-label": t("photo_before") });
  const after = h("canvas", { class: "photo pixels", role: "img", "aria-label": t("photo_after") });
  const looking = h("div", { class: "photo-window", hidden: true });
  const scale = legend(app.theme);
  const told = h("p", { class: "small quiet photo-told" }, t("photo_hint"));
  const fault = h("p", { class: "notice", role: "alert" });
  const file = h("input", { type: "file", accept: "image/*", class: "unseen", onchange: () => file.files[0] && load(file.files[0]) });
  let image = drawn("photo_x");
  let result = null;
  let state = null;

  async function load(blob) {
    fault.textContent = "";
    try {
      image = grey(await createImageBitmap(blob));
    } catch {
      fault.textContent = t("photo_unreadable", { name: blob.name ?? "" });
      return;
    }
    show(state);
  }

  async function sample(name) {
    if (name === "photo_door") await load(await (await fetch("samples/door-1.jpg")).blob());
    else image = drawn(name);
    show(state);
  }

  function show(next) {
    state = next;
    paint(before, image.data, image.height, image.width, { scale: "grey", low: 0, high: 1 });
    result = applied(state, image);
    const signed = result.data.some((value) => value < -0.001) && !pools(state) && balance(state) <= 0.01;
    const shown = signed ? "diverging" : "grey";
    after.hidden = result.data.length === 0;
    if (after.hidden) return;
    const bounds = signed ? {} : { low: 0, high: 1 };
    const [low, high] = paint(after, result.data, result.height, result.width, { scale: shown, theme: app.theme, ...bounds });
    scale.show(shown, low, high);
  }

  /** The window behind a pixel of the result, and its number. */
  function look(event) {
    const box = after.getBoundingClientRect();
    const x = Math.floor(((event.clientX - box.left) / box.width) * result.width);
    const y = Math.floor(((event.clientY - box.top) / box.height) * result.height);
    if (x < 0 || y < 0 || x >= result.width || y >= result.height) return;
    const value = written(result.data[y * result.width + x]);
    told.textContent = t("photo_told", { row: y + 1, column: x + 1, value });
    const { top, left, size } = behind(state, y, x);
    looking.hidden = false;
    looking.style.left = `${(left / image.width) * 100}%`;
    looking.style.top = `${(top / image.height) * 100}%`;
    looking.style.width = `${(size / image.width) * 100}%`;
    looking.style.height = `${(size / image.height) * 100}%`;
  }

  function away() {
    looking.hidden = true;
    told.textContent = t("photo_hint");
  }

  function cut(event) {
    const box = before.getBoundingClientRect();
    const { side } = state;
    const corner = (share, size) => Math.max(0, Math.min(size - side, Math.round(share * size - side / 2)));
    const left = corner((event.clientX - box.left) / box.width, image.width);
    const top = corner((event.clientY - box.top) / box.height, image.height);
    take(patch(image, top, left, side));
  }

  after.addEventListener("pointermove", look);
  after.addEventListener("pointerdown", look);
  after.addEventListener("pointerleave", away);
  before.addEventListener("click", cut);
  const drop = {
    ondragover: (event) => event.preventDefault(),
    ondrop: (event) => {
      event.preventDefault();
      const dropped = [...event.dataTransfer.files].find((one) => one.type.startsWith("image/"));
      if (dropped) load(dropped);
    },
  };
  return {
    element: h(
      "section",
      { class: "photo-part", ...drop },
      h("h2", {}, t("photo_title")),
      h(
        "div",
        { class: "row" },
        SAMPLES.map((name) => h("button", { type: "button", class: "button", onclick: () => sample(name) }, t(name))),
        h("label", { class: "button upload" }, icon("upload"), t("photo_own"), file),
      ),
      fault,
      h(
        "div",
        { class: "photos" },
        h("figure", {}, h("div", { class: "photo-holder" }, before, looking)),
        h("figure", {}, h("div", { class: "photo-holder" }, after), scale.element),
      ),
      told,
    ),
    show,
    load,
  };
}

/** One channel through the first kernel. */
function applied(state, image) {
  const count = state.kernel ** 2;
  const alone = { ...state, channels: 1, outputs: 1, groups: 1, weights: weightsOf(state).slice(0, count) };
  return outputTensor(alone, Infinity, image);
}

/** Sum of the first kernel: 0 where it looks for differences. */
function balance(state) {
  return weightsOf(state)
    .slice(0, state.kernel ** 2)
    .reduce((a, b) => a + b, 0);
}

/** The part of the input that one output pixel depends on. */
function behind(state, y, x) {
  const wide = span(state.kernel, state.dilation);
  if (state.op !== "transposed") {
    const [top, left] = [y, x].map((at) => at * state.stride - state.padding);
    return { top, left, size: wide };
  }
  const first = (at) => Math.max(0, Math.ceil((at + state.padding - wide + 1) / state.stride));
  const size = Math.max(1, Math.ceil(wide / state.stride));
  return { top: first(y), left: first(x), size };
}

function patch(image, top, left, side) {
  const values = [];
  const window = { height: side, width: side };
  eachTap(window, {}, top, left, (row, column) => {
    const known = row < image.height && column < image.width;
    values.push(known ? Math.round(image.data[row * image.width + column] * 100) / 100 : 0);
  });
  return values;
}

/** Brightness 0 … 1 of a picture, at most LONGEST pixels long. */
function grey(source) {
  const factor = Math.min(1, LONGEST / Math.max(source.width, source.height));
  const [width, height] = [source.width, source.height].map((size) => Math.max(1, Math.round(size * factor)));
  const canvas = h("canvas", { width, height });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.fillStyle = "white"; // behind what is transparent
  context.fillRect(0, 0, width, height);
  context.imageSmoothingQuality = "high";
  context.drawImage(source, 0, 0, width, height);
  const { data } = context.getImageData(0, 0, width, height);
  const values = Float64Array.from({ length: width * height }, (_, i) => {
    return (0.299 * data[4 * i] + 0.587 * data[4 * i + 1] + 0.114 * data[4 * i + 2]) / 255;
  });
  return tensor(1, height, width, values);
}

function drawn(name) {
  const canvas = h("canvas", { width: 64, height: 64 });
  const context = canvas.getContext("2d");
  context.fillRect(0, 0, 64, 64);
  Object.assign(context, { strokeStyle: "white", lineWidth: 3, lineCap: "round" });
  context.beginPath();
  if (name === "photo_o") context.arc(32, 32, 22, 0, 2 * Math.PI);
  else for (const [from, to] of [[12, 52], [52, 12]]) {
    context.moveTo(from, 12);
    context.lineTo(to, 52);
  }
  context.stroke();
  return grey(canvas);
}
