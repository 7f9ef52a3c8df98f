// Which layers are shown one by one, and which stand together behind one of them.
//
// Names are paths ("features.stage1.block2.conv1"): the containers on them fold. Beyond
// that, a normalisation, activation or reshape that only passes on what one layer gave
// stands with that layer, unless every step is asked for.

const ENOUGH = 24; // columns that one takes in at a glance
const PASSES = ["norm", "activation", "reshape"];
const COPIES = ["dropout", "identity"]; // give what they got: the server sends no maps of them

/** What is shown.
 * @param {{layers: Array, edges: Array<[number, number]>}} structure
 * @param {{steps: boolean, open: Set<string>, shut: Set<string>}} choices containers
 *   opened and shut by hand; the others open as long as there is room
 * @returns {{nodes: Array, opened: Array}} nodes in order: `key`, `first` and `last`
 *   (indices of layers), `shown` (the layer whose maps stand for it), `folded`;
 *   opened containers: `key`, `first`, `last`, `depth`. */
export function folded(structure, { steps, open, shut }) {
  const root = tree(structure.layers);
  const opened = new Set();
  let count = root.length;
  let level = root.filter((part) => part.parts);
  while (level.length) {
    const next = [];
    for (const part of level) {
      const more = part.parts.length - 1;
      const wanted = open.has(part.key) || (!shut.has(part.key) && (count + more <= ENOUGH || more === 0));
      if (!wanted) continue;
      opened.add(part.key);
      count += more;
      next.push(...part.parts.filter((inner) => inner.parts));
    }
    level = next;
  }
  const nodes = [];
  const shells = [];
  flatten(root, 0);
  return { nodes: steps ? nodes : together(nodes, structure), opened: shells };

  function flatten(parts, depth) {
    for (const part of parts) {
      if (!part.parts) nodes.push(node(part, false, structure));
      else if (!opened.has(part.key)) nodes.push(node(part, true, structure));
      else {
        shells.push({ key: part.key, first: part.first, last: part.last, depth });
        flatten(part.parts, depth + 1);
      }
    }
  }
}

/** The network without layers that only copy; what they joined is joined directly. */
export function withoutCopies(structure) {
  const copies = new Set(structure.layers.flatMap((layer, i) => (COPIES.includes(layer.operation.split(" ")[0]) ? [i] : [])));
  const source = new Map(structure.edges.filter(([, to]) => copies.has(to)).map(([from, to]) => [to, from]));
  const kept = structure.layers.flatMap((_, i) => (copies.has(i) ? [] : [i]));
  const place = new Map([[-1, -1], ...kept.map((old, i) => [old, i])]);
  const origin = (i) => (source.has(i) ? origin(source.get(i)) : place.get(i));
  return {
    ...structure,
    layers: kept.map((i) => structure.layers[i]),
    edges: structure.edges.filter(([, to]) => !copies.has(to)).map(([from, to]) => [origin(from), place.get(to)]),
  };
}

/** Containers and layers by their names; `first` and `last` count layers. */
function tree(layers) {
  const paths = layers.map((layer) => layer.name.replace(/ \(\d+\)$/, "").split("."));
  const used = new Map();
  return within(0, layers.length, 0);

  function within(from, to, depth) {
    const parts = [];
    for (let i = from; i < to; ) {
      let j = i + 1;
      if (paths[i].length > depth + 1) {
        while (j < to && paths[j].length > depth + 1 && paths[j][depth] === paths[i][depth]) j++;
      }
      if (paths[i].length <= depth + 1) parts.push({ key: layers[i].name, first: i, last: i });
      else {
        const path = paths[i].slice(0, depth + 1).join(".");
        const time = (used.get(path) ?? 0) + 1;
        used.set(path, time);
        const key = time === 1 ? path : `${path}~${time}`;
        parts.push({ key, first: i, last: j - 1, parts: within(i, j, depth + 1) });
      }
      i = j;
    }
    return parts;
  }
}

function node(part, isFolded, structure) {
  return { key: part.key, first: part.first, last: part.last, shown: lastWithMaps(part, structure.layers), folded: isFolded };
}

/** A flattened vector stands for nothing that the maps before it do not show better. */
function lastWithMaps({ first, last }, layers) {
  for (let i = last; i > first; i--) {
    if (layers[i].kind !== "reshape") return i;
  }
  return first;
}

function together(nodes, structure) {
  const after = new Map();
  const before = new Map();
  for (const [from, to] of structure.edges) {
    after.set(from, [...(after.get(from) ?? []), to]);
    before.set(to, [...(before.get(to) ?? []), from]);
  }
  const result = [];
  for (const one of nodes) {
    const host = result.at(-1);
    const single = !one.folded && one.first === one.last && PASSES.includes(structure.layers[one.first].kind);
    const sources = before.get(one.first) ?? [];
    const joins =
      single && host && !host.folded && sources.length === 1 && sources[0] === host.last && after.get(host.last).length === 1;
    if (!joins) {
      result.push({ ...one });
      continue;
    }
    host.last = one.last;
    host.shown = lastWithMaps(host, structure.layers);
  }
  return result;
}
