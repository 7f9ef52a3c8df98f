// Pictures from elsewhere: chosen, pasted, dropped, or taken with a camera.
import { h } from "./dom.js";
import { icon } from "./icons.js";

// what the browser says, and what is said of it
const WHY = { NotAllowedError: "cameraRefused", NotFoundError: "cameraGone", NotReadableError: "cameraBusy" };

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

/** A button for the camera; hidden where there is none. `fault(text)` when it gives no picture. */
export function cameraButton(app, take, fault) {
  const label = app.t("shell.camera");
  const button = h("button", { type: "button", class: "button square", hidden: true, title: label, "aria-label": label, onclick: open }, icon("camera"));

  async function open() {
    button.disabled = true; // until the browser's own question is answered
    try {
      await takePhoto(app, take);
      fault(null);
    } catch (error) {
      fault(app.t(`shell.${WHY[error.name] ?? "cameraFailed"}`));
    } finally {
      button.disabled = false;
    }
  }

  navigator.mediaDevices?.enumerateDevices?.().then((devices) => {
    button.hidden = !devices.some((device) => device.kind === "videoinput");
  });
  return button;
}

async function takePhoto({ t }, take) {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  const video = h("video", { autoplay: true, playsinline: true, muted: true });
  video.srcObject = stream;
  const shut = () => dialog.close();
  addEventListener("hashchange", shut);
  const dialog = h(
    "dialog",
    {
      class: "camera",
      "aria-label": t("shell.camera"),
      onclose: () => {
        removeEventListener("hashchange", shut);
        stream.getTracks().forEach((track) => track.stop());
        dialog.remove();
      },
    },
    video,
    h(
      "div",
      { class: "row apart" },
      h("button", { class: "button primary", onclick: shoot }, t("shell.shoot")),
      h("button", { class: "button", onclick: shut }, t("shell.cancel")),
    ),
  );
  document.body.append(dialog);
  dialog.showModal();

  async function shoot() {
    const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight);
    canvas.getContext("2d").drawImage(video, 0, 0);
    take(await canvas.convertToBlob({ type: "image/png" }));
    shut();
  }
}
