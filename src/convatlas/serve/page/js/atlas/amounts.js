// Large numbers in few letters: 61.7 k, 138 M, 15.5 G.

const UNITS = [
  [1e9, "G"],
  [1e6, "M"],
  [1e3, "k"],
];

export function brief(value) {
  const [size, unit] = UNITS.find(([least]) => value >= least) ?? [1, ""];
  const scaled = value / size;
  const digits = unit === "" || scaled >= 100 ? 0 : scaled >= 10 ? 1 : 2;
  return `${scaled.toFixed(digits)}${unit && ` ${unit}`}`;
}
