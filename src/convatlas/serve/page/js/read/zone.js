// Where pictures come in: dropped, chosen, a folder, pasted, the camera, or a sample.
import { h } from "../dom.js";
import { icon } from "../icons.js";
import { cameraButton } from "../sources.js";
import { dropped } from "./collect.js";

const SAMPLES = [1, 2, 3, 4, 5, 6].map((n) => `door-${n}.jpg`);

/** `take(pairs)` gets pairs of path and file, `fault(error)` what went wrong. */
export function zone(app, take, fault) {
  const t = (key, values) => app.t(`read.${key}`, values);
  const pictures = chooser(take, { multiple: true, accept: "image/*" });
  const folder = chooser(take, { webkitdirectory: true, multiple: true });
  const camera = cameraButton(app, (blob) => take([[t("photo_name"), blob]]), fault);
  const area = h(
    "div",
    { class: "read-zone", ondragover: over, ondragleave: leave, ondrop: drop },
    h("p", { class: "read-zone-text" }, t("drop")),
    h(
      "div",
      { class: "row" },
      h("button", { type: "button", class: "button primary", onclick: () => pictures.click() }, icon("upload"), t("choose")),
      h("button", { type: "button", class: "button", onclick: () => folder.click() }, t("folder")),
      camera,
    ),
    pictures,
    folder,
  );

  function over(event) {
    event.preventDefault();
    area.classList.add("dropping");
  }

  function leave() {
    area.classList.remove("dropping");
  }

  async function drop(event) {
    event.preventDefault();
    leave();
    try {
      take(await dropped(event.dataTransfer));
    } catch (error) {
      fault(error);
    }
  }

  function pasted(event) {
    const files = [...event.clipboardData.files];
    if (files.length) take(files.map((file) => [file.name, file]));
  }

  async function sample(name) {
    take([[name, await (await fetch(`samples/${name}`)).blob()]]);
  }

  addEventListener("paste", pasted);
  return {
    element: h(
      "div",
      { class: "stack" },
      area,
      h("p", { class: "small quiet" }, t("samples")),
      h(
        "div",
        { class: "read-samples" },
        SAMPLES.map((name, i) =>
          h(
            "button",
            { type: "button", class: "read-sample", "aria-label": t("sample", { n: i + 1 }), onclick: () => sample(name) },
            h("img", { src: `samples/${name}`, alt: "" }),
          ),
        ),
      ),
    ),
    stop: () => removeEventListener("paste", pasted),
  };
}

function chooser(take, attributes) {
  const input = h("input", {
    type: "file",
    hidden: true,
    ...attributes,
    onchange: () => {
      take([...input.files].map((file) => [file.webkitRelativePath || file.name, file]));
      input.value = "";
    },
  });
  return input;
}
