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
  let pinned = null;

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
      element.hidden = !event;
      element.replaceChildren(
        h("strong", {}, `${hit.exact ? "" : "≈ "}${short(hit.value)}`),
        h("span", {}, app.t("inside.at", { layer: hit.layer.name, channel: hit.channel, y: hit.y, x: hit.x })),
      );
      if (event) follow(element, event);
      outline(targetOf(run, hit.layer, hit));
    },
    leave() {
      element.hidden = true;
      outline(pinned);
    },
    /** A unit whose field stays outlined while nothing else is pointed at; null: none. */
    pin(run, layer, unit) {
      pinned = layer && targetOf(run, layer, unit);
      outline(pinned);
    },
  };

  function targetOf(run, layer, { y, x }) {
    const unit = `${y},${x}`;
    return { run, layer: layer.name, unit, key: `${run} ${layer.name} ${unit}` };
  }

  function outline(target) {
    if (target?.key === wanted) return;
    wanted = target?.key ?? null;
    if (!target) mark(null);
    else if (known.has(wanted)) mark(known.get(wanted));
    else ask(target);
  }
}

function follow(element, event) {
  const room = 12;
  const left = Math.min(event.clientX + room, innerWidth - element.offsetWidth - room);
  const below = event.clientY + room + element.offsetHeight < innerHeight;
  element.style.left = `${Math.max(room, left)}px`;
  element.style.top = `${below ? event.clientY + room : event.clientY - room - element.offsetHeight}px`;
}
