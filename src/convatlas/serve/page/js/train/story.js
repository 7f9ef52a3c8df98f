// All that has been told of a training, and how more of it is heard.
import { readMaps } from "../maps.js";

const AGAIN = 2000; // milliseconds, after the stream was cut off

export function story(id) {
  return { id, epochs: null, state: null, run: null, total: null, done: 0, steps: [], history: [], filters: null, mistakes: null, speed: null, message: null };
}

/** Adds an event. */
export function hear(told, name, data) {
  if (name === "state") Object.assign(told, { state: data.state, epochs: data.epochs, total: data.total, run: data.run, message: null });
  else if (name === "step") {
    Object.assign(told, { total: data.total, done: data.done, speed: data.images_per_second });
    const at = (data.done / data.total) * (told.epochs ?? 1);
    told.steps.push({ at, loss: data.loss, accuracy: data.accuracy });
  } else if (name === "epoch") told.history.push(data);
  else if (name === "filters") told.filters = readMaps(bytesOf(data));
  else if (name === "mistakes") told.mistakes = data;
  else if (name === "warning") told.message = data.message;
  else if (name === "end") Object.assign(told, { state: data.state, run: data.run ?? told.run, message: data.message ?? null });
}

function bytesOf(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer;
}

/** Follows a training to its end: `changed(story)` after each event. Cut off, it begins anew. */
export async function follow(app, id, changed, signal) {
  const path = `/v1/train/${encodeURIComponent(id)}/events`;
  for (;;) {
    const told = story(id);
    let ended = false;
    const heard = (name, data) => {
      hear(told, name, data);
      ended ||= name === "end";
      changed(told);
    };
    try {
      await app.api.events(path, {}, heard, { signal });
    } catch (fault) {
      if (signal.aborted || fault.status >= 400) throw fault;
    }
    if (ended) return told;
    await new Promise((done) => setTimeout(done, AGAIN));
  }
}
