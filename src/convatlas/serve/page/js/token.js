// A server that listens beyond this computer asks for its token, once a tab.
import { h } from "./dom.js";

let texts = (key) => key;
let asking = null;
let token = null;

/** The token that was typed, or null. */
export function heldToken() {
  return token ?? sessionStorage.getItem("convatlas.token");
}

/** The words of the dialog, in the page's language. */
export function tokenTexts(t) {
  texts = t;
}

/** Asks; resolves with whether one was given. One dialog, however many requests wait. */
export function askToken() {
  asking ??= new Promise((resolve) => {
    const input = h("input", { class: "text-input", type: "password", autocomplete: "off", required: true });
    const dialog = h(
      "dialog",
      {
        onclose: () => {
          const given = dialog.returnValue === "given" && input.value !== "";
          if (given) {
            token = input.value;
            sessionStorage.setItem("convatlas.token", token);
          }
          dialog.remove();
          asking = null;
          resolve(given);
        },
      },
      h(
        "form",
        { method: "dialog", class: "stack" },
        h("label", { class: "labelled" }, h("span", {}, texts("shell.token")), input),
        h("p", { class: "hint small" }, texts("shell.tokenHint")),
        h("div", { class: "row" }, h("button", { class: "button primary", value: "given" }, texts("shell.tokenUse"))),
      ),
    );
    document.body.append(dialog);
    dialog.showModal();
  });
  return asking;
}
