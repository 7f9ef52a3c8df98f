// The picture at the beginning of the ribbon, as the network sees it.
import { h } from "../dom.js";
import { paintPixels } from "../tensors.js";

const HEAD = 50; // height of the lines above it

/** @param size channels, height, width of the input
 * @param side of its longer side on the page, pixels */
export function inputColumn(app, size, side) {
  const canvas = h("canvas", { class: "ribbon-input pixels", "aria-hidden": "true" });
  const marker = h("div", { class: "ribbon-marker", hidden: true });
  const [, height, width] = size;
  const enlarged = side / Math.max(height, width);
  const element = h(
    "div",
    { class: "ribbon-node input" },
    h("div", { class: "ribbon-head" }, h("span", { class: "ribbon-name" }, app.t("inside.input")), h("span", {}, size.join("×")), h("span")),
    h("div", { class: "ribbon-input-box" }, canvas, marker),
  );
  canvas.style.width = `${width * enlarged}px`;
  canvas.style.height = `${height * enlarged}px`;
  element.style.width = `${side}px`;
  return {
    element,
    width: side,
    height: HEAD + height * enlarged,
    show(seen) {
      if (seen) paintPixels(canvas, seen.bytes, seen.shape);
      else canvas.width = canvas.height = 0;
    },
    mark(box) {
      marker.hidden = !box;
      if (box) place(marker, box, [height, width]);
    },
  };
}

/** An element over a picture of [height, width] pixels, around [top, left, bottom, right]. */
export function place(marker, [top, left, bottom, right], [height, width]) {
  Object.assign(marker.style, {
    top: `${(100 * top) / height}%`,
    left: `${(100 * left) / width}%`,
    height: `${(100 * (bottom - top + 1)) / height}%`,
    width: `${(100 * (right - left + 1)) / width}%`,
  });
}
