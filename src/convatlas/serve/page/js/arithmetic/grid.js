// A square of numbers: shown or edited, walked with the arrow keys, with a window on it.
import { h } from "../dom.js";
import { typed, written } from "./numbers.js";

const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

/** A grid of rows × columns.
 *
 * `ring`: so many cells of padding around it; `padding`: what they show.
 * `edit(row, column, value)` makes it editable, `pick(row, column)` selectable. */
export function grid({ rows, columns, ring = 0, padding = "0", label, cell, edit, pick }) {
  const [tall, wide] = [rows + 2 * ring, columns + 2 * ring];
  const cells = Array.from({ length: rows * columns }, (_, at) =>
    inner(Math.floor(at / columns), at % columns, { cell, edit, pick }),
  );
  const frame = h("div", { class: "grid-window", "aria-hidden": "true" });
  const lines = Array.from({ length: tall }, (_, y) =>
    h(
      "div",
      { role: "row", class: "grid-row" },
      Array.from({ length: wide }, (_, x) => {
        const [row, column] = [y - ring, x - ring];
        const inside = row >= 0 && column >= 0 && row < rows && column < columns;
        return inside ? cells[row * columns + column] : h("span", { role: "gridcell", class: "cell padded" }, padding);
      }),
    ),
  );
  const element = h("div", { role: "grid", class: "grid", "aria-label": label }, lines, frame);
  element.style.setProperty("--columns", wide);
  walk(element, cells, rows, columns);
  const at = (row, column) => lines[row + ring]?.children[column + ring];
  return {
    element,
    wide,
    show(numbers, limit) {
      element.classList.toggle("long", numbers.some((value) => written(value).length > 4));
      numbers.forEach((value, i) => say(cells[i], value, limit));
    },
    mark: (taps) => mark(element, at, taps),
    frame: (box) => place(frame, box && { ...box, row: box.row + ring, column: box.column + ring }, tall, wide),
    later: (from) => cells.forEach((one, i) => one.classList.toggle("later", i > from)),
    choose: (row, column) => roving(cells, row * columns + column),
  };
}

function inner(row, column, { cell, edit, pick }) {
  const label = cell(row + 1, column + 1);
  if (!edit) {
    const onclick = pick && (() => pick(row, column));
    return h("span", { role: "gridcell", class: "cell", tabindex: pick && "-1", dataset: { place: label }, onclick });
  }
  const input = h("input", {
    inputmode: "decimal",
    autocomplete: "off",
    "aria-label": label,
    tabindex: "-1",
    onfocus: () => input.select(),
    onchange: () => {
      const value = typed(input.value);
      if (value === null) input.value = input.defaultValue;
      else edit(row, column, value);
    },
  });
  return h("span", { role: "gridcell", class: "cell" }, input);
}

function say(cell, value, limit) {
  const text = written(value);
  const input = cell.querySelector("input");
  if (input) {
    input.defaultValue = text;
    input.value = text;
  } else {
    cell.textContent = text;
    cell.setAttribute("aria-label", `${cell.dataset.place}: ${text}`);
  }
  const share = limit > 0 && Number.isFinite(value) ? Math.max(-1, Math.min(1, value / limit)) : 0;
  cell.classList.toggle("below", share < 0);
  cell.style.setProperty("--tone", `${Math.round(Math.abs(share) * 100)}%`);
}

/** Shows each tap's weight in the corner of its cell. */
function mark(element, at, taps) {
  for (const cell of element.querySelectorAll(".tap")) {
    cell.classList.remove("tap");
    delete cell.dataset.weight;
  }
  for (const { row, column, text } of taps) {
    const cell = at(row, column);
    if (!cell) continue;
    cell.classList.add("tap");
    if (text) cell.dataset.weight = text;
  }
}

function place(frame, box, tall, wide) {
  frame.hidden = !box;
  if (!box) return;
  frame.style.top = `${(box.row / tall) * 100}%`;
  frame.style.left = `${(box.column / wide) * 100}%`;
  frame.style.height = `${(box.height / tall) * 100}%`;
  frame.style.width = `${(box.width / wide) * 100}%`;
}

function target(cell) {
  return cell.querySelector("input") ?? cell;
}

/** One cell of the grid is reached with Tab, the others with the arrow keys. */
function roving(cells, index) {
  cells.forEach((cell, i) => {
    if (target(cell).hasAttribute("tabindex")) target(cell).tabIndex = i === index ? 0 : -1;
  });
}

function walk(element, cells, rows, columns) {
  roving(cells, 0);
  element.addEventListener("keydown", (event) => {
    const from = cells.findIndex((cell) => target(cell) === event.target);
    if (from >= 0 && (event.key === "Enter" || event.key === " ")) return enter(event);
    const step = ARROWS[event.key];
    if (!step || from < 0) return;
    const row = Math.floor(from / columns) + step[0];
    const column = (from % columns) + step[1];
    if (row < 0 || column < 0 || row >= rows || column >= columns) return;
    event.preventDefault();
    const to = row * columns + column;
    roving(cells, to);
    target(cells[to]).focus();
    cells[to].click();
  });
}

function enter(event) {
  if (event.target.tagName === "INPUT") {
    if (event.key === "Enter") event.target.dispatchEvent(new Event("change"));
  } else {
    event.preventDefault();
    event.target.click();
  }
}
