// From a state to its tensors, and to the sum that stands behind one place.

import {
  averagePool,
  convolve,
  eachTap,
  firstSeen,
  maxPool,
  pixel,
  tensor,
  transposedConvolve,
  weightAt,
} from "./operators.js";
import { inputOf, outputSide, pools, slices, weightsOf } from "./state.js";

export function inputTensor(state) {
  return tensor(state.channels, state.side, state.side, Float64Array.from(inputOf(state)));
}

/** The kernels as whole numbers; `scale` divides them. */
export function weightTensor(state, scale = 1) {
  const first = state.op === "transposed" ? state.channels : state.outputs;
  const data = Float64Array.from(weightsOf(state), (value) => value / scale);
  const side = state.kernel;
  return { outputs: first, inputs: slices(state) / first, height: side, width: side, data };
}

/** `until`: only the first so many pixels of a transposed convolution have written;
 * `input`: another picture than the state's. */
export function outputTensor(state, until = Infinity, input = inputTensor(state)) {
  const window = { height: state.kernel, width: state.kernel };
  if (state.op === "max") return maxPool(input, window, state);
  if (state.op === "average") return averagePool(input, window, state);
  const weight = weightTensor(state, state.divisor);
  const bias = Array(state.outputs).fill(state.bias);
  if (state.op === "conv") return convolve(input, weight, bias, state);
  return transposedConvolve(input, weight, bias, state, until);
}

/** Where step number `state.step` is: of a transposed convolution a pixel of the input. */
export function placeOf(state) {
  const side = state.op === "transposed" ? state.side : outputSide(state);
  const within = state.step % (side * side);
  const k = Math.floor(state.step / (side * side));
  return { k, y: Math.floor(within / side), x: within % side };
}

/** The step that shows this place. */
export function stepOf(state, { k, y, x }) {
  const side = state.op === "transposed" ? state.side : outputSide(state);
  return ((state.op === "transposed" ? 0 : k) * side + y) * side + x;
}

/** The channels that one output channel is made of. */
export function seen(state, k) {
  if (pools(state)) return [k];
  const count = state.channels / state.groups;
  const first =
    state.op === "conv"
      ? firstSeen(weightTensor(state), k, state.groups)
      : Math.floor(k / (state.outputs / state.groups)) * count;
  return Array.from({ length: count }, (_, c) => first + c);
}

/** What is summed (or compared) for output (k, y, x), one list a channel.
 *
 * Each term: the input's `row` and `column`, its `value`, the kernel's `weight` at
 * (i, j), and whether it is `inside` the picture. */
export function termsOf(state, { k, y, x }) {
  const input = inputTensor(state);
  const gather = state.op === "transposed" ? writers : window;
  return seen(state, k).map((channel) => ({
    channel,
    terms: gather(state, input, channel, { k, y, x }),
  }));
}

function window(state, input, channel, { k, y, x }) {
  const weight = weightTensor(state);
  const slice = channel - seen(state, k)[0];
  const terms = [];
  eachTap(weight, state, y, x, (row, column, i, j) => {
    const inside = row >= 0 && column >= 0 && row < input.height && column < input.width;
    const value = pixel(input, channel, row, column);
    const factor = pools(state) ? 1 : weightAt(weight, k, slice, i, j);
    terms.push({ row, column, i, j, value, weight: factor, inside });
  });
  return terms;
}

/** The pixels whose kernels reach output (k, y, x) of a transposed convolution. */
function writers(state, input, channel, { k, y, x }) {
  const weight = weightTensor(state);
  const terms = [];
  for (let row = 0; row < input.height; row += 1) {
    for (let column = 0; column < input.width; column += 1) {
      eachTap(weight, state, row, column, (down, right, i, j) => {
        if (down !== y || right !== x) return;
        const value = pixel(input, channel, row, column);
        const factor = weightAt(weight, channel, k % weight.inputs, i, j);
        terms.push({ row, column, i, j, value, weight: factor, inside: true });
      });
    }
  }
  return terms;
}

/** Numbers that the layer learns, and multiplications and additions it does. */
export function costs(state) {
  if (pools(state)) return { parameters: 0, macs: 0 };
  const weights = slices(state) * state.kernel ** 2;
  const places = state.op === "transposed" ? state.side : Math.max(0, outputSide(state));
  return { parameters: weights + state.outputs, macs: weights * places ** 2 };
}
