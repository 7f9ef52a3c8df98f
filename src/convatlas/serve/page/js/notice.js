// A fault in one line, in the place where it happened.
import { h } from "./dom.js";

/** A line that is empty until `say` is called with an error or a text; null empties it. */
export function notice(app) {
  const element = h("p", { class: "notice", role: "alert" });
  return {
    element,
    say(fault) {
      element.textContent = fault === null ? "" : sentence(app, fault);
    },
  };
}

function sentence(app, fault) {
  if (typeof fault === "string") return fault;
  if (fault.status === 0) return app.t("shell.unreachable");
  if (fault.status === 429 || fault.status === 503) {
    return `${fault.message} ${app.t("shell.retry", { n: fault.retryAfter ?? 1 })}`;
  }
  return fault.message;
}
