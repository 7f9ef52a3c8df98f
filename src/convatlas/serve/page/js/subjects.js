// What can be looked into, and how it is asked for.

const MANY = 60; // layers, from which on maps are sent smaller and fewer

/** The run of an id; the default where there is none of that id. */
export async function runOf(app, id) {
  const { runs, default: fallback } = await app.runs();
  return runs.find((run) => run.id === id) ?? runs.find((run) => run.id === fallback) ?? runs[0];
}

/** Layers of a run or of `network:NAME`. */
export function structureOf(app, id) {
  return app.api.get(`/v1/runs/${encodeURIComponent(id)}/structure`);
}

/** How many maps of each layer, and how large, so that an answer stays small. */
export function mapsWanted(structure) {
  return structure.layers.length > MANY ? { channels: 8, side: 32 } : { channels: 16, side: 64 };
}

/** The number by which the server knows a class; null: the likeliest. */
export function targetOf(classes, name) {
  const index = classes.indexOf(name);
  return index >= 0 ? index : null;
}
