/** Keys: what each does on this page. A part says which keys it answers to as long as it is shown. */

import { useEffect, useRef } from "./html.js";

const layers = [];
let first = "";
let forget = 0;

/** Have keys answered: `{ "j": [what it does, action] }`; "g r" is two keys, one after the other. */
export function useKeys(keys) {
  const layer = useRef({});
  layer.current.keys = keys;
  useEffect(() => {
    layers.push(layer.current);
    return () => layers.splice(layers.indexOf(layer.current), 1);
  }, []);
}

/** Every key that does something now, with what it does. */
export function keysNow() {
  const known = new Map();
  for (const { keys } of layers) for (const [key, [says]] of Object.entries(keys)) if (says) known.set(key, says);
  return [...known];
}

function actionOf(key) {
  for (let at = layers.length - 1; at >= 0; at -= 1) if (layers[at].keys[key]) return layers[at].keys[key][1];
  return null;
}

const isTyping = (target) => target.closest?.("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");

function answer(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (isTyping(event.target)) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  if (document.querySelector("dialog[open]") || (event.key === "Enter" && event.target.closest("a, button, summary"))) return;
  const action = (first && actionOf(`${first} ${event.key}`)) || actionOf(event.key);
  clearTimeout(forget);
  first = "";
  if (action) {
    event.preventDefault();
    action();
  } else if (event.key === "g") {
    first = "g";
    forget = setTimeout(() => (first = ""), 1500);
  }
}

addEventListener("keydown", answer);
