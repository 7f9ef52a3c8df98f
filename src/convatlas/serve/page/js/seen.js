// What the network sees, enlarged without smoothing, with a heat map over it.
import { h } from "./dom.js";
import { channelValues } from "./maps.js";
import { paint, paintPixels } from "./tensors.js";
import { place } from "./ribbon/input.js";

/** @returns `element`, `show(seen)`, `heat(layer, opacity)` (null takes it away),
 * `shade(opacity)`, `mark(box)` */
export function createSeen(app) {
  const canvas = h("canvas", { class: "pixels seen-picture", role: "img", "aria-label": app.t("draw.sees") });
  const heat = h("canvas", { class: "pixels seen-heat", "aria-hidden": "true", hidden: true });
  const marker = h("div", { class: "ribbon-marker", hidden: true });
  const element = h("div", { class: "seen empty" }, canvas, heat, marker);
  let shape = [1, 1];

  return {
    element,
    canvas,
    show(seen) {
      element.classList.toggle("empty", !seen);
      if (!seen) return;
      shape = seen.shape.slice(1);
      element.style.setProperty("--wide", shape[1] / Math.max(...shape));
      element.style.aspectRatio = `${shape[1]} / ${shape[0]}`;
      paintPixels(canvas, seen.bytes, seen.shape);
    },
    heat(layer, opacity = 0.65) {
      heat.hidden = !layer;
      if (!layer) return;
      heat.style.opacity = opacity;
      paint(heat, channelValues(layer, 0), ...layer.size, { scale: layer.signed ? "diverging" : "viridis", theme: app.theme });
    },
    shade(opacity) {
      heat.style.opacity = opacity;
    },
    mark(box) {
      marker.hidden = !box;
      if (box) place(marker, box, shape);
    },
  };
}
