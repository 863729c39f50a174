import type { Json, JsonObject } from "../../domain/json.ts";
import { html, inlineText, type Markup, NOTHING } from "./markup.ts";
import { fieldsMarkup, notesMarkup, typeMarkup } from "./schema-markup.ts";

/** An operation with where it is asked. */
export interface Placed {
  readonly method: string;
  readonly path: string;
  readonly operation: JsonObject;
}

/** One operation: what it takes and what it answers, with an anchor of its own. */
export function operationMarkup({ method, path, operation }: Placed): Markup {
  const { operationId, summary, parameters, requestBody, responses } = operation;
  const id = String(operationId);
  return html`<article id="${id}">
<h3><a href="#${id}"><b class="${method}">${method}</b> <code>${path}</code></a></h3>
<p>${inlineText(String(summary))}. ${needsMarkup(operation)}</p>
${parametersMarkup((parameters ?? []) as readonly JsonObject[])}
${requestBody === undefined ? NOTHING : bodyMarkup(requestBody as JsonObject)}
${exampleMarkup(operation["x-tocsin-example"] as JsonObject)}
${answersMarkup(responses as Readonly<Record<string, JsonObject>>)}
</article>
`;
}

function needsMarkup({ security }: JsonObject): Markup {
  const [first] = security as readonly { readonly bearer: readonly string[] }[];
  if (first === undefined) return html`Anybody may ask.`;
  return html`Needs scope <code>${first.bearer.join("")}</code>.`;
}

function parametersMarkup(parameters: readonly JsonObject[]): Markup {
  if (parameters.length === 0) return NOTHING;
  return html`<table>
<thead><tr><th scope="col">parameter</th><th scope="col">type</th><th scope="col">notes</th></tr></thead>
<tbody>${parameters.map((parameter) => {
    const schema = parameter["schema"] as JsonObject;
    return html`
<tr><th scope="row"><code>${String(parameter["name"])}</code> <i>${String(parameter["in"])}</i></th><td>${typeMarkup(schema)}</td><td>${inlineText(String(parameter["description"]))} ${notesMarkup(schema)}</td></tr>`;
  })}
</tbody>
</table>`;
}

function bodyMarkup(body: JsonObject): Markup {
  const schema = schemaIn(body);
  const fields = Object.keys((schema?.["properties"] ?? {}) as JsonObject);
  if (schema === undefined || fields.length === 0) return NOTHING;
  return html`<h4>Body</h4>${fieldsMarkup(schema)}`;
}

function schemaIn({ content = {} }: JsonObject): JsonObject | undefined {
  const [media] = Object.values(content as Readonly<Record<string, { schema?: JsonObject }>>);
  return media?.schema;
}

/** The request of the document, as curl sends it. */
function exampleMarkup({ method, path, body }: JsonObject): Markup {
  const asked = method === "GET" ? "" : ` -X ${String(method)}`;
  const type =
    method === "GET" || method === "DELETE" ? "" : " -H 'content-type: application/json'";
  const sent = body === undefined ? "" : ` -d '${JSON.stringify(body)}'`;
  return html`<pre><code>curl${asked}${type}${sent} 'http://127.0.0.1:8627${String(path)}'</code></pre>`;
}

function answersMarkup(responses: Readonly<Record<string, JsonObject>>): Markup {
  const all = Object.entries(responses);
  const problems = all.filter(([, answer]) => answer["$ref"] !== undefined);
  const own = all.filter(([, answer]) => answer["$ref"] === undefined);
  return html`<h4>Answers</h4>
<dl>${own.map(([status, answer]) => answerMarkup(status, answer))}</dl>
<p class="problems">Problems: ${problems.map(([status]) => html`<code>${status}</code> `)}as <a href="#schema-Problem">Problem</a>.</p>`;
}

function answerMarkup(status: string, answer: JsonObject): Markup {
  const types = Object.keys((answer["content"] ?? {}) as JsonObject).join(", ");
  const headers = Object.keys((answer["headers"] ?? {}) as JsonObject);
  const schema = schemaIn(answer);
  return html`
<dt><code>${status}</code></dt>
<dd>${inlineText(String(answer["description"]))} ${types === "" ? NOTHING : html`<i>${types}</i>`} ${shapeMarkup(schema)}${headers.map((name) => html` <code>${name}</code>`)}</dd>`;
}

function shapeMarkup(schema: JsonObject | undefined): Markup {
  if (schema === undefined || schema["type"] === "string") return NOTHING;
  const { properties } = schema as { readonly properties?: Readonly<Record<string, Json>> };
  return properties === undefined ? typeMarkup(schema) : fieldsMarkup(schema);
}
