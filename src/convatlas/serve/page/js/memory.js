// What the browser remembers between visits; works without storage, too.

const held = new Map();

export function recall(key, otherwise) {
  try {
    return localStorage.getItem(`convatlas.${key}`) ?? otherwise;
  } catch {
    return held.get(key) ?? otherwise;
  }
}

export function remember(key, value) {
  held.set(key, value);
  try {
    localStorage.setItem(`convatlas.${key}`, value);
  } catch {
    // private windows may forbid it: remembered until the page is closed
  }
}
