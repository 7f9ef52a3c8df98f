// Pictures from elsewhere: chosen, pasted, dropped, or taken with a camera.
import { h } from "./dom.js";
import { icon } from "./icons.js";

/** A button that opens the file chooser. `take(file)` gets what was chosen. */
export function uploadButton(label, take) {
  const input = h("input", {
    type: "file",
    accept: "image/*",
    hidden: true,
    onchange: () => {
      if (input.files.length) take(input.files[0]);
      input.value = "";
    },
  });
  const button = h("button", { class: "button square", title: label, "aria-label": label, onclick: () => input.click() }, icon("upload"));
  return h("span", {}, button, input);
}

/** Pictures pasted anywhere or dropped onto `target`; returns a function that stops it. */
export function listenForPictures(target, take) {
  const first = (items) => [...items].find((file) => file.type.startsWith("image/"));
  const paste = (event) => {
    const file = first(event.clipboardData?.files ?? []);
    if (file) take(file);
  };
  const over = (event) => {
    event.preventDefault();
    target.classList.add("dropping");
  };
  const leave = () => target.classList.remove("dropping");
  const drop = (event) => {
    event.preventDefault();
    leave();
    const file = first(event.dataTransfer.files);
    if (file) take(file);
  };
  document.addEventListener("paste", paste);
  target.addEventListener("dragover", over);
  target.addEventListener("dragleave", leave);
  target.addEventListener("drop", drop);
  return () => document.removeEventListener("paste", paste);
}

/** A button for the camera; hidden where there is none. */
export function cameraButton(texts, take, fault) {
  const button = h(
    "button",
    { class: "button square", hidden: true, title: texts.open, "aria-label": texts.open, onclick: () => takePhoto(texts, take).catch(fault) },
    icon("camera"),
  );
  navigator.mediaDevices?.enumerateDevices?.().then((devices) => {
    button.hidden = !devices.some((device) => device.kind === "videoinput");
  });
  return button;
}

async function takePhoto(texts, take) {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  const video = h("video", { autoplay: true, playsinline: true, muted: true });
  video.srcObject = stream;
  const dialog = h(
    "dialog",
    {
      class: "camera",
      onclose: () => {
        stream.getTracks().forEach((track) => track.stop());
        dialog.remove();
      },
    },
    video,
    h(
      "div",
      { class: "row apart" },
      h("button", { class: "button primary", onclick: shoot }, texts.shoot),
      h("button", { class: "button", onclick: () => dialog.close() }, texts.cancel),
    ),
  );
  document.body.append(dialog);
  dialog.showModal();

  async function shoot() {
    const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight);
    canvas.getContext("2d").drawImage(video, 0, 0);
    take(await canvas.convertToBlob({ type: "image/png" }));
    dialog.close();
  }
}
