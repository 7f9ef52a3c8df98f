// The network as a ribbon of layers, left to right, with the maps of one picture in it.
import { h, s } from "./dom.js";
import { inOrder } from "./maps.js";
import { ends } from "./scales.js";
import { legend } from "./tensors.js";
import { column } from "./ribbon/column.js";
import { withoutCopies } from "./ribbon/folding.js";
import { inputColumn } from "./ribbon/input.js";
import { laidOut } from "./ribbon/layout.js";
import { chainOf, nameOf, planned, shellsOf } from "./ribbon/plan.js";
import { mapCount } from "./ribbon/tiles.js";

const TALL = 400; // of a column's maps, pixels
const BRANCH = 84; // least of it where branches share the height
const INPUT = 84; // side of the input's picture
const SHELL = 22; // height of the line that names an opened container
const LARGEST = 1.8; // enlargement on wide screens
const AROUND = 330; // pixels of the window that other things need

/** @param on `hover(hit, event)`, `pick(hit)`, `fold(open, shut)` */
export function createRibbon(app, { on }) {
  const edgesLayer = s("svg", { class: "ribbon-lines", "aria-hidden": "true" });
  const field = h("div", { class: "ribbon-field" });
  const element = h("div", { class: "ribbon", role: "group", "aria-label": app.t("inside.ribbon") }, field);
  const choices = { count: 16, steps: false, open: new Set(), shut: new Set() };
  let structure = null;
  let message = null;
  let range = "own";
  let columns = [];
  let input = null;
  let focused = 0;
  let channel = null; // place of the map that the arrow keys have reached
  let regions = null; // what is outlined
  let chosen = null; // [layer, channel] of the map that is looked at
  let zoom = 1;
  const scale = legend(app.theme);
  const resized = new ResizeObserver(() => structure && fit());
  resized.observe(element);

  /** As large as there is room for. */
  function fit() {
    if (!element.clientWidth) return; // not, or no longer, on the page
    const natural = field.offsetWidth / zoom;
    const room = Math.min(element.clientWidth / natural, (innerHeight - AROUND) / TALL);
    const wanted = Math.max(1, Math.min(LARGEST, Math.floor(room * 10) / 10));
    if (Math.abs(wanted - zoom) < 0.15) return;
    zoom = wanted;
    build();
  }

  function build() {
    const { nodes, opened, edges, beside } = planned(structure, choices);
    input = inputColumn(app, structure.input, INPUT * zoom);
    columns = nodes.map((node, i) => {
      const layer = structure.layers[node.shown];
      const tall = Math.max(BRANCH, Math.floor((TALL * zoom) / beside[i + 1]));
      const many = beside[i + 1] > 1 ? Math.min(choices.count, 8) : choices.count;
      return column({ node, layer, chain: chainOf(node, structure), name: nameOf(node, structure), app, count: many, tall, whole: Math.max(...structure.input.slice(1)), zoom, onfold: () => fold(node.key, true) });
    });
    const { places, lines, width, height } = laidOut([input, ...columns], edges);
    const shells = shellsOf(opened, nodes, places);
    const deepest = Math.max(-1, ...shells.map((shell) => shell.level));
    const full = height + (deepest + 1) * SHELL + (deepest >= 0 ? 10 : 0);
    edgesLayer.replaceChildren(...lines.map(({ d, from, to }) => s("path", { d, "data-from": from, "data-to": to })));
    edgesLayer.setAttribute("width", width);
    edgesLayer.setAttribute("height", full);
    field.style.width = `${width}px`;
    field.style.height = `${full}px`;
    [input, ...columns].forEach((one, i) => {
      one.element.style.left = `${places[i].x}px`;
      one.element.style.top = `${places[i].y}px`;
    });
    field.replaceChildren(
      edgesLayer,
      ...shells.map((shell) => shellElement(shell, height + 10 + (deepest - shell.level) * SHELL)),
      input.element,
      ...columns.map((one) => one.element),
    );
    focused = Math.min(focused, columns.length - 1);
    columns.forEach((one, i) => wire(one, i));
    refresh();
  }

  function wire(one, i) {
    const head = one.element.querySelector(".ribbon-head");
    head.tabIndex = i === focused ? 0 : -1;
    head.addEventListener("focus", () => reach(i));
    head.addEventListener("keydown", (event) => key(event, i));
    head.addEventListener("click", () => (one.node.folded ? fold(one.node.key, true) : pickMiddle(one)));
    one.canvas.addEventListener("pointermove", (event) => hover(under(one, event), event));
    one.canvas.addEventListener("pointerleave", () => hover(null));
    one.canvas.addEventListener("click", (event) => {
      const hit = under(one, event);
      if (hit) on.pick(hit);
    });
  }

  function hover(hit, event) {
    explain(hit);
    on.hover(hit, event);
  }

  /** Which colour is which number: of the map that is pointed at, else in words. */
  function explain(hit) {
    const maps = hit && columns.find((one) => one.layer === hit.layer).maps;
    if (!maps) return scale.show("viridis", app.t("inside.lowest"), app.t("inside.highest"), app.t(range === "own" ? "inside.ofEachMap" : "inside.ofEachLayer"));
    const own = range === "own" && maps.size[0] * maps.size[1] > 1;
    const of = (values) => (own ? [values[hit.place]] : values);
    scale.show(maps.signed ? "diverging" : "viridis", ...ends(of(maps.low), of(maps.high), maps.signed), hit.layer.name.split(".").at(-1));
  }

  function under(one, event) {
    const box = one.canvas.getBoundingClientRect();
    return one.at(event.clientX - box.left, event.clientY - box.top);
  }

  function reach(i) {
    columns[focused]?.element.querySelector(".ribbon-head").setAttribute("tabindex", "-1");
    if (focused !== i) channel = null;
    focused = i;
    columns[i].element.querySelector(".ribbon-head").tabIndex = 0;
  }

  function key(event, i) {
    const one = columns[i];
    const steps = { ArrowLeft: -1, ArrowRight: 1 };
    if (event.key in steps) focusOn(columns[i + steps[event.key]] ? i + steps[event.key] : i);
    else if (event.key === "Home") focusOn(0);
    else if (event.key === "End") focusOn(columns.length - 1);
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") turn(one, event.key === "ArrowDown" ? 1 : -1);
    else if (event.key === "Enter" || event.key === " ") {
      if (one.node.folded && channel === null) fold(one.node.key, true);
      else pickMiddle(one);
    } else return;
    event.preventDefault();
  }

  function focusOn(i) {
    const head = columns[i].element.querySelector(".ribbon-head");
    head.focus({ preventScroll: true });
    columns[i].element.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  /** The next map of a column. */
  function turn(one, step) {
    if (!one.maps) return;
    const many = one.maps.channel.length;
    channel = channel === null ? (step > 0 ? 0 : many - 1) : (channel + step + many) % many;
    const hit = middle(one, channel);
    chosen = [one.layer.name, hit.channel];
    outline();
    hover(hit);
    app.announce(app.t("inside.channelOf", { channel: hit.channel, n: mapCount(one.layer.shape), layer: one.layer.name }));
  }

  function middle(one, place) {
    const [, height, width] = one.maps.shape;
    return one.hit(place, [Math.floor(height / 2), Math.floor(width / 2)]);
  }

  function pickMiddle(one) {
    if (one.maps) on.pick(middle(one, channel ?? 0));
  }

  function fold(key, opens) {
    choices[opens ? "shut" : "open"].delete(key);
    choices[opens ? "open" : "shut"].add(key);
    build();
    const at = columns.findIndex((one) => one.node.key === key || one.node.key.startsWith(`${key}.`));
    if (at >= 0) focusOn(at);
    on.fold([...choices.open], [...choices.shut]);
  }

  function shellElement({ key, left, right }, top) {
    const button = h("button", { class: "ribbon-shell", title: app.t("inside.shut", { name: key }), onclick: () => fold(key, false) }, key.split(".").at(-1));
    Object.assign(button.style, { left: `${left}px`, width: `${right - left}px`, top: `${top}px` });
    return button;
  }

  function refresh() {
    if (!structure) return;
    const byName = new Map((message?.layers ?? []).map((layer) => [layer.name, inOrder(layer)]));
    input.show(message?.seen);
    columns.forEach((one) => one.show(byName.get(one.layer.name) ?? null, range));
    outline();
  }

  function outline() {
    input?.mark(regions?.input ?? null);
    columns.forEach((one) => {
      const box = regions?.maps?.[one.layer.name];
      one.mark(box ? [box] : []);
      const place = one.maps?.channel.indexOf(chosen?.[1]) ?? -1;
      one.choose(one.layer.name === chosen?.[0] && place >= 0 ? place : null);
    });
  }

  return {
    element,
    legend: scale.element,
    /** Another network; `open` and `shut` are the containers that the address names,
     * `count` the most maps of a layer. */
    structure(given, { count, open = [], shut = [], steps = false }) {
      structure = withoutCopies(given);
      message = regions = chosen = null;
      Object.assign(choices, { count, open: new Set(open), shut: new Set(shut), steps });
      focused = 0;
      build();
      fit();
      explain(null);
    },
    maps(given) {
      message = given;
      refresh();
    },
    steps(shown) {
      choices.steps = shown;
      if (structure) build();
    },
    range(wanted) {
      range = wanted;
      explain(null);
      refresh();
    },
    /** Receptive field of a unit: {input: box, maps: {layer: box}}, or null for none. */
    mark(given) {
      regions = given;
      outline();
    },
    /** Outlines the map that is looked at; without arguments none. */
    choose(layer, channel) {
      chosen = layer ? [layer, channel] : null;
      outline();
    },
    /** The layers behind a layer's column, from the one that computes to the one shown. */
    chain(name) {
      const shown = columns.find((one) => one.layer.name === name);
      return shown?.chain ?? structure.layers.filter((layer) => layer.name === name);
    },
    /** A computation is on its way. */
    busy(is) {
      element.setAttribute("aria-busy", String(is));
    },
    focus() {
      if (columns.length) focusOn(focused);
    },
  };
}
