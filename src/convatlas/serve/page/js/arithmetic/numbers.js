// Numbers as people write them: a true minus, at most two decimals.

export function written(value) {
  if (!Number.isFinite(value)) return value < 0 ? "−∞" : "∞";
  const rounded = Math.round(value * 100) / 100;
  return String(rounded === 0 ? 0 : rounded).replace("-", "−");
}

/** The number that was typed, or null. */
export function typed(text) {
  const plain = text.trim().replace("−", "-").replace(",", ".");
  if (plain === "") return 0;
  const value = Number(plain);
  return Number.isFinite(value) ? value : null;
}

/** As a factor or a summand: negative ones in brackets. */
export function bracketed(value) {
  return value < 0 ? `(${written(value)})` : written(value);
}
