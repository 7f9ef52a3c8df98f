// Where the networks stand: years from left to right and families below each other, or, on narrow
// screens, years from top to bottom and families in columns. Plain numbers, no drawing.

const WIDE = 860; // pixels, from which years go from left to right
const LINE = 24; // pixels a network
const LANE_GAP = 10;
const TOP = 40; // for the years
const MIDDLE = 16; // from a column's left to its dots
const LETTER = 7.2; // of a label, on average
const COLUMN = 9; // of a family on narrow screens
const YEAR_GAP = 26;

/** Radius of a dot: logarithmic, 3 at 10 k parameters, 9 at 100 M. */
export function radius(parameters) {
  return Math.max(2.5, 3 + 1.5 * (Math.log10(Math.max(1, parameters)) - 4));
}

/** @param networks as /v1/networks lists them
 * @param width pixels that there are
 * @returns {{wide, width, height, nodes, edges, years}} nodes carry `network`,
 *   `x`, `y`, `labelX`; edges `from`, `to` (names) and `path` */
export function layout(networks, width) {
  const wide = width >= WIDE;
  const years = [...new Set(networks.map(({ year }) => year))].sort((a, b) => a - b);
  const placed = wide ? sideways(networks, years, width) : downwards(networks, years, width);
  const at = new Map(placed.nodes.map((node) => [node.network.name, node]));
  const edges = networks.flatMap(({ name, parents }) =>
    parents
      .filter((parent) => at.has(parent))
      .map((parent) => ({ from: parent, to: name, path: path(at.get(parent), at.get(name), wide) })),
  );
  return { wide, width, edges, ...placed };
}

/** Pairs of family and members; a family stands right before those that grew out of it,
 * the smaller branches first. */
function families(networks) {
  const familyOf = new Map(networks.map(({ name, family }) => [name, family]));
  const members = new Map();
  for (const network of networks) members.set(network.family, [...(members.get(network.family) ?? []), network]);
  const children = new Map([...members.keys()].map((family) => [family, []]));
  const roots = [];
  for (const [family, own] of members) {
    const before = own.flatMap(({ parents }) => parents).map((parent) => familyOf.get(parent));
    const parent = before.find((one) => one !== undefined && one !== family);
    (children.get(parent) ?? roots).push(family);
  }
  const branch = (family) => [family, ...children.get(family).map(branch).sort((a, b) => a.length - b.length).flat()];
  return roots.flatMap(branch).map((family) => [family, members.get(family)]);
}

/** Left end of each year's column, as wide as its names ask for. */
function columnsOf(networks, years, width) {
  const wanted = years.map((year) => Math.max(...networks.filter((one) => one.year === year).map(labelEnd)));
  const spare = (width - wanted.reduce((a, b) => a + b, 0)) / years.length;
  const lefts = new Map();
  let left = 0;
  years.forEach((year, i) => {
    lefts.set(year, left);
    left += wanted[i] + spare;
  });
  return lefts;
}

/** Pixels from the left of a column to the end of a label. */
function labelEnd({ name, parameters, accuracy }) {
  return MIDDLE + radius(parameters) + 5 + LETTER * (name.length + (accuracy ? 8 : 0)) + 8;
}

function sideways(networks, years, width) {
  const lefts = columnsOf(networks, years, width);
  const nodes = [];
  let top = TOP;
  for (const [, members] of families(networks)) {
    const ends = []; // of the labels, row by row
    for (const network of [...members].sort((a, b) => a.year - b.year)) {
      const left = lefts.get(network.year);
      const free = ends.findIndex((end) => end <= left + 1);
      const row = free < 0 ? ends.length : free;
      ends[row] = left + labelEnd(network);
      const x = left + MIDDLE;
      nodes.push({ network, x, y: top + (row + 0.5) * LINE, labelX: x + radius(network.parameters) + 5 });
    }
    top += ends.length * LINE + LANE_GAP;
  }
  const marks = years.map((year) => ({ year, x: lefts.get(year) + MIDDLE, y: 18 }));
  return { nodes, years: marks, height: top };
}

function downwards(networks, years, width) {
  const columns = families(networks).map(([family]) => family);
  const label = columns.length * COLUMN + 24;
  const nodes = [];
  const marks = [];
  let top = 0;
  for (const year of years) {
    marks.push({ year, x: label, y: top + 18 });
    top += YEAR_GAP;
    const here = networks.filter((network) => network.year === year);
    here.sort((a, b) => columns.indexOf(a.family) - columns.indexOf(b.family));
    for (const network of here) {
      const x = 10 + columns.indexOf(network.family) * COLUMN;
      nodes.push({ network, x, y: top + 14, labelX: label });
      top += 28;
    }
    top += 6;
  }
  return { nodes, years: marks, height: top };
}

/** From a parent to its child; within a year they bow to the left. */
function path(from, to, wide) {
  if (wide && from.x === to.x) {
    const bow = Math.min(14, 6 + Math.abs(to.y - from.y) / 12);
    return `M${from.x} ${from.y}C${from.x - bow} ${from.y} ${to.x - bow} ${to.y} ${to.x} ${to.y}`;
  }
  if (wide) {
    const middle = to.x - Math.min(60, (to.x - from.x) / 2);
    return `M${from.x} ${from.y}C${middle} ${from.y} ${middle} ${to.y} ${to.x} ${to.y}`;
  }
  const middle = (from.y + to.y) / 2;
  return `M${from.x} ${from.y}C${from.x} ${middle} ${to.x} ${middle} ${to.x} ${to.y}`;
}
