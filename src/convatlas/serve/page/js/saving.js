// A canvas as a file: PNG, enlarged without smoothing, or SVG with its legend.
import { short } from "./numbers.js";
import { colours } from "./scales.js";

const SMALLEST = 512; // longer side of a saved picture, pixels

/** Hands a file to the browser. */
export function download(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

/** The canvas as PNG; each of its pixels becomes a square. */
export function savePng(canvas, name) {
  const factor = Math.max(1, Math.floor(SMALLEST / Math.max(canvas.width, canvas.height)));
  const large = document.createElement("canvas");
  large.width = canvas.width * factor;
  large.height = canvas.height * factor;
  const context = large.getContext("2d");
  context.imageSmoothingEnabled = false;
  context.drawImage(canvas, 0, 0, large.width, large.height);
  large.toBlob((blob) => download(blob, `${name}.png`));
}

/** SVG text of a canvas with a title and, where given, its legend {scale, low, high, theme}. */
export function svgOf(canvas, title, legend = null) {
  const factor = SMALLEST / Math.max(canvas.width, canvas.height);
  const [width, height] = [canvas.width * factor, canvas.height * factor];
  const parts = [
    `<image width="${width}" height="${height}" preserveAspectRatio="none" style="image-rendering:pixelated" href="${canvas.toDataURL()}"/>`,
    `<text x="0" y="${height + 22}">${escaped(title)}</text>`,
  ];
  if (legend) {
    const table = colours(legend.scale, legend.theme);
    const stops = Array.from({ length: 17 }, (_, i) => {
      const at = 3 * Math.round((i / 16) * 255);
      return `<stop offset="${i / 16}" stop-color="rgb(${table[at]},${table[at + 1]},${table[at + 2]})"/>`;
    });
    parts.push(
      `<linearGradient id="scale">${stops.join("")}</linearGradient>`,
      `<rect x="0" y="${height + 34}" width="160" height="8" fill="url(#scale)"/>`,
      `<text x="170" y="${height + 43}">${escaped(`${short(legend.low)} – ${short(legend.high)}`)}</text>`,
    );
  }
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height + 54}" ` +
    `font-family="system-ui, sans-serif" font-size="15" fill="#1f1d1b">${parts.join("")}</svg>`
  );
}

export function saveSvg(canvas, name, title, legend) {
  download(new Blob([svgOf(canvas, title, legend)], { type: "image/svg+xml" }), `${name}.svg`);
}

function escaped(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
