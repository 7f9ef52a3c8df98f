// Small pictures and kernels to begin with. Pictures are functions of their side, −1 is
// paper and 1 is ink as in tutorial 000; kernels have whole numbers and a divisor.

function ring(side, y, x) {
  const middle = (side - 1) / 2;
  return Math.abs(Math.hypot(y - middle, x - middle) - (middle - 1)) < 0.6;
}

function inside(side, y, x) {
  return y > 0 && x > 0 && y < side - 1 && x < side - 1;
}

const ink = (yes) => (yes ? 1 : -1);

/** Each takes (side, y, x). */
export const PICTURES = {
  x: (n, y, x) => ink((y === x || y + x === n - 1) && inside(n, y, x)),
  o: (n, y, x) => ink(ring(n, y, x)),
  tilted: (n, y, x) => ink(inside(n, y, x) && tilted(n, y, x)),
  edge: (n, y, x) => (x < n / 2 ? 0 : 1),
  dot: (n, y, x) => (y === Math.floor(n / 2) && x === Math.floor(n / 2) ? 1 : 0),
  ramp: (n, y, x) => x,
  counting: (n, y, x) => y * n + x,
};

/** An X turned a little: each stroke steps aside once. */
function tilted(n, y, x) {
  const middle = Math.floor(n / 2);
  const turn = y < middle ? 1 : y > middle ? -1 : 0;
  return y === x - turn || y + x === n - 1 + turn;
}

export function picture(name, side) {
  const rows = [];
  for (let y = 0; y < side; y += 1) {
    for (let x = 0; x < side; x += 1) rows.push(PICTURES[name](side, y, x));
  }
  return rows;
}

/** Rows of whole numbers; what the sum is divided by. */
export const KERNELS = {
  falling: [[1, -1, -1, -1, 1, -1, -1, -1, 1], 9],
  rising: [[-1, -1, 1, -1, 1, -1, 1, -1, -1], 9],
  crossing: [[1, -1, 1, -1, 1, -1, 1, -1, 1], 9],
  identity: [[0, 0, 0, 0, 1, 0, 0, 0, 0], 1],
  blur: [[1, 1, 1, 1, 1, 1, 1, 1, 1], 9],
  gauss: [[1, 2, 1, 2, 4, 2, 1, 2, 1], 16],
  sharpen: [[0, -1, 0, -1, 5, -1, 0, -1, 0], 1],
  edges: [[-1, -1, -1, -1, 8, -1, -1, -1, -1], 1],
  sobelx: [[-1, 0, 1, -2, 0, 2, -1, 0, 1], 4],
  sobely: [[-1, -2, -1, 0, 0, 0, 1, 2, 1], 4],
  emboss: [[-2, -1, 0, -1, 1, 1, 0, 1, 2], 1],
};

/** A preset at another size: blurs grow, the others keep their numbers in the middle. */
export function kernel(name, side) {
  const [values, divisor] = KERNELS[name];
  if (name === "blur") return [Array(side * side).fill(1), side * side];
  return [resized(values, 3, side, 0), divisor];
}

/** Numbers of a square at another side: cut or surrounded evenly. */
export function resized(values, from, to, filling) {
  const shift = Math.floor((to - from) / 2);
  const result = [];
  for (let y = 0; y < to; y += 1) {
    for (let x = 0; x < to; x += 1) {
      const [row, column] = [y - shift, x - shift];
      const known = row >= 0 && column >= 0 && row < from && column < from;
      result.push(known ? values[row * from + column] : filling);
    }
  }
  return result;
}
