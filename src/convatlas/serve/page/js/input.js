// The picture that is looked at: drawn, a sample, or a file. It goes along between views.
import { inkPng, readStrokes, writeStrokes } from "./ink.js";

const SAMPLES = 24;

let held = null;

/** Samples of a data set, the same for everybody who asks with this seed. */
export async function samples(app, data = "digits-5k", seed = 0) {
  const { samples: found } = await app.api.get("/v1/data/samples", { data, count: SAMPLES, seed });
  return found.map((sample, index) => ({ kind: "sample", ...sample, key: `${data}/${seed}/${index}` }));
}

/** What an address names, else what was last held, else null. */
export async function inputOf(app, params) {
  if (params.has("ink")) {
    const strokes = readStrokes(params.get("ink"));
    held = strokes.length ? { kind: "ink", strokes } : null;
  } else if (params.has("sample") && params.get("sample") !== held?.key) {
    const [data, seed, index] = params.get("sample").split("/");
    held = (await samples(app, data, seed))[Number(index)] ?? null;
  }
  return held;
}

/** Keeps an input for the views to come. */
export function hold(input) {
  held = input;
}

/** What stands in the address; a file cannot. */
export function paramsOf(input) {
  if (input?.kind === "ink") return { ink: writeStrokes(input.strokes) };
  if (input?.kind === "sample") return { sample: input.key };
  return {};
}

/** The picture as it is sent. */
export async function blobOf(input) {
  if (input.kind === "ink") return inkPng(input.strokes);
  if (input.kind === "sample") return blobOfAddress(input.png);
  return input.blob;
}

/** A `data:` address as a Blob (the page's policy lets no script fetch one). */
function blobOfAddress(text) {
  const [head, body] = text.split(",", 2);
  const bytes = Uint8Array.from(atob(body), (letter) => letter.charCodeAt(0));
  return new Blob([bytes], { type: head.slice(5).split(";")[0] });
}
