import type { Json, JsonObject } from "../../domain/json.ts";
import { html, inlineText, type Markup, NOTHING } from "./markup.ts";

/** A schema with a name: its fields in a table. */
export function schemaMarkup(name: string, schema: JsonObject): Markup {
  return html`<article id="schema-${name}">
<h3><a href="#schema-${name}">${name}</a></h3>
${schema["properties"] === undefined ? html`<p>${typeMarkup(schema)}</p>` : fieldsMarkup(schema)}
</article>
`;
}

/** The fields of an object in a table; of anything else, its type. */
export function fieldsMarkup(schema: JsonObject): Markup {
  const properties = Object.entries(
    (schema["properties"] ?? {}) as Readonly<Record<string, JsonObject>>,
  );
  if (properties.length === 0) return html`<p>${typeMarkup(schema)}</p>`;
  const required = (schema["required"] ?? []) as readonly string[];
  return html`<table>
<thead><tr><th scope="col">field</th><th scope="col">type</th><th scope="col">notes</th></tr></thead>
<tbody>${properties.map(
    ([name, property]) => html`
<tr><th scope="row"><code>${name}</code>${required.includes(name) ? NOTHING : html` <i>optional</i>`}</th><td>${typeMarkup(property)}</td><td>${notesMarkup(property)}</td></tr>`,
  )}
</tbody>
</table>`;
}

/** `text`, `list of Run`, `one of …`: with links to what has a name. */
export function typeMarkup(schema: JsonObject): Markup {
  const { $ref, items, anyOf, oneOf } = schema;
  if (typeof $ref === "string") return linkMarkup($ref);
  const choices = (anyOf ?? oneOf) as readonly JsonObject[] | undefined;
  if (choices !== undefined) return joined(choices.map(typeMarkup), " or ");
  if (schema["enum"] !== undefined)
    return joined((schema["enum"] as readonly Json[]).map(code), ", ");
  if (schema["const"] !== undefined) return code(schema["const"]);
  if (items !== undefined) return html`list of ${typeMarkup(items as JsonObject)}`;
  return html`${wordOf(schema)}`;
}

/** What is said of a schema besides its type. */
export function notesMarkup(schema: JsonObject): Markup {
  const { description, minimum, maximum, maxLength, examples } = schema;
  const notes = [
    typeof description === "string" ? inlineText(description) : NOTHING,
    minimum === undefined || maximum === undefined
      ? NOTHING
      : html`${Number(minimum)} to ${Number(maximum)}.`,
    maxLength === undefined ? NOTHING : html`At most ${Number(maxLength)} characters.`,
    schema["default"] === undefined ? NOTHING : html`${code(schema["default"])} by default.`,
    examples === undefined
      ? NOTHING
      : html`Such as ${joined((examples as readonly Json[]).map(code), ", ")}.`,
    nestedMarkup(schema),
  ];
  return joined(
    notes.filter(({ text }) => text !== ""),
    " ",
  );
}

/** The fields of an object that has no name of its own, or of each of a list of them. */
function nestedMarkup({ items, ...schema }: JsonObject): Markup {
  const nested = items === undefined ? schema : (items as JsonObject);
  if (nested["properties"] === undefined) return NOTHING;
  return html`<details><summary>fields</summary>${fieldsMarkup(nested)}</details>`;
}

function linkMarkup(reference: string): Markup {
  const name = reference.split("/").at(-1) ?? "";
  return html`<a href="#schema-${name}">${name}</a>`;
}

const WORDS: Readonly<Record<string, string>> = {
  ...{ string: "text", integer: "whole number", boolean: "true or false" },
  ...{ "date-time": "time", uuid: "id" },
};

function wordOf({ type, format }: JsonObject): string {
  if (type === undefined) return "any JSON";
  return WORDS[String(format)] ?? WORDS[String(type)] ?? String(type);
}

function code(value: Json): Markup {
  return html`<code>${typeof value === "string" ? value : JSON.stringify(value)}</code>`;
}

function joined(parts: readonly Markup[], between: string): Markup {
  return { text: parts.map(({ text }) => text).join(between) };
}
