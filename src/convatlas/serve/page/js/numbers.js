// Numbers as people read them.

/** Three significant digits, a true minus sign: 0.731, −12.4, 1.20e-5. */
export function short(value) {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  let text;
  if (size === 0) text = "0";
  else if (size >= 1e5 || size < 1e-3) text = value.toExponential(2);
  else if (size >= 100) text = value.toFixed(0);
  else text = value.toFixed(size >= 10 ? 1 : size >= 1 ? 2 : 3);
  return text.replaceAll("-", "−");
}

/** Two digits, for narrow places: 0.13, −1.2, 35; what rounds to nothing is 0. */
export function brief(value) {
  const size = Math.abs(value);
  if (size < 0.005) return "0";
  if (size >= 1000) return value.toExponential(0).replace("e+", "e").replaceAll("-", "−");
  return value.toFixed(size >= 10 ? 0 : size >= 1 ? 1 : 2).replaceAll("-", "−");
}

/** 97.3 %; "< 0.1 %" and "> 99.9 %" where rounding would lie. */
export function percent(share) {
  if (share > 0 && share < 0.0005) return "< 0.1 %";
  if (share < 1 && share > 0.9995) return "> 99.9 %";
  return `${(share * 100).toFixed(1)} %`;
}

/** 61,706 with the thousands of the language. */
export function whole(value, language) {
  return value.toLocaleString(language === "zh" ? "zh-CN" : "en-GB");
}

/** 6×28×28 */
export function size(shape) {
  return shape.join("×");
}
