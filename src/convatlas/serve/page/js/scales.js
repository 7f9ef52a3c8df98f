// Colours of numbers: viridis for activations, a diverging scale with neutral at zero.

const VIRIDIS =
  "440154 48186a 472d7b 424086 3b528b 33638d 2c728e 26828e 21918c 1fa088 28ae80 3fbc73 5ec962 84d44b addc30 d8e219 fde725";
const DIVERGING = {
  light: "0b3c78 2166ac 4393c3 92c5de d1e5f0 ffffff fddbc7 f4a582 d6604d b2182b 73091d",
  dark: "a6d8ff 6cb6f0 3f8fd0 2b6499 24405a 262321 5c2f27 9c4632 d96a4a f59477 ffc9b5",
};

const made = new Map();

/** 256 colours, three bytes each.
 * @param {"viridis"|"diverging"|"grey"} name
 * @param {"light"|"dark"} theme only the diverging scale depends on it */
export function colours(name, theme) {
  const key = name === "diverging" ? `${name} ${theme}` : name;
  if (!made.has(key)) made.set(key, table(name, theme));
  return made.get(key);
}

function table(name, theme) {
  const text = name === "grey" ? "000000 ffffff" : name === "viridis" ? VIRIDIS : DIVERGING[theme];
  const anchors = text.split(" ").map((hex) => [0, 2, 4].map((at) => parseInt(hex.slice(at, at + 2), 16)));
  const result = new Uint8ClampedArray(256 * 3);
  for (let i = 0; i < 256; i++) {
    const place = (i / 255) * (anchors.length - 1);
    const before = Math.min(Math.floor(place), anchors.length - 2);
    const share = place - before;
    for (let c = 0; c < 3; c++) {
      result[3 * i + c] = anchors[before][c] * (1 - share) + anchors[before + 1][c] * share;
    }
  }
  return result;
}

/** Lowest and highest of the scale for these values; around zero where it diverges.
 * @param {"viridis"|"diverging"|"grey"} name
 * @param {ArrayLike<number>} values */
export function span(name, values) {
  let low = Infinity;
  let high = -Infinity;
  for (let i = 0; i < values.length; i++) {
    if (values[i] < low) low = values[i];
    if (values[i] > high) high = values[i];
  }
  if (name !== "diverging") return [low, high];
  const reach = Math.max(Math.abs(low), Math.abs(high));
  return [-reach, reach];
}

/** Lowest and highest of a scale for maps from `low` to `high`; around zero if signed. */
export function ends(low, high, signed) {
  const [from, to] = [Math.min(...low), Math.max(...high)];
  if (!signed) return [from, to];
  const reach = Math.max(Math.abs(from), Math.abs(to));
  return [-reach, reach];
}
