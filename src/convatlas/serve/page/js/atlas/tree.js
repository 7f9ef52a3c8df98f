// The family tree: dots on years, lines from parents, and a line about the one in focus.
import { h, s } from "../dom.js";
import { percent } from "../numbers.js";
import { brief } from "./amounts.js";
import { layout, radius } from "./layout.js";

/** `open(name)` is called for the network that was chosen. */
export function tree(app, networks, open) {
  const t = (key, values) => app.t(`atlas.${key}`, values);
  const about = h("p", { class: "tree-about" }, t("tree_hint"));
  const holder = h("div", { class: "tree-holder" });
  const known = new Map(networks.map((network) => [network.name, network]));
  let drawn = null;
  let width = 0;
  let wanted = "";

  const watch = new ResizeObserver(([entry]) => {
    const wide = Math.floor(entry.contentRect.width);
    if (wide === width || wide === 0) return;
    width = wide;
    draw();
  });
  watch.observe(holder);

  function draw() {
    drawn = picture(app, layout(networks, width), { open, tell, leave });
    holder.replaceChildren(drawn.element);
    filter(wanted);
  }

  /** What a network is, in one line, and its lines of descent. */
  function tell(name) {
    const network = known.get(name);
    const accuracy = network.accuracy ? t("accuracy_of", { share: percent(network.accuracy.value), data: network.accuracy.data }) : "";
    about.replaceChildren(
      h("strong", {}, name),
      ` ${network.year} · ${network.title} · ${t("parameters_of", { n: brief(network.parameters) })}`,
      accuracy && ` · ${accuracy}`,
      network.took && h("span", { class: "quiet", lang: "en" }, ` · ${network.took}`),
    );
    drawn.descent(lineOf(name));
  }

  function leave() {
    about.textContent = t("tree_hint");
    drawn.descent(null);
  }

  /** The network, all before it and all after it. */
  function lineOf(name) {
    const line = new Set([name]);
    const before = (one) => known.get(one).parents.forEach((parent) => line.add(parent) && before(parent));
    const after = (one) =>
      networks.filter(({ parents }) => parents.includes(one)).forEach((child) => line.add(child.name) && after(child.name));
    before(name);
    after(name);
    return line;
  }

  /** Dims what does not match; how many do. */
  function filter(text) {
    wanted = text.trim().toLowerCase();
    const matches = networks.filter(({ name, family, title, year }) =>
      `${name} ${family} ${title} ${year}`.toLowerCase().includes(wanted),
    );
    drawn?.dim(wanted ? new Set(matches.map(({ name }) => name)) : null);
    return matches;
  }

  return { element: h("div", { class: "tree" }, holder, about), filter, stop: () => watch.disconnect() };
}

function picture(app, plan, { open, tell, leave }) {
  const lines = plan.edges.map((edge) => s("path", { d: edge.path, class: "tree-edge" }));
  const dots = plan.nodes.map((node) => dot(app, node, { open, tell, leave }));
  const element = s(
    "svg",
    {
      class: "tree-picture",
      width: plan.width,
      height: plan.height,
      viewBox: `0 0 ${plan.width} ${plan.height}`,
      role: "group",
      "aria-label": app.t("atlas.tree"),
    },
    plan.years.flatMap(({ year, x, y }) => [
      plan.wide ? s("line", { x1: x, x2: x, y1: 28, y2: plan.height, class: "tree-year-line" }) : null,
      s("text", { x, y, class: "tree-year", "text-anchor": plan.wide ? "middle" : "start" }, year),
    ]),
    lines,
    dots,
  );
  walk(element, plan.nodes, dots);
  return {
    element,
    dim: (names) => plan.nodes.forEach(({ network }, i) => dots[i].classList.toggle("dim", names !== null && !names.has(network.name))),
    descent(names) {
      const within = ({ from, to }) => names !== null && names.has(from) && names.has(to);
      plan.edges.forEach((edge, i) => lines[i].classList.toggle("descent", within(edge)));
      plan.nodes.forEach(({ network }, i) => dots[i].classList.toggle("descent", names?.has(network.name) ?? false));
    },
  };
}

function dot(app, { network, x, y, labelX }, { open, tell, leave }) {
  const { name, year, parameters, accuracy } = network;
  const label = app.t("atlas.dot", { name, year, n: brief(parameters) });
  return s(
    "a",
    {
      href: `#/atlas?network=${encodeURIComponent(name)}`,
      class: accuracy ? "tree-network measured" : "tree-network",
      "aria-label": label,
      tabindex: "-1",
      onclick: (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        open(name);
      },
      onpointerenter: () => tell(name),
      onfocus: () => tell(name),
      onpointerleave: leave,
      onblur: leave,
    },
    s("rect", { x: x - 12, y: y - 12, width: labelX - x + 16 + name.length * 7, height: 24, class: "tree-touch" }),
    s("circle", { cx: x, cy: y, r: radius(parameters) }),
    s(
      "text",
      { x: labelX, y, class: "tree-label", "dominant-baseline": "central" },
      name,
      accuracy ? s("tspan", { class: "tree-accuracy", dx: 6 }, percent(accuracy.value)) : null,
    ),
  );
}

/** The arrow keys go to the nearest network in their direction. */
function walk(element, nodes, dots) {
  dots[0]?.setAttribute("tabindex", "0");
  const ways = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
  element.addEventListener("keydown", (event) => {
    const from = dots.indexOf(document.activeElement);
    const way = ways[event.key];
    if (!way || from < 0) return;
    event.preventDefault();
    const to = nearest(nodes, from, way);
    if (to < 0) return;
    dots[from].setAttribute("tabindex", "-1");
    dots[to].setAttribute("tabindex", "0");
    dots[to].focus();
  });
}

function nearest(nodes, from, [right, down]) {
  let [best, least] = [-1, Infinity];
  nodes.forEach((node, i) => {
    const [dx, dy] = [node.x - nodes[from].x, node.y - nodes[from].y];
    const along = dx * right + dy * down;
    const aside = Math.abs(right ? dy : dx);
    if (i !== from && along > 1 && along + 2 * aside < least) [best, least] = [i, along + 2 * aside];
  });
  return best;
}
