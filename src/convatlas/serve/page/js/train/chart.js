// A line chart in SVG: several lines over the epochs, with axes, names and a grid.
import { s } from "../dom.js";

const WIDEST = 640; // units; a narrow screen has fewer, so that letters stay readable
const SIZE = { height: 260, left: 48, right: 12, top: 10, bottom: 26 };

/** @param title what is shown, for screen readers
 * @param lines `{name, points: [[x, y]…], look}`, look being "step", "live" or "other0" …
 * @param bounds {most: epochs, low, high, written: y => text} */
export function chart(title, lines, { most, low, high, written = String }) {
  const { height, left, right, top, bottom } = SIZE;
  const width = Math.min(WIDEST, innerWidth - 32);
  const x = (value) => left + (value / most) * (width - left - right);
  const y = (value) => top + (1 - (clip(value, low, high) - low) / (high - low)) * (height - top - bottom);
  const rows = ticks(low, high, 5);
  return s(
    "svg",
    { class: "chart", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": title },
    rows.map((value) => s("line", { x1: left, x2: width - right, y1: y(value), y2: y(value), class: "chart-grid" })),
    rows.map((value) => s("text", { x: left - 6, y: y(value), class: "chart-tick", "text-anchor": "end", "dominant-baseline": "central" }, written(value))),
    ticks(0, most, 6).map((value) => s("text", { x: x(value), y: height - 8, class: "chart-tick", "text-anchor": "middle" }, value)),
    lines.map(({ points, look }) => drawn(points.map(([a, b]) => [x(a), y(b)]), look)),
  );
}

function drawn(points, look) {
  if (!points.length) return null;
  const path = s("path", { class: `chart-line ${look}`, d: `M${points.map(([a, b]) => `${a.toFixed(1)} ${b.toFixed(1)}`).join("L")}` });
  if (look === "step") return path;
  const dots = points.map(([a, b]) => s("circle", { class: `chart-dot ${look}`, cx: a, cy: b, r: 2.5 }));
  return s("g", {}, path, dots);
}

function clip(value, low, high) {
  return Math.min(high, Math.max(low, value));
}

/** Round numbers between two, about `count` of them. */
export function ticks(low, high, count) {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((one) => one >= rough);
  const found = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i += 1) found.push(Number((i * step).toPrecision(12)));
  return found;
}
