/** Light or dark: what was chosen here, or else what the system wants. */

import { Signal } from "./signal.js";

const system = matchMedia("(prefers-color-scheme: dark)");
export const theme = new Signal(document.documentElement.dataset.theme);

function show(name) {
  document.documentElement.dataset.theme = name;
  theme.set(name);
}

function chosen() {
  try {
    return localStorage.getItem("flowrun.theme");
  } catch {
    return null;
  }
}

export function turnTheme() {
  show(theme.value === "dark" ? "light" : "dark");
  try {
    localStorage.setItem("flowrun.theme", theme.value);
  } catch {
    // It lasts until the page is left, then.
  }
}

system.addEventListener("change", () => chosen() || show(system.matches ? "dark" : "light"));
