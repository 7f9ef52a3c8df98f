// The binary maps message: "CVAM", length of the header, JSON header, padding, uint8 data.

const MAGIC = "CVAM";
const VERSION = 1;

/** A message as it came.
 * @param {ArrayBuffer} buffer the whole message
 * @returns {{run, answers, milliseconds, seen, layers}} `seen` and every layer carry
 *   `bytes`, a view into the buffer: for a layer channels × height × width as sent. */
export function readMaps(buffer) {
  const magic = String.fromCharCode(...new Uint8Array(buffer, 0, Math.min(4, buffer.byteLength)));
  if (magic !== MAGIC) throw new Error(`not a maps message: it begins with "${magic}", not "${MAGIC}"`);
  const length = new DataView(buffer).getUint32(4, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, length)));
  if (header.version !== VERSION) throw new Error(`maps message of version ${header.version}, not ${VERSION}`);
  const start = Math.ceil((8 + length) / 8) * 8;
  const part = (offset, count) => new Uint8Array(buffer, start + offset, count);
  const seen = header.seen ? { ...header.seen, bytes: part(header.seen.offset, product(header.seen.shape)) } : null;
  const layers = header.layers.map((layer) => ({
    ...layer,
    bytes: part(layer.offset, layer.channel.length * product(layer.size)),
  }));
  return { ...header, seen, layers };
}

/** The same maps in the order of their channels: they come with the most energetic first,
 * and would change places with every stroke. */
export function inOrder(layer) {
  const order = layer.channel.map((_, place) => place).sort((a, b) => layer.channel[a] - layer.channel[b]);
  const count = product(layer.size);
  const bytes = new Uint8Array(layer.bytes.length);
  order.forEach((from, to) => bytes.set(layer.bytes.subarray(from * count, (from + 1) * count), to * count));
  const sorted = (list) => order.map((place) => list[place]);
  return { ...layer, bytes, channel: sorted(layer.channel), low: sorted(layer.low), high: sorted(layer.high), energy: sorted(layer.energy) };
}

/** The value of one pixel as sent: `place` counts the channels that were sent. */
export function valueAt(layer, place, y, x) {
  const [height, width] = layer.size;
  const byte = layer.bytes[(place * height + y) * width + x];
  return layer.low[place] + (byte / 255) * (layer.high[place] - layer.low[place]);
}

/** The values of one channel as sent, as Float32Array. */
export function channelValues(layer, place) {
  const count = product(layer.size);
  const [low, high] = [layer.low[place], layer.high[place]];
  return Float32Array.from(layer.bytes.subarray(place * count, (place + 1) * count), (byte) => low + (byte / 255) * (high - low));
}

function product(numbers) {
  return numbers.reduce((a, b) => a * b, 1);
}
