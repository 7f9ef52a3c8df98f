// Runs before the first paint, so that a dark page never flashes white.
(() => {
  let wanted = "system";
  try {
    wanted = localStorage.getItem("convatlas.theme") ?? "system";
  } catch {
    // storage may be switched off; the system decides then
  }
  const dark = wanted === "dark" || (wanted === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
})();
