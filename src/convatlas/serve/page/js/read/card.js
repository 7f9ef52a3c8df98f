// One picture with the number that was found in it, and how sure each digit is.
import { h } from "../dom.js";
import { percent } from "../numbers.js";
import { refused, said } from "./verdict.js";

/** @param least confidence below which the number is refused */
export function card(app, item, least) {
  return h(
    "article",
    { class: "read-card" },
    h("div", { class: "read-picture" }, pictured(app, item, least)),
    h("div", { class: "read-verdict stack" }, verdict(app, item, least)),
  );
}

/** The picture with the box on it. */
function pictured(app, item, least) {
  const image = h("img", { src: item.url, alt: app.t("read.picture_of", { name: item.name }) });
  const whole = h("div", { class: "read-frame" }, image);
  image.addEventListener("load", () => whole.style.setProperty("--aspect", image.naturalWidth / image.naturalHeight));
  const { box, width, height } = item.answer ?? {};
  if (!box) return whole;
  const frame = h("div", { class: `read-box ${refused(item, least) ? "refused" : ""}` });
  const [left, top, right, bottom] = box;
  Object.assign(frame.style, {
    left: `${(100 * left) / width}%`,
    top: `${(100 * top) / height}%`,
    width: `${(100 * (right - left)) / width}%`,
    height: `${(100 * (bottom - top)) / height}%`,
  });
  whole.append(frame);
  return whole;
}

function verdict(app, item, least) {
  const t = (key, values) => app.t(`read.${key}`, values);
  const name = h("p", { class: "quiet small read-name" }, item.name);
  if (item.state === "failed") return [name, h("p", { class: "notice", role: "alert" }, item.fault.message || app.t("shell.unreachable"))];
  if (!item.answer) return [name, h("p", { class: "quiet" }, t(item.state))];
  const { confidence, digits, milliseconds } = item.answer;
  const no = refused(item, least);
  return [
    name,
    h("p", { class: `read-number ${no ? "refused" : ""}` }, said(app, item, least)),
    h("p", { class: "read-sure" }, t("sure", { share: percent(confidence) })),
    no ? h("p", { class: "hint" }, t("refused_why", { number: item.answer.number, least: percent(least) })) : null,
    digits.length ? h("ul", { class: "read-digits", "aria-label": t("digits") }, digits.map((digit) => bar(digit))) : null,
    h("p", { class: "quiet small" }, t("took", { n: Math.round(milliseconds) })),
  ];
}

function bar({ digit, confidence }) {
  const fill = h("span", { class: "read-fill" });
  fill.style.transform = `scaleX(${confidence})`;
  return h("li", {}, h("strong", {}, digit), h("span", { class: "read-track" }, fill), h("span", { class: "small" }, percent(confidence)));
}
