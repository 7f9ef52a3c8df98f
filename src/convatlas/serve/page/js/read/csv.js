// What was read as comma-separated values, with the columns of `convatlas read --csv`.

const COLUMNS = ["file", "number", "confidence", "left", "top", "right", "bottom"];

/** A line a picture that was read; a number below `least` stays empty. */
export function csv(items, least) {
  const lines = items
    .filter(({ answer }) => answer)
    .map(({ name, answer: { number, confidence, box } }) => {
      const said = confidence >= least ? (number ?? "") : "";
      return [name, said, confidence, ...(box ?? ["", "", "", ""])];
    });
  return [COLUMNS, ...lines].map((line) => `${line.map(quoted).join(",")}\n`).join("");
}

function quoted(value) {
  const text = String(value);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
