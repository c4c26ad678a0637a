/** The merged definition, line by line, with the place where each value was written. */

import { html, useState } from "../html.js";
import { Search } from "../search.js";

const isTree = (value) => value !== null && typeof value === "object" && Object.keys(value).length > 0;

/** A value as it stands in YAML. */
function scalar(value) {
  if (typeof value !== "string") return JSON.stringify(value);
  const isOther = value === "" || !Number.isNaN(Number(value)) || /^(true|false|null|~)$|^[^\w$./]|: | #|[\n\r\t]|[:\s]$/i.test(value);
  return isOther ? JSON.stringify(value) : value;
}

/** The lines of a tree: `{ path, indent, head, text }`. */
function linesOf(value, path, indent, head) {
  if (!isTree(value)) return [{ path, indent, head, text: scalar(value) }];
  const lines = head ? [{ path, indent, head, text: "" }] : [];
  const next = head ? indent + 1 : indent;
  const entries = Array.isArray(value) ? value.map((one, index) => [`${path}[${index}]`, "-", one]) : Object.entries(value).map(([key, one]) => [path ? `${path}.${key}` : key, `${scalar(key)}:`, one]);
  for (const [place, name, one] of entries) lines.push(...linesOf(one, place, next, name));
  return lines;
}

const placeOf = (origin) => `${origin.file}:${origin.line}`;

function Line({ line, origin }) {
  const over = origin?.overridden ?? [];
  return html`<tr id=${line.path}><td><code style=${{ paddingLeft: `${line.indent * 18}px` }}><span class="key">${line.head}</span>${line.text && html` <span class="scalar">${line.text}</span>`}</code></td>
    <td class="origin">${origin ? html`<span title=${`${placeOf(origin)}, column ${origin.column}`}>${placeOf(origin)}</span>` : line.text && html`<span class="faint">default</span>`}
      ${over.length > 0 && html`<span class="faint"> instead of ${over.map(placeOf).join(", ")}</span>`}</td></tr>`;
}

export function Definition({ answer }) {
  const [text, setText] = useState("");
  const origins = new Map(answer.origins.map((origin) => [origin.path, origin]));
  const wanted = text.toLowerCase();
  const all = linesOf(answer.definition, "", 0, "");
  const lines = all.filter((line) => `${line.path} ${line.text} ${origins.get(line.path)?.file ?? ""}`.toLowerCase().includes(wanted));
  return html`<div class="filters"><${Search} says="Search keys, values, files" value=${text} onText=${setText} /><span class="soft">${lines.length} of ${all.length} lines</span></div>
    <div class="scroll" tabindex="0" role="group" aria-label="Definition"><table class="definition"><thead><tr><th scope="col">After includes and variables</th><th scope="col">Written in</th></tr></thead>
      <tbody>${lines.map((line) => html`<${Line} key=${line.path} line=${line} origin=${origins.get(line.path)} />`)}</tbody></table></div>`;
}
