// Typed arrays onto canvases, and the legend that says which colour is which number.
import { h } from "./dom.js";
import { short } from "./numbers.js";
import { colours, span } from "./scales.js";

/** Pixels of numbers: each gets the colour of its place between low and high.
 * @param {ArrayLike<number>} values height × width, row by row
 * @returns {ImageData} */
export function picture(values, height, width, { scale = "viridis", low, high, theme = "light" } = {}) {
  const table = colours(scale, theme);
  if (low === undefined || high === undefined) [low, high] = span(scale, values);
  const factor = high > low ? 255 / (high - low) : 0;
  const middle = high > low ? 0 : scale === "diverging" ? 128 : 0;
  const pixels = new ImageData(width, height);
  const { data } = pixels;
  for (let i = 0; i < height * width; i++) {
    const at = 3 * Math.min(Math.max(Math.round(middle + (values[i] - low) * factor), 0), 255);
    data[4 * i] = table[at];
    data[4 * i + 1] = table[at + 1];
    data[4 * i + 2] = table[at + 2];
    data[4 * i + 3] = 255;
  }
  return pixels;
}

/** Numbers onto a canvas, one pixel each; enlarge it with CSS (class "pixels").
 * @returns {[number, number]} lowest and highest of the scale */
export function paint(canvas, values, height, width, options = {}) {
  const [low, high] = options.low === undefined ? span(options.scale ?? "viridis", values) : [options.low, options.high];
  canvas.width = width;
  canvas.height = height;
  canvas.getContext("2d").putImageData(picture(values, height, width, { ...options, low, high }), 0, 0);
  return [low, high];
}

/** A picture of uint8 pixels (shape: 1 or 3 channels, height, width) onto a canvas. */
export function paintPixels(canvas, bytes, [channels, height, width]) {
  canvas.width = width;
  canvas.height = height;
  const pixels = new ImageData(width, height);
  const plane = height * width;
  for (let i = 0; i < plane; i++) {
    for (let c = 0; c < 3; c++) pixels.data[4 * i + c] = bytes[(channels === 3 ? c * plane : 0) + i];
    pixels.data[4 * i + 3] = 255;
  }
  canvas.getContext("2d").putImageData(pixels, 0, 0);
}

/** A bar of the scale with the numbers at its ends.
 * @returns `element` and `show(scale, low, high, about)`; numbers, or words for them */
export function legend(theme) {
  const bar = h("canvas", { width: 128, height: 1, "aria-hidden": "true" });
  const [from, to, of] = [h("span"), h("span"), h("span")];
  const ramp = Float32Array.from({ length: 128 }, (_, i) => i);
  return {
    element: h("div", { class: "legend" }, from, bar, to, of),
    show(scale, low, high, about = "") {
      paint(bar, ramp, 1, 128, { scale, theme, low: 0, high: 127 });
      from.textContent = typeof low === "string" ? low : short(low);
      to.textContent = typeof high === "string" ? high : short(high);
      of.textContent = about;
    },
  };
}
