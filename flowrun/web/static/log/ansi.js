/** What a terminal would show: the text of a line in pieces, each with the look that escape sequences gave it. */

const SEQUENCE = /\x1b(?:\[([\d;:]*)m|\[[\d;:?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~])/;
const NAMES = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];
const PLAIN = { colour: "", ground: "", bold: false, faint: false, italic: false, underline: false };
const SWITCHES = {
  0: PLAIN, 1: { bold: true }, 2: { faint: true }, 3: { italic: true }, 4: { underline: true },
  22: { bold: false, faint: false }, 23: { italic: false }, 24: { underline: false }, 39: { colour: "" }, 49: { ground: "" },
};

/** Colours by name come from the theme, and others are drawn towards it, so that they can be read on light and dark. */
const named = (number) => `var(--ansi-${NAMES[number % 8]})`;
const mixed = (parts) => `color-mix(in oklab, rgb(${parts.map((one) => Math.min(255, one || 0)).join(",")}) 52%, var(--ink))`;

/** The colour that the codes after 38 or 48 say, which are taken away. */
function extended(codes) {
  const kind = codes.shift();
  if (kind === 2) return mixed([...codes.splice(0, 3), 0, 0, 0].slice(0, 3));
  const number = kind === 5 ? codes.shift() ?? 0 : 0;
  if (number < 16) return named(number);
  if (number > 231) return mixed(Array(3).fill(number * 10 - 2312));
  const cube = number - 16;
  return mixed([Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6].map((one) => one && one * 40 + 55));
}

function changed(look, text) {
  const codes = text.split(/[;:]/).map(Number);
  const next = { ...look };
  while (codes.length) {
    const code = codes.shift();
    const tens = Math.floor(code / 10);
    const part = [4, 10].includes(tens) ? "ground" : "colour";
    if (code === 38 || code === 48) next[part] = extended(codes);
    else if ([3, 4, 9, 10].includes(tens) && code % 10 < 8) next[part] = named(code % 10);
    else Object.assign(next, SWITCHES[code]);
  }
  return next;
}

/** Pieces `{ text, colour, ground, bold, faint, italic, underline }`; sequences that are no colours are left away. */
export function piecesOf(text) {
  const pieces = [];
  let look = PLAIN;
  let rest = text;
  for (let found = SEQUENCE.exec(rest); found; found = SEQUENCE.exec(rest)) {
    if (found.index) pieces.push({ ...look, text: rest.slice(0, found.index) });
    if (found[1] !== undefined) look = changed(look, found[1]);
    rest = rest.slice(found.index + found[0].length);
  }
  if (rest) pieces.push({ ...look, text: rest });
  return pieces;
}
