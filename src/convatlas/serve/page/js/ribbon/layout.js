// Where everything of a ribbon lies: columns by order, lanes for branches, arcs for skips.

const GAP = 16; // between columns
const BETWEEN = 14; // between branches
const LEVEL = 12; // between arcs
const CLEARANCE = 10; // of the lowest arc
const SLIM = 10; // height of a place kept free for a passing line
const MOST_LEVELS = 6;

/** Places of nodes and lines.
 * @param {Array<{width, height}>} boxes sizes of the nodes, pixels; 0 is the input
 * @param {Array<[number, number]>} edges from a lower to a higher index
 * @returns {{places: Array<{x, y, width, height, rank}>, lines: Array<{from, to, d}>,
 *   width, height}} */
export function laidOut(boxes, edges) {
  const ranks = ranked(boxes.length, edges);
  const { lanes, routed } = laned(boxes.length, edges, ranks);
  const columns = Array.from({ length: Math.max(...ranks) + 1 }, () => []);
  boxes.forEach((box, i) => columns[ranks[i]].push({ node: i, lane: lanes[i], height: box.height }));
  const arcs = [];
  const passing = new Map(); // edge -> its free places by rank
  edges.forEach(([a, b], e) => {
    if (ranks[b] - ranks[a] === 1) return;
    const lane = routed.get(e);
    if (lane === undefined) return arcs.push({ e, from: ranks[a], to: ranks[b] });
    const free = [];
    for (let r = ranks[a] + 1; r < ranks[b]; r++) {
      const slot = { node: null, lane, height: SLIM };
      columns[r].push(slot);
      free.push(slot);
    }
    passing.set(e, free);
  });
  const levels = stacked(arcs);
  const top = arcs.length ? CLEARANCE + LEVEL * (Math.max(...levels.values()) + 1) : 0;
  const heights = columns.map((slots) => slots.reduce((sum, slot) => sum + slot.height, BETWEEN * (slots.length - 1)));
  const tallest = Math.max(...heights);
  const places = [];
  let x = 0;
  columns.forEach((slots, r) => {
    const width = Math.max(0, ...slots.map((slot) => (slot.node === null ? 0 : boxes[slot.node].width)));
    let y = top + (tallest - heights[r]) / 2;
    for (const slot of slots.sort((a, b) => a.lane - b.lane)) {
      Object.assign(slot, { x, y, width });
      if (slot.node !== null) {
        const box = boxes[slot.node];
        places[slot.node] = { x: x + (width - box.width) / 2, y, width: box.width, height: box.height, rank: r };
      }
      y += slot.height + BETWEEN;
    }
    x += width + GAP;
  });
  const lines = edges.map(([a, b], e) => ({
    from: a,
    to: b,
    d: levels.has(e)
      ? arc(places[a], places[b], top - CLEARANCE - LEVEL * levels.get(e))
      : path(places[a], places[b], passing.get(e) ?? []),
  }));
  return { places, lines, width: x - GAP, height: top + tallest };
}

function ranked(count, edges) {
  const ranks = new Array(count).fill(0);
  for (const [a, b] of [...edges].sort((one, other) => one[1] - other[1])) {
    ranks[b] = Math.max(ranks[b], ranks[a] + 1);
  }
  return ranks;
}

/** The longest path runs straight; branches beside it where there is room. */
function laned(count, edges, ranks) {
  const [after, before] = [0, 1].map(() => Array.from({ length: count }, () => []));
  for (const [a, b] of edges) {
    after[a].push(b);
    before[b].push(a);
  }
  const lanes = new Array(count).fill(null);
  let step = ranks.lastIndexOf(Math.max(...ranks));
  while (step !== undefined) {
    lanes[step] = 0;
    step = before[step].find((a) => ranks[a] === ranks[step] - 1);
  }
  const taken = new Map();
  for (let i = 0; i < count; i++) {
    if (lanes[i] !== null) continue;
    const chain = [i];
    for (let next; (next = after[chain.at(-1)].find((b) => lanes[b] === null && !chain.includes(b))) !== undefined; ) {
      chain.push(next);
    }
    const start = Math.min(...before[i].map((a) => ranks[a]), ranks[i] - 1) + 1;
    const stop = Math.max(...after[chain.at(-1)].map((b) => ranks[b]), ranks[chain.at(-1)] + 1);
    let lane = 1;
    while ((taken.get(lane) ?? []).some(([from, to]) => from < stop && start < to)) lane = lane > 0 ? -lane : 1 - lane;
    taken.set(lane, [...(taken.get(lane) ?? []), [start, stop]]);
    for (const j of chain) lanes[j] = lane;
  }
  const routed = new Map(); // long edges of a branch keep to its lane; others are arcs
  edges.forEach(([a, b], e) => {
    if (ranks[b] - ranks[a] > 1 && (lanes[a] || lanes[b])) routed.set(e, lanes[a] || lanes[b]);
  });
  return { lanes, routed };
}

/** Levels of arcs: a shorter one lies below a longer one around it. */
function stacked(arcs) {
  const levels = new Map();
  const rows = [];
  for (const { e, from, to } of [...arcs].sort((a, b) => a.to - a.from - (b.to - b.from))) {
    let level = rows.findIndex((row) => row.every(([start, stop]) => to <= start || stop <= from));
    if (level < 0) level = Math.min(rows.length, MOST_LEVELS - 1);
    (rows[level] ??= []).push([from, to]);
    levels.set(e, level);
  }
  return levels;
}

function arc(a, b, y) {
  const [x0, x1] = [a.x + a.width / 2, b.x + b.width / 2];
  const r = Math.min(8, a.y - y, b.y - y, (x1 - x0) / 2);
  return `M${x0} ${a.y}V${y + r}Q${x0} ${y} ${x0 + r} ${y}H${x1 - r}Q${x1} ${y} ${x1} ${y + r}V${b.y}`;
}

function path(a, b, free) {
  let [x, y] = [a.x + a.width, a.y + a.height / 2];
  let d = `M${x} ${y}`;
  for (const slot of free) {
    const [left, middle] = [slot.x, slot.y + slot.height / 2];
    d += `${curve(x, y, left, middle)}H${left + slot.width}`;
    [x, y] = [left + slot.width, middle];
  }
  return d + curve(x, y, b.x, b.y + b.height / 2);
}

function curve(x0, y0, x1, y1) {
  const bend = (x1 - x0) / 2;
  return `C${x0 + bend} ${y0} ${x1 - bend} ${y1} ${x1} ${y1}`;
}
