// A unit that is pointed at: its value beside it, what it sees outlined everywhere before.
import { h } from "./dom.js";
import { latest } from "./latest.js";
import { short } from "./numbers.js";

/** @param mark called with {input, maps} of the unit's receptive field, or null
 * @returns `element` (the label that follows the pointer), `point(run, hit, event)`, `leave()` */
export function createPointing(app, { mark }) {
  const element = h("div", { class: "pointing", hidden: true });
  const known = new Map();
  let wanted = null;

  const ask = latest(async ({ run, layer, unit, key }) => {
    try {
      known.set(key, await app.api.get(`/v1/runs/${encodeURIComponent(run)}/field`, { layer, unit }));
    } catch {
      known.set(key, null); // what this unit sees is not known: nothing is outlined
    }
    if (key === wanted) mark(known.get(key));
  });

  return {
    element,
    point(run, hit, event) {
      const unit = `${hit.y},${hit.x}`;
      const key = `${run} ${hit.layer.name} ${unit}`;
      element.hidden = false;
      element.replaceChildren(
        h("strong", {}, `${hit.exact ? "" : "≈ "}${short(hit.value)}`),
        h("span", {}, app.t("inside.at", { layer: hit.layer.name, channel: hit.channel, y: hit.y, x: hit.x })),
      );
      if (event) follow(element, event);
      if (key === wanted) return;
      wanted = key;
      if (known.has(key)) mark(known.get(key));
      else ask({ run, layer: hit.layer.name, unit, key });
    },
    leave() {
      wanted = null;
      element.hidden = true;
      mark(null);
    },
  };
}

function follow(element, event) {
  const room = 12;
  const left = Math.min(event.clientX + room, innerWidth - element.offsetWidth - room);
  const below = event.clientY + room + element.offsetHeight < innerHeight;
  element.style.left = `${Math.max(room, left)}px`;
  element.style.top = `${below ? event.clientY + room : event.clientY - room - element.offsetHeight}px`;
}
