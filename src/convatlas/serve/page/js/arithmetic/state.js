// What the view shows, as one frozen value, and the same as text of the address.
//
// A state is changed by `changed(state, {...})`, which keeps it possible: groups divide
// channels, the window fits, pooling never pads more than half a window.

import { KERNELS, PICTURES, kernel as presetKernel, picture, resized } from "./presets.js";
import { outputSize, transposedSize } from "./operators.js";

export const OPERATIONS = ["conv", "max", "average", "transposed"];
const RANGES = {
  side: [1, 12],
  channels: [1, 4],
  outputs: [1, 4],
  groups: [1, 4],
  kernel: [1, 5],
  stride: [1, 4],
  padding: [0, 4],
  dilation: [1, 3],
  extra: [0, 3],
};
const NUMBERS = { divisor: 9, bias: 0 };
const START = {
  op: "conv",
  side: 9,
  channels: 1,
  outputs: 1,
  groups: 1,
  kernel: 3,
  stride: 1,
  padding: 0,
  dilation: 1,
  extra: 0,
  picture: "x",
  filter: "falling",
  values: null,
  weights: null,
  step: 0,
  asked: null, // of a transposed convolution: the output cell whose sum is told
  ...NUMBERS,
};

export const pools = (state) => state.op === "max" || state.op === "average";

/** Numbers of the input: preset pictures, one a channel, or the user's own. */
export function inputOf(state) {
  if (state.values) return state.values;
  const names = Object.keys(PICTURES);
  const first = names.indexOf(state.picture);
  return Array.from({ length: state.channels }, (_, c) =>
    picture(names[(first + c) % names.length], state.side),
  ).flat();
}

/** Kernels beside each other: of a convolution outputs × (channels / groups). */
export function slices(state) {
  return (state.outputs * state.channels) / state.groups;
}

/** Whole numbers of all kernels, before the division. */
export function weightsOf(state) {
  if (state.weights) return state.weights;
  const names = Object.keys(KERNELS);
  const first = names.indexOf(state.filter);
  return Array.from({ length: slices(state) }, (_, s) =>
    presetKernel(names[(first + s) % names.length], state.kernel)[0],
  ).flat();
}

/** [least, most] that a number may be beside the others. */
export function range(name, state) {
  const [least, most] = RANGES[name];
  if (name === "groups") return [1, common(state.channels, state.outputs)];
  if (name === "extra") return [0, Math.max(state.stride, state.dilation) - 1];
  if (name === "padding" && pools(state)) return [0, Math.floor(state.kernel / 2)];
  return [least, most];
}

function common(a, b) {
  return b === 0 ? a : common(b, a % b);
}

export function changed(state, change) {
  const next = { ...state, asked: null, ...change };
  if (pools(next)) Object.assign(next, { outputs: next.channels, groups: next.channels });
  else if (pools(state)) Object.assign(next, { groups: 1, outputs: 1 });
  if (next.op === "average") next.dilation = 1;
  for (const name of ["padding", "extra"]) next[name] = clamp(next[name], range(name, next));
  if (!pools(next)) next.groups = divisor(next);
  if ("kernel" in change && next.filter === "blur") next.divisor = next.kernel ** 2;
  kept(next, state);
  next.step = clamp(next.step, [0, Math.max(0, steps(next) - 1)]);
  return Object.freeze(next);
}

function clamp(value, [least, most]) {
  return Math.min(most, Math.max(least, value));
}

/** The largest number of groups up to the one asked for that divides both. */
function divisor(state) {
  let groups = state.groups;
  while (state.channels % groups || state.outputs % groups) groups -= 1;
  return groups;
}

/** The user's own numbers at the new sizes. */
function kept(next, before) {
  if (next.values && next.values === before.values) {
    next.values = blocks(next.values, before.side, next.side, next.channels);
  }
  if (next.weights && next.weights === before.weights) {
    next.weights = blocks(next.weights, before.kernel, next.kernel, slices(next));
  }
}

function blocks(values, from, to, count) {
  return Array.from({ length: count }, (_, block) => {
    const own = values.slice(block * from * from, (block + 1) * from * from);
    return resized(own, from, to, 0);
  })
    .flat()
    .map((value) => value ?? 0);
}

/** Height and width of the output; 0 or less: the window does not fit. */
export function outputSide(state) {
  const size = state.op === "transposed" ? transposedSize : outputSize;
  return size(state.side, state.kernel, state);
}

/** How many places there are to step through. */
export function steps(state) {
  if (state.op === "transposed") return state.side ** 2;
  return Math.max(0, outputSide(state)) ** 2 * state.outputs;
}

export function fromParams(params) {
  const read = { ...START };
  const choice = (name, allowed) => {
    if (allowed.includes(params.get(name))) read[name] = params.get(name);
  };
  choice("op", OPERATIONS);
  choice("picture", Object.keys(PICTURES));
  choice("filter", Object.keys(KERNELS));
  if (params.has("filter")) [, read.divisor] = presetKernel(read.filter, 3);
  for (const [name, bounds] of Object.entries({ ...RANGES, step: [0, 9999] })) {
    if (/^\d+$/.test(params.get(name) ?? "")) read[name] = clamp(Number(params.get(name)), bounds);
  }
  for (const name of Object.keys(NUMBERS)) {
    const value = Number(params.get(name) ?? NaN);
    if (Number.isFinite(value) && (value || name !== "divisor")) read[name] = value;
  }
  const state = changed(read, {});
  const values = list(params.get("values"), state.channels * state.side ** 2);
  const weights = list(params.get("weights"), slices(state) * state.kernel ** 2);
  return Object.freeze({ ...state, values, weights });
}

/** As many numbers as asked for, or null. */
function list(text, count) {
  const numbers = (text ?? "").split(",").map(Number);
  return text && numbers.length === count && numbers.every(Number.isFinite) ? numbers : null;
}

/** Only what differs from the start; restores the state in another window. */
export function toParams(state) {
  const params = {};
  for (const [name, value] of Object.entries(state)) {
    if (name === "asked" || value === null || value === START[name]) continue;
    params[name] = Array.isArray(value) ? value.join(",") : String(value);
  }
  if (state.filter !== START.filter) params.divisor = String(state.divisor);
  return params;
}
