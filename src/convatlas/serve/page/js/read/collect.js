// Pictures out of choosers, folders and drops.

/** What a browser may take for a picture; the server looks at the content itself. */
export function isPicture(file) {
  return file.type.startsWith("image/");
}

/** All files of a drop, those inside folders too, as pairs of path and file. */
export async function dropped(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return [...transfer.files].map((file) => [file.name, file]);
  return (await Promise.all(entries.map(within))).flat();
}

async function within(entry) {
  if (entry.isFile) {
    const file = await new Promise((done, fail) => entry.file(done, fail));
    return [[entry.fullPath.replace(/^\//, ""), file]];
  }
  return (await Promise.all((await listed(entry.createReader())).map(within))).flat();
}

/** A directory tells its entries in portions, an empty one at the end. */
async function listed(reader) {
  const found = [];
  for (;;) {
    const portion = await new Promise((done, fail) => reader.readEntries(done, fail));
    if (!portion.length) return found;
    found.push(...portion);
  }
}
