// What a ribbon consists of: columns, edges between them, and lines for opened containers.
import { folded } from "./folding.js";

const MOST_SHELLS = 3;

/** Columns of a network, and what runs beside what; 0 is the input.
 * @returns {{nodes, opened, edges, beside}} as of `folded`; `edges` between columns;
 *   `beside`: how many branches run where a column stands */
export function planned(structure, choices) {
  const { nodes, opened } = folded(structure, choices);
  const owner = new Map(nodes.flatMap((node, i) => span(node.first, node.last).map((layer) => [layer, i + 1])));
  owner.set(-1, 0);
  const edges = unique(structure.edges.map(([a, b]) => [owner.get(a), owner.get(b)]).filter(([a, b]) => a < b));
  return { nodes, opened, edges, beside: branches(nodes.length + 1, edges) };
}

/** The last part of a column's path. */
export function nameOf(node, structure) {
  const parts = (node.folded ? node.key : structure.layers[node.first].name).split(".");
  return parts.at(-1).replace(/~\d+$/, "");
}

/** Layers that only pass on, unit by unit, what the first of them computed. */
export function chainOf(node, { layers }) {
  const last = layers[node.shown];
  if (node.folded) return [last];
  return layers.slice(node.first, node.shown + 1).filter((layer) => layer.shape.join() === last.shape.join());
}

/** Opened containers that nothing else stands between, with their pixels and level. */
export function shellsOf(opened, nodes, places) {
  const ranges = opened.map(({ key, first, last, depth }) => {
    const inside = nodes.flatMap((node, i) => (node.first >= first && node.last <= last ? [places[i + 1]] : []));
    const ranks = inside.map((one) => one.rank);
    return { key, depth, inside, from: Math.min(...ranks), to: Math.max(...ranks) };
  });
  const kept = ranges.filter(({ inside, from, to, depth }) => {
    const between = places.filter((one) => one.rank >= from && one.rank <= to);
    return inside.length > 1 && between.length === inside.length && depth < MOST_SHELLS;
  });
  return kept.map(({ key, depth, inside }) => ({
    key,
    level: depth,
    left: Math.min(...inside.map((one) => one.x)),
    right: Math.max(...inside.map((one) => one.x + one.width)),
  }));
}

/** How many branches run side by side where each node stands. */
function branches(count, edges) {
  const ranks = new Array(count).fill(0);
  for (const [a, b] of edges) ranks[b] = Math.max(ranks[b], ranks[a] + 1);
  return ranks.map((rank) => ranks.filter((other) => other === rank).length);
}

function span(first, last) {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

function unique(pairs) {
  return [...new Map(pairs.map((pair) => [pair.join(), pair])).values()].sort((a, b) => a[1] - b[1] || a[0] - b[0]);
}
