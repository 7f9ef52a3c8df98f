// What is to be trained.
import { choice, h } from "../dom.js";
import { icon } from "../icons.js";

/** `start(order)` is called with what /v1/train takes. */
export function form(app, { networks, data }, params, start) {
  const t = (key) => app.t(`train.${key}`);
  const given = (name, known, otherwise) => (known.includes(params.get(name)) ? params.get(name) : otherwise);
  const order = {
    network: given("network", networks, networks.includes("lenet5-tanh") ? "lenet5-tanh" : networks[0]),
    data: given("data", data, data.includes("digits-5k") ? "digits-5k" : data[0]),
  };
  const named = (names) => names.map((name) => [name, name]);
  const epochs = number({ min: 0.1, max: 50, step: "any", value: params.get("epochs") ?? 5, required: true });
  const seed = number({ min: 0, step: 1, value: params.get("seed") ?? 0, required: true });
  const rate = number({ min: 0, step: "any", value: params.get("lr") ?? "", placeholder: t("of_recipe") });
  return h(
    "form",
    {
      class: "train-form",
      onsubmit: (event) => {
        event.preventDefault();
        const more = rate.value === "" ? {} : { lr: Number(rate.value) };
        start({ ...order, epochs: Number(epochs.value), seed: Number(seed.value), ...more });
      },
    },
    choice(t("network"), named(networks), order.network, (name) => (order.network = name)),
    choice(t("data"), named(data), order.data, (name) => (order.data = name)),
    labelled(t("epochs"), epochs),
    labelled(t("seed"), seed),
    labelled(t("rate"), rate),
    h("button", { class: "button primary" }, icon("play"), t("start")),
  );
}

function number(attributes) {
  return h("input", { type: "number", class: "text-input", ...attributes });
}

function labelled(label, input) {
  return h("label", { class: "labelled" }, h("span", {}, label), input);
}
