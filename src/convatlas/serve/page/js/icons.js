// Line icons, 18 px, drawn in the colour of the text.
import { s } from "./dom.js";

const PATHS = {
  theme_system: "M3 4h14v9H3zM7 17h6M10 13v4",
  theme_light: "M10 6.5a3.5 3.5 0 1 0 0 7a3.5 3.5 0 1 0 0-7M10 1.5v2M10 16.5v2M1.5 10h2M16.5 10h2M4 4l1.4 1.4M14.6 14.6L16 16M16 4l-1.4 1.4M5.4 14.6L4 16",
  theme_dark: "M16.5 12.5A7 7 0 0 1 7.5 3.5a7 7 0 1 0 9 9z",
  undo: "M7 4L3 8l4 4M3 8h8.5a4.5 4.5 0 0 1 0 9H8",
  clear: "M4 5.5h12M8 5.5V3.5h4v2M5.5 5.5l.8 11h7.4l.8-11",
  upload: "M10 13V3.5M6 7l4-3.5L14 7M3.5 12.5v4h13v-4",
  camera: "M3 6.5h3L7.5 4h5L14 6.5h3v9.5H3zM10 8.5a2.7 2.7 0 1 0 0 5.4a2.7 2.7 0 1 0 0-5.4",
  save: "M10 3.5V13M6 9.5l4 3.5l4-3.5M3.5 13.5v3h13v-3",
  play: "M6 4l10 6l-10 6z",
  pause: "M6.5 4v12M13.5 4v12",
  close: "M5 5l10 10M15 5L5 15",
  open: "M8 4l6 6l-6 6",
  back: "M12 4l-6 6l6 6",
  look: "M2 10s3-5.5 8-5.5s8 5.5 8 5.5s-3 5.5-8 5.5S2 10 2 10zM10 7.7a2.3 2.3 0 1 0 0 4.6a2.3 2.3 0 1 0 0-4.6",
};

export function icon(name) {
  return s("svg", { viewBox: "0 0 20 20", "aria-hidden": "true", focusable: "false" }, s("path", { d: PATHS[name] }));
}
