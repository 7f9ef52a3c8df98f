// The training pictures that excite a unit most, cut to what it sees.
import { h } from "../dom.js";
import { latest } from "../latest.js";
import { short } from "../numbers.js";

const COUNT = 9;

export function createExciting(app) {
  const { t } = app;
  const patches = h("div", { class: "patches" });
  const note = h("p", { class: "quiet small" });
  const element = h("div", { class: "stack", hidden: true }, h("h3", {}, t("inside.exciting")), patches, note);
  let wanted = null;

  const ask = latest(async ({ subject, layer, channel, key }) => {
    try {
      const found = await app.api.get(`/v1/runs/${encodeURIComponent(subject.id)}/exciting`, { layer: layer.name, channel, count: COUNT });
      if (key !== wanted) return;
      patches.replaceChildren(
        ...found.patches.map(({ png, value, label }) => h("img", { class: "pixels", src: png, alt: `${label}: ${short(value)}`, title: `${label}: ${short(value)}` })),
      );
      note.textContent = t("inside.excitingFrom", { from: found.from });
    } catch (error) {
      if (key === wanted) note.textContent = error.message;
    }
  });

  return {
    element,
    show(subject, layer, channel) {
      element.hidden = !subject.trained;
      if (!subject.trained) return;
      const key = `${subject.id} ${layer.name} ${channel}`;
      if (key === wanted) return;
      wanted = key;
      patches.replaceChildren();
      note.textContent = t("inside.searching");
      ask({ subject, layer, channel, key });
    },
  };
}
