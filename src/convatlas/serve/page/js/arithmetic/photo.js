// The same operation on a whole picture: drawn, a sample, or the user's own.
import { h } from "../dom.js";
import { listenForPictures, uploadButton } from "../sources.js";
import { legend, paint } from "../tensors.js";
import { written } from "./numbers.js";
import { eachTap, span, tensor } from "./operators.js";
import { outputTensor } from "./compute.js";
import { picture } from "./presets.js";
import { pools, weightsOf } from "./state.js";

const LONGEST = 160; // pixels; a larger picture is scaled down
const DRAWN = { photo_x: "x", photo_o: "o" }; // of the small pictures, at another side
const SIDE = 27;

/** `take(values, side)` puts a patch of the picture onto the grid. */
export function photo(app, take) {
  const t = (key, values) => app.t(`arithmetic.${key}`, values);
  const before = h("canvas", { class: "photo pixels", role: "img", "aria-label": t("photo_before") });
  const after = h("canvas", { class: "photo pixels", role: "img", "aria-label": t("photo_after") });
  const looking = h("div", { class: "photo-window", hidden: true });
  const scale = legend(app.theme);
  const told = h("p", { class: "small quiet photo-told" }, t("photo_hint"));
  const fault = h("p", { class: "notice", role: "alert" });
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

  function sample(name) {
    image = drawn(name);
    show(state);
  }

  async function door() {
    await load(await (await fetch("samples/door-1.jpg")).blob());
  }

  function show(next) {
    state = next;
    const low = Math.min(0, ...image.data);
    paint(before, image.data, image.height, image.width, { scale: "grey", low, high: 1 });
    result = applied(state, image);
    const signed = !pools(state) && balance(state) <= 0 && result.data.some((value) => value < 0);
    const shown = signed ? "diverging" : "grey";
    after.hidden = result.data.length === 0;
    if (after.hidden) return;
    const options = { scale: shown, theme: app.theme, ...(signed ? {} : { low, high: 1 }) };
    scale.show(shown, ...paint(after, result.data, result.height, result.width, options));
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
  const element = h(
    "section",
    { class: "photo-part" },
    h("h2", {}, t("photo_title")),
    h(
      "div",
      { class: "row" },
      Object.keys(DRAWN).map((name) => h("button", { type: "button", class: "button", onclick: () => sample(name) }, t(name))),
      h("button", { type: "button", class: "button", onclick: door }, t("photo_door")),
      uploadButton(t("photo_own"), load),
    ),
    fault,
    h(
      "div",
      { class: "photos" },
      h("figure", {}, h("div", { class: "photo-holder" }, before, looking)),
      h("figure", {}, h("div", { class: "photo-holder" }, after), scale.element),
    ),
    told,
  );
  return { element, show, stop: listenForPictures(element, load) };
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
  return tensor(1, SIDE, SIDE, Float64Array.from(picture(DRAWN[name], SIDE)));
}
