// The networks: their family tree, one of them, or two side by side.
import { compare } from "../atlas/compare.js";
import { networkPage } from "../atlas/network.js";
import { tree } from "../atlas/tree.js";
import { h } from "../dom.js";
import { notice } from "../notice.js";

let scrolled = 0; // of the tree, when a network was opened

function mount(root, params, app) {
  const fault = notice(app);
  const body = h("div", { class: "atlas" });
  root.append(fault.element, body);
  let stop = () => {};
  let left = false;

  async function show() {
    const { networks } = await app.api.get("/v1/networks");
    if (left) return;
    const name = params.get("network");
    if (name) await showNetwork(name, networks);
    else showTree(networks);
  }

  function showTree(networks) {
    const t = (key, values) => app.t(`atlas.${key}`, values);
    const plan = tree(app, networks, (name) => {
      scrolled = scrollY;
      app.go("atlas", { network: name });
    });
    const found = h("output", { class: "quiet small" });
    const search = h("input", {
      type: "search",
      class: "text-input",
      value: params.get("find") ?? "",
      placeholder: t("find_hint"),
      "aria-label": t("find"),
      oninput: () => {
        sift();
        app.replace(search.value ? { find: search.value } : {});
      },
      onkeydown: (event) => {
        const matches = plan.filter(search.value);
        if (event.key === "Enter" && matches.length) app.go("atlas", { network: matches[0].name });
      },
    });
    const sift = () => {
      const count = plan.filter(search.value).length;
      found.textContent = search.value ? t("found", { n: count }) : t("found_all", { n: networks.length });
    };
    body.replaceChildren(
      h("header", { class: "view-head" }, h("h1", {}, t("title")), h("p", { class: "hint" }, t("intro"))),
      h("div", { class: "row atlas-find" }, search, found, legend(t)),
      plan.element,
    );
    sift();
    stop = plan.stop;
    requestAnimationFrame(() => scrollTo(0, scrolled));
  }

  async function showNetwork(name, networks) {
    const other = params.get("with");
    const ask = (one) => app.api.get(`/v1/networks/${encodeURIComponent(one)}`);
    const [network, second] = await Promise.all([ask(name), other ? ask(other) : null]);
    if (left) return;
    const compareWith = (chosen) => app.go("atlas", { network: name, ...(chosen ? { with: chosen } : {}) });
    const parts = networkPage(app, network, networks, other, compareWith);
    if (second) parts.splice(parts.length - 3, 0, compare(app, network, second));
    body.replaceChildren(...parts);
    scrollTo(0, 0);
  }

  body.append(h("p", { class: "quiet" }, app.t("atlas.loading")));
  show().catch((error) => {
    body.replaceChildren(h("p", {}, h("a", { href: "#/atlas" }, `← ${app.t("atlas.all")}`)));
    fault.say(error);
  });
  return () => {
    left = true;
    stop();
  };
}

/** What the dots say. */
function legend(t) {
  const sizes = [
    [3, "10 k"],
    [6, "1 M"],
    [9, "100 M"],
  ];
  const dots = sizes.map(([r, text]) => {
    const dot = h("span", { class: "size-dot" });
    dot.style.width = dot.style.height = `${2 * r}px`;
    return h("span", { class: "size-step" }, dot, text);
  });
  return h("p", { class: "atlas-legend small quiet" }, t("size_means"), dots, h("span", { class: "size-step" }, h("span", { class: "size-dot measured" }), t("measured")));
}

export default { name: "atlas", mount };
