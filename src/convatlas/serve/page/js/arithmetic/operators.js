// The operators, written out plainly: small numbers, to be looked at and stepped through.
//
// A tensor is {channels, height, width, data: Float64Array}, a weight
// {outputs, inputs, height, width, data}; of a transposed convolution `outputs` is
// what torch puts first, the channels of its input.

export function tensor(channels, height, width, data) {
  return { channels, height, width, data: data ?? new Float64Array(channels * height * width) };
}

/** Numbers of a window along one axis that lie under each other. */
export function span(kernel, dilation) {
  return dilation * (kernel - 1) + 1;
}

/** How many places a window has along an axis; 0 or less: it does not fit. */
export function outputSize(size, kernel, { stride = 1, padding = 0, dilation = 1 } = {}) {
  return Math.floor((size + 2 * padding - span(kernel, dilation)) / stride) + 1;
}

/** Pixels along an axis that a transposed convolution makes. */
export function transposedSize(size, kernel, options = {}) {
  const { stride = 1, padding = 0, dilation = 1, extra = 0 } = options;
  return (size - 1) * stride - 2 * padding + span(kernel, dilation) + extra;
}

/** The pixel at (row, column) of a channel; `outside` beyond the border. */
export function pixel(image, channel, row, column, outside = 0) {
  const { height, width, data } = image;
  if (row < 0 || column < 0 || row >= height || column >= width) return outside;
  return data[(channel * height + row) * width + column];
}

export function weightAt(weight, output, input, i, j) {
  const { inputs, height, width, data } = weight;
  return data[((output * inputs + input) * height + i) * width + j];
}

/** visit(row, column, i, j) for each number of the window at place (y, x). */
export function eachTap(kernel, options, y, x, visit) {
  const { stride = 1, padding = 0, dilation = 1 } = options;
  for (let i = 0; i < kernel.height; i += 1) {
    const row = y * stride - padding + i * dilation;
    for (let j = 0; j < kernel.width; j += 1) {
      visit(row, x * stride - padding + j * dilation, i, j);
    }
  }
}

function places(image, kernel, channels, options) {
  const height = Math.max(0, outputSize(image.height, kernel.height, options));
  const width = Math.max(0, outputSize(image.width, kernel.width, options));
  return tensor(channels, height, width);
}

function fill(result, value) {
  let at = 0;
  for (let channel = 0; channel < result.channels; channel += 1) {
    for (let y = 0; y < result.height; y += 1) {
      for (let x = 0; x < result.width; x += 1) {
        result.data[at] = value(channel, y, x);
        at += 1;
      }
    }
  }
  return result;
}

/** The first channel that output channel `k` of a grouped convolution sees. */
export function firstSeen(weight, k, groups) {
  return Math.floor(k / (weight.outputs / groups)) * weight.inputs;
}

/** Cross-correlation, which deep learning calls convolution: the kernel is not turned. */
export function convolve(image, weight, bias, options = {}) {
  const { groups = 1 } = options;
  return fill(places(image, weight, weight.outputs, options), (k, y, x) => {
    const first = firstSeen(weight, k, groups);
    let sum = bias?.[k] ?? 0;
    for (let c = 0; c < weight.inputs; c += 1) {
      eachTap(weight, options, y, x, (row, column, i, j) => {
        sum += pixel(image, first + c, row, column) * weightAt(weight, k, c, i, j);
      });
    }
    return sum;
  });
}

/** The largest number of each window; the padding is never the largest. */
export function maxPool(image, kernel, options = {}) {
  return fill(places(image, kernel, image.channels, options), (c, y, x) => {
    let best = -Infinity;
    eachTap(kernel, options, y, x, (row, column) => {
      best = Math.max(best, pixel(image, c, row, column, -Infinity));
    });
    return best;
  });
}

/** The mean of each window, the zeros of the padding included. */
export function averagePool(image, kernel, options = {}) {
  return fill(places(image, kernel, image.channels, options), (c, y, x) => {
    let sum = 0;
    eachTap(kernel, options, y, x, (row, column) => {
      sum += pixel(image, c, row, column);
    });
    return sum / (kernel.height * kernel.width);
  });
}

/** Each pixel writes the kernel times its value; what overlaps is added.
 *
 * `until`: only the first so many pixels have written. */
export function transposedConvolve(image, weight, bias, options = {}, until = Infinity) {
  const { groups = 1 } = options;
  const channels = weight.inputs * groups;
  const height = Math.max(0, transposedSize(image.height, weight.height, options));
  const width = Math.max(0, transposedSize(image.width, weight.width, options));
  const result = fill(tensor(channels, height, width), (k) => bias?.[k] ?? 0);
  const pixels = Math.min(until, image.height * image.width);
  for (let at = 0; at < pixels; at += 1) {
    const y = Math.floor(at / image.width);
    const x = at % image.width;
    for (let c = 0; c < image.channels; c += 1) {
      write(image, weight, options, { c, y, x, groups }, result);
    }
  }
  return result;
}

function write(image, weight, options, { c, y, x, groups }, result) {
  const value = pixel(image, c, y, x);
  const first = Math.floor(c / (image.channels / groups)) * weight.inputs;
  eachTap(weight, options, y, x, (row, column, i, j) => {
    if (row < 0 || column < 0 || row >= result.height || column >= result.width) return;
    for (let k = 0; k < weight.inputs; k += 1) {
      const place = ((first + k) * result.height + row) * result.width + column;
      result.data[place] += value * weightAt(weight, c, k, i, j);
    }
  });
}
