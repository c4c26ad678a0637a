// Runs before the first paint, so that no theme flashes up that nobody wants.
{
  let chosen = "";
  try {
    chosen = localStorage.getItem("flowrun.theme") ?? "";
  } catch {
    // Storage may be forbidden; then the system decides.
  }
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.theme = chosen || (dark ? "dark" : "light");
}
