// The maps of one layer as tiles on a canvas: how large, where, in which colours.
import { colours, ends } from "../scales.js";

const GAP = 3; // between tiles
const SMALLEST = 14; // longer side of a tile, pixels
const LARGE = 96; // pixels of an input, from which on tiles are drawn larger
const STRIP = 16; // width of a vector's cell
const MOST_ROWS = 8; // of tiles
const MOST_CELLS = 200; // of a vector that may stand as high as maps do

/** Sizes for a layer of `shape` with `count` maps, in a column `tall` pixels high; roots
 * keep maps visible that are much smaller than the input, `whole` pixels a side. `zoom` enlarges all of it.
 * @returns {{columns, rows, width, height, cell: [w, h], gap}} pixels */
export function arranged(shape, count, tall, whole, zoom = 1) {
  const [height, width] = mapSize(shape);
  if (isVector(shape)) return strip(width, width > MOST_CELLS ? tall * 0.7 : tall);
  const side = Math.max(height, width);
  const longer = Math.max(SMALLEST, Math.round(zoom * (whole < LARGE ? 48 : 60) * Math.sqrt(side / whole)));
  const cell = [width, height].map((pixels) => Math.max(6, Math.round((longer * pixels) / side)));
  const fits = Math.min(MOST_ROWS, Math.max(1, Math.floor((tall + GAP) / (cell[1] + GAP))));
  const columns = Math.ceil(count / fits);
  const rows = Math.ceil(count / columns);
  return { columns, rows, cell, gap: GAP, width: columns * (cell[0] + GAP) - GAP, height: rows * (cell[1] + GAP) - GAP };
}

/** The cells of a vector run downwards, then into further strips. */
function strip(count, tall) {
  const high = Math.min(STRIP, Math.max(3, Math.floor(tall / count)));
  const rows = Math.min(count, Math.floor(tall / high));
  const columns = Math.ceil(count / rows);
  const wide = columns === 1 ? STRIP : Math.max(3, Math.min(STRIP, Math.floor(80 / columns)));
  return { columns, rows, cell: [wide, high], gap: 0, width: columns * wide, height: rows * high, vector: count };
}

export function isVector(shape) {
  return shape.length === 1 || (shape.length === 3 && shape[0] === 1 && shape[1] === 1);
}

/** [height, width] of one map; a vector is one map of 1×n, a matrix one map. */
export function mapSize(shape) {
  return shape.length === 1 ? [1, shape[0]] : shape.slice(-2);
}

/** How many maps a layer of this shape has. */
export function mapCount(shape) {
  return shape.length === 3 ? shape[0] : 1;
}

/** Left and top of a tile (of a cell, for vectors). */
export function tileAt(form, place) {
  const column = form.vector ? Math.floor(place / form.rows) : place % form.columns;
  const row = form.vector ? place % form.rows : Math.floor(place / form.columns);
  return [column * (form.cell[0] + form.gap), row * (form.cell[1] + form.gap)];
}

/** Which tile and where in it (0 to 1) a point lies; null between tiles. */
export function tileUnder(form, x, y, count) {
  const column = Math.floor(x / (form.cell[0] + form.gap));
  const row = Math.floor(y / (form.cell[1] + form.gap));
  const place = form.vector ? column * form.rows + row : row * form.columns + column;
  const [left, top] = tileAt(form, place);
  const [u, v] = [(x - left) / form.cell[0], (y - top) / form.cell[1]];
  const inside = column >= 0 && column < form.columns && row >= 0 && row < form.rows && place < count;
  return inside && u < 1 && v < 1 ? { place, u, v } : null;
}

/** All maps of a layer below each other, one pixel a number; a vector is one column.
 * @param layer of a maps message
 * @param {"own"|"common"} range each map on its own scale, or all on one */
export function sheet(layer, range, theme) {
  const [height, width] = isVector(layer.shape) ? [layer.size[1], 1] : layer.size;
  const count = layer.channel.length;
  const canvas = new OffscreenCanvas(width, height * count);
  const pixels = new ImageData(width, height * count);
  const table = colours(layer.signed ? "diverging" : "viridis", theme);
  const common = ends(layer.low, layer.high, layer.signed);
  const own = range === "own" && height * width > 1; // one number has no range of its own
  for (let place = 0; place < count; place++) {
    const [low, high] = [layer.low[place], layer.high[place]];
    const [from, to] = own ? ends([low], [high], layer.signed) : common;
    const spread = to - from || 1;
    const [factor, shift] = [(high - low) / spread, ((low - from) / spread) * 255];
    for (let i = place * height * width; i < (place + 1) * height * width; i++) {
      const at = 3 * Math.round(shift + layer.bytes[i] * factor);
      pixels.data[4 * i] = table[at];
      pixels.data[4 * i + 1] = table[at + 1];
      pixels.data[4 * i + 2] = table[at + 2];
      pixels.data[4 * i + 3] = 255;
    }
  }
  canvas.getContext("2d").putImageData(pixels, 0, 0);
  return { canvas, width, height };
}
