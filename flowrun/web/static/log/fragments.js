/** A line of a log in pieces of one colour each. They become text nodes: nothing in a log is ever markup. */

import { html } from "../html.js";
import { piecesOf } from "./ansi.js";

/** Flowrun writes control characters out, as in \x1b; those that only colour are understood again. */
const WRITTEN_COLOUR = /\\x1b(\[[\d;]*m)/g;
const LONGEST = 2000;

function styleOf(piece) {
  const style = {};
  if (piece.colour) style.color = piece.colour;
  if (piece.ground) Object.assign(style, { background: piece.ground, color: "var(--panel)" });
  if (piece.bold) style.fontWeight = "650";
  if (piece.italic) style.fontStyle = "italic";
  if (piece.underline) style.textDecoration = "underline";
  if (piece.faint) style.opacity = "0.75";
  return style;
}

/** The text with every place marked where what is searched for stands. */
function marked(text, wanted) {
  if (!wanted) return text;
  const parts = [];
  const lower = text.toLowerCase();
  let from = 0;
  for (let at = lower.indexOf(wanted); at >= 0; at = lower.indexOf(wanted, from)) {
    parts.push(text.slice(from, at), html`<mark>${text.slice(at, at + wanted.length)}</mark>`);
    from = at + wanted.length;
  }
  return [...parts, text.slice(from)];
}

/** The text of a line; `isWhole` also beyond what anybody reads in a row. */
export function Fragments({ text, wanted = "", isWhole = false }) {
  const shown = isWhole || text.length <= LONGEST ? text : text.slice(0, LONGEST);
  return piecesOf(shown.replace(WRITTEN_COLOUR, "\x1b$1")).map((piece) => {
    const inside = marked(piece.text, wanted);
    const style = styleOf(piece);
    return Object.keys(style).length ? html`<span style=${style}>${inside}</span>` : inside;
  });
}

/** How many letters of a line are not in its row. */
export const beyond = (text) => Math.max(0, text.length - LONGEST);
