/** A field to search in; the key / goes there. */

import { html, useRef } from "./html.js";
import { useKeys } from "./keyboard.js";

export function Search({ says, value, onText }) {
  const field = useRef();
  useKeys({ "/": ["search", () => field.current.select()] });
  return html`<input type="search" ref=${field} aria-label=${says} placeholder=${says} value=${value} spellcheck=${false} onInput=${(event) => onText(event.target.value)} />`;
}
