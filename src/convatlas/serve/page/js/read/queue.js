// Reads pictures one after the other, a few at a time, and waits when the server is busy.

const AT_A_TIME = 2;
const TRIES = 5; // of a picture that the server has no time for

/** `read(item)` gives an answer or throws; `changed(item)` is told of every step. */
export function queue(read, changed) {
  const waiting = [];
  let busy = 0;

  async function next() {
    const item = waiting.shift();
    busy += 1;
    item.state = "reading";
    changed(item);
    try {
      item.answer = await patiently(() => read(item));
      item.state = "read";
    } catch (fault) {
      item.fault = fault;
      item.state = "failed";
    }
    busy -= 1;
    changed(item);
    if (waiting.length) next();
  }

  return {
    add(items) {
      waiting.push(...items);
      while (busy < AT_A_TIME && waiting.length) next();
    },
    /** Those on their way are still read. */
    clear() {
      waiting.length = 0;
    },
  };
}

async function patiently(ask) {
  for (let tries = 1; ; tries += 1) {
    try {
      return await ask();
    } catch (fault) {
      if ((fault.status !== 429 && fault.status !== 503) || tries === TRIES) throw fault;
      await new Promise((done) => setTimeout(done, 1000 * (fault.retryAfter ?? 1)));
    }
  }
}
