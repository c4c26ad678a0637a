/** A line of a log in pieces of one colour each. They become text nodes: nothing in a log is ever markup. */

import { html } from "../html.js";
import { AnsiUp } from "../vendor/ansi_up.js";

/** Flowrun writes control characters out, as in \x1b; those that only colour are understood again. */
const WRITTEN_COLOUR = /\\x1b(\[[\d;]*m)/g;
const LONGEST = 2000;

/** Gives pieces in place of markup. */
class Pieces extends AnsiUp {
  found = [];

  transform_to_html(piece) {
    if (piece.text) this.found.push({ ...piece });
    return "";
  }

  process_hyperlink(link) {
    this.found.push({ text: link.text, bold: false, faint: false, italic: false, underline: false, fg: null, bg: null });
    return "";
  }
}

export function piecesOf(text) {
  if (!text.includes("\x1b") && !text.includes("\\x1b[")) return [{ text }];
  const pieces = new Pieces();
  pieces.ansi_to_html(text.replace(WRITTEN_COLOUR, "\x1b$1"));
  return pieces.found;
}

/** Colours by name come from the theme, and others are drawn towards it, so that they can be read on light and dark. */
function colourOf(colour) {
  return colour.class_name === "truecolor" ? `color-mix(in oklab, rgb(${colour.rgb.join(",")}) 52%, var(--ink))` : `var(--${colour.class_name.replace("-bright", "")})`;
}

function styleOf(piece) {
  const style = {};
  if (piece.fg) style.color = colourOf(piece.fg);
  if (piece.bg) Object.assign(style, { background: colourOf(piece.bg), color: "var(--panel)" });
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
  return piecesOf(shown).map((piece) => {
    const inside = marked(piece.text, wanted);
    return piece.fg || piece.bg || piece.bold || piece.italic || piece.underline || piece.faint ? html`<span style=${styleOf(piece)}>${inside}</span>` : inside;
  });
}

/** How many letters of a line are not in its row. */
export const beyond = (text) => Math.max(0, text.length - LONGEST);
