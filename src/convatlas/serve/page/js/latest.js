// At most one request on its way; of those that come meanwhile only the newest is sent.

/** A function that runs `task(argument)`, never two at once; overtaken arguments are dropped.
 * The task catches its own faults. */
export function latest(task) {
  let busy = false;
  let waiting = null;
  return async function run(argument) {
    if (busy) {
      waiting = { argument };
      return;
    }
    busy = true;
    try {
      await task(argument);
    } finally {
      busy = false;
      if (waiting) {
        const next = waiting.argument;
        waiting = null;
        run(next);
      }
    }
  };
}
