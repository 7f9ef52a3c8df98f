// Many pictures in a table; a row opens its picture.
import { h } from "../dom.js";
import { percent } from "../numbers.js";
import { refused, said } from "./verdict.js";

export function table(app, choose) {
  const t = (key) => app.t(`read.${key}`);
  const titles = [t("file"), t("number"), t("confidence")];
  const body = h("tbody");
  const rows = new Map();
  let shown = {};

  function row(item) {
    const { least, chosen } = shown;
    const open = h(
      "button",
      { type: "button", class: "read-open", "aria-pressed": String(item === chosen), onclick: () => choose(item) },
      h("img", { src: item.url, alt: "", loading: "lazy" }),
      h("span", {}, item.name),
    );
    const sure = item.state === "read" && item.answer.number && !refused(item, least);
    return h(
      "tr",
      { class: item === chosen ? "chosen" : null },
      h("td", {}, open),
      h("td", { class: sure ? "read-said" : "quiet small" }, item.state === "read" ? said(app, item, least) : t(item.state)),
      h("td", { class: "small" }, item.answer ? percent(item.answer.confidence) : ""),
    );
  }

  return {
    element: h(
      "table",
      { class: "read-table" },
      h("thead", {}, h("tr", {}, titles.map((title) => h("th", { scope: "col" }, title)))),
      body,
    ),
    show(items, least, chosen) {
      shown = { least, chosen };
      rows.clear();
      for (const item of items) rows.set(item, row(item));
      body.replaceChildren(...rows.values());
    },
    changed(item) {
      const before = rows.get(item);
      rows.set(item, row(item));
      before?.replaceWith(rows.get(item));
    },
    focus: (item) => rows.get(item)?.querySelector("button").focus(),
  };
}
