// Elements in one expression: h("button", { class: "button", onclick }, "Clear").

const SVG = "http://www.w3.org/2000/svg";

/** An HTML element. Attributes that are null, undefined or false are left out;
 * functions are listeners (`onclick`), `dataset` and `style` are objects. */
export function h(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

/** An SVG element. */
export function s(tag, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (name === "dataset" || name === "style") Object.assign(element[name], value);
    else if (["value", "checked", "selected", "disabled", "multiple"].includes(name)) element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** A select box with its label. `options`: pairs of value and text. */
export function choice(label, options, value, onchange) {
  const select = h(
    "select",
    { class: "choice", onchange: () => onchange(select.value) },
    options.map(([key, text]) => h("option", { value: key }, text)),
  );
  select.value = value;
  return h("label", { class: "labelled" }, h("span", {}, label), select);
}

/** A switch with its label. */
export function toggle(label, checked, onchange) {
  const input = h("input", { type: "checkbox", role: "switch", checked, onchange: () => onchange(input.checked) });
  return h("label", { class: "switch" }, input, h("span", {}, label));
}
