// One network: what it is, its commands, its diagram, its layers.
import { choice, h } from "../dom.js";
import { address } from "../api.js";
import { icon } from "../icons.js";
import { percent, size, whole } from "../numbers.js";
import { brief } from "./amounts.js";
import { layers } from "./layers.js";

/** @param network as /v1/networks/NAME tells it; `networks` all of the atlas
 * @param other the name it is compared with, or null */
export function networkPage(app, network, networks, other, compareWith) {
  const t = (key, values) => app.t(`atlas.${key}`, values);
  const children = networks.filter(({ parents }) => parents.includes(network.name));
  const names = networks.map(({ name }) => name).filter((name) => name !== network.name);
  return [
    h("p", {}, h("a", { href: "#/atlas" }, `← ${t("all")}`)),
    h(
      "header",
      { class: "network-head" },
      h("h1", {}, network.name, " ", h("span", { class: "quiet" }, network.year)),
      h("p", { lang: "en" }, network.title),
      h("p", { class: "quiet small", lang: "en" }, network.reference),
    ),
    h("dl", { class: "network-figures" }, figures(t, app.language, network).map(([term, value]) => h("div", {}, h("dt", {}, term), h("dd", {}, value)))),
    network.took && h("p", { class: "hint", lang: "en" }, network.took),
    h("div", { class: "network-kin" }, kin(t("parents"), network.parents), kin(t("children"), children.map(({ name }) => name))),
    h(
      "div",
      { class: "row network-actions" },
      h("a", { class: "button primary", href: `#/inside?run=${encodeURIComponent(`network:${network.name}`)}` }, icon("look"), t("inside")),
      choice(t("compare"), [["", t("nobody")], ...names.map((name) => [name, name])], other ?? "", (name) => compareWith(name || null)),
    ),
    commands(app, network),
    diagram(app, network),
    layers(app, network),
  ].filter(Boolean);
}

function figures(t, language, { parameters, macs, depth, input, classes, accuracy }) {
  const known = [
    [t("parameters"), brief(parameters)],
    [t("macs"), brief(macs)],
    [t("depth"), depth],
    [t("input"), size(input)],
    [t("classes"), whole(classes, language)],
  ];
  if (accuracy) known.push([t("accuracy", { data: accuracy.data }), `${percent(accuracy.value)} (n = ${whole(accuracy.n, language)})`]);
  return known;
}

function kin(title, names) {
  if (!names.length) return null;
  const links = names.map((name) => h("a", { class: "chip", href: `#/atlas?network=${encodeURIComponent(name)}` }, name));
  return h("p", { class: "row" }, h("span", { class: "quiet small" }, title), links);
}

function commands(app, { name, answers, layers: rows }) {
  const last = rows.findLast(({ kind }) => kind === "conv");
  const lines = [`convatlas show ${name}`, `convatlas explain ${name} picture.png`];
  if (last) lines.push(`convatlas field ${name} --layer ${last.name}`);
  if (answers === "class") lines.push(`convatlas train ${name} --data digits-5k`);
  return h(
    "section",
    { class: "network-part" },
    h("h2", {}, app.t("atlas.commands")),
    h("ul", { class: "commands" }, lines.map((line) => h("li", {}, h("code", {}, line), copyButton(app, line)))),
  );
}

function copyButton(app, line) {
  const button = h(
    "button",
    {
      type: "button",
      class: "button plain",
      "aria-label": app.t("atlas.copy_line", { line }),
      onclick: async () => {
        await navigator.clipboard.writeText(line);
        button.textContent = app.t("atlas.copied");
        app.announce(app.t("atlas.copied"));
      },
    },
    app.t("atlas.copy"),
  );
  return button;
}

function diagram(app, { name, layers: rows }) {
  const source = address(`/v1/networks/${encodeURIComponent(name)}/diagram.svg`);
  return h(
    "section",
    { class: "network-part" },
    h("h2", {}, app.t("atlas.diagram")),
    h(
      "div",
      { class: "diagram", tabindex: "0", role: "region", "aria-label": app.t("atlas.diagram") },
      h("img", { src: source, alt: app.t("atlas.diagram_of", { name, n: whole(rows.length, app.language) }), loading: "lazy" }),
    ),
    h("a", { class: "small", href: source, download: `${name}.svg` }, app.t("atlas.save_diagram")),
  );
}
