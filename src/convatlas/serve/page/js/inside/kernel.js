// The weights that made a map: one small picture for every channel that they read.
import { h } from "../dom.js";
import { channelValues } from "../maps.js";
import { legend, paint } from "../tensors.js";
import { latest } from "../latest.js";
import { ends } from "../scales.js";

const MOST = 16; // slices shown

export function createKernel(app) {
  const { t } = app;
  const slices = h("div", { class: "kernels" });
  const scale = legend(app.theme);
  const note = h("p", { class: "quiet small" });
  const element = h("div", { class: "stack", hidden: true }, h("h3", {}, t("inside.kernelsOf")), slices, scale.element, note);

  const ask = latest(async ({ subject, layer, channel }) => {
    let maps;
    try {
      const message = await app.api.maps(`/v1/runs/${encodeURIComponent(subject.id)}/kernels`, { layer: layer.name, channel });
      [maps] = message.layers;
    } catch {
      element.hidden = true; // a layer without weights, or too many for a picture
      return;
    }
    const [low, high] = ends(maps.low, maps.high, true);
    const count = Math.min(MOST, maps.channel.length);
    slices.replaceChildren(
      ...Array.from({ length: count }, (_, i) => {
        const canvas = h("canvas", { class: "pixels", role: "img", "aria-label": t("inside.kernelFor", { channel: i }), title: t("inside.kernelFor", { channel: i }) });
        paint(canvas, channelValues(maps, i), ...maps.size, { scale: "diverging", theme: app.theme, low, high });
        return canvas;
      }),
    );
    scale.show("diverging", low, high);
    note.textContent = maps.in > count ? t("inside.kernelsShown", { n: count, all: maps.in }) : "";
    element.hidden = false;
  });

  return {
    element,
    /** Of the output channel of a convolution; other layers have none to show. */
    show(subject, layer, channel) {
      if (layer.kind === "conv") ask({ subject, layer, channel });
      else element.hidden = true;
    },
  };
}
