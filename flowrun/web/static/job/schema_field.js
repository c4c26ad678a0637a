/** A field of a form, made from the JSON Schema of a parameter or variable. */

import { html } from "../html.js";

/** What a parameter may be beside its own type, in a job file: an expression. */
const EXPRESSION = "\\$(ENV";

/** The part of a schema that says what may be entered, with references looked up. */
function meant(schema, whole) {
  if (schema.$ref) return meant({ ...at(whole, schema.$ref), ...schema, $ref: undefined }, whole);
  const choices = schema.anyOf ?? schema.oneOf;
  const some = choices?.filter((one) => one.type !== "null" && !one.pattern?.startsWith(EXPRESSION));
  return some?.length === 1 ? meant({ ...schema, ...some[0], anyOf: undefined, oneOf: undefined }, whole) : schema;
}

const at = (whole, reference) => reference.split("/").slice(1).reduce((tree, key) => tree?.[key], whole) ?? {};

/** What was typed, as the value that the schema wants; text that cannot be read as JSON is an error. */
export function valueOf(schema, whole, text) {
  const kind = meant(schema, whole);
  if (kind.type === "string" || kind.enum?.every((one) => typeof one === "string")) return text;
  try {
    return JSON.parse(text);
  } catch {
    if (!kind.type) return text;
    const wanted = { integer: "a whole number", number: "a number", boolean: "true or false", array: "a list, as in [1, 2]", object: 'a mapping, as in {"a": 1}' }[kind.type];
    throw new Error(`must be ${wanted ?? "JSON"}`);
  }
}

const shown = (value) => (typeof value === "string" ? value : JSON.stringify(value));

function Entry({ kind, name, text, hint, onText }) {
  const common = { name, value: text ?? "", onInput: (event) => onText(event.target.value) };
  if (kind.enum) return html`<select ...${common}><option value="">${hint ? `as it is: ${hint}` : "choose"}</option>${kind.enum.map((one) => html`<option key=${shown(one)} value=${shown(one)} selected=${text === shown(one)}>${shown(one)}</option>`)}</select>`;
  if (kind.type === "boolean") return html`<select ...${common}><option value="">${hint ? `as it is: ${hint}` : "choose"}</option><option value="true" selected=${text === "true"}>true</option><option value="false" selected=${text === "false"}>false</option></select>`;
  if (kind.type === "array" || kind.type === "object") return html`<textarea rows="2" placeholder=${hint} spellcheck=${false} ...${common}></textarea>`;
  const type = kind.format === "date" ? "date" : "text";
  const mode = kind.type === "integer" ? "numeric" : kind.type === "number" ? "decimal" : null;
  return html`<input type=${type} inputmode=${mode} placeholder=${hint} spellcheck=${false} autocomplete="off" ...${common} />`;
}

export function SchemaField({ name, schema, whole, given, text, wrong, isRequired, onText }) {
  const kind = meant(schema, whole);
  const before = given !== undefined ? given : kind.default;
  const hint = before === undefined || before === null ? "" : shown(before);
  const type = kind.enum ? "" : kind.format ?? kind.type ?? "";
  return html`<label class="field"><span>${name}${isRequired && !hint && html`<span class="wrongly" title="needed"> *</span>`} <span class="faint">${type}</span></span>
    <${Entry} kind=${kind} name=${name} text=${text} hint=${hint} onText=${onText} />
    ${(wrong || kind.description) && html`<small class=${wrong ? "wrongly" : "faint"} role=${wrong ? "alert" : null}>${wrong || kind.description}</small>`}</label>`;
}
