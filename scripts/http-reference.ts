import type { Json, JsonObject } from "../src/domain/json.ts";
import { openApiDocument } from "../src/http/openapi/document.ts";

export const REFERENCE_PATH = "docs/http-api.md";

interface Placed {
  readonly route: string;
  readonly operation: JsonObject;
}

/** The paper with what it says of routes and fields written anew from the API's own document. */
export function withReference(paper: string): string {
  const document = openApiDocument();
  const operations = operationsOf(document);
  const { schemas } = document["components"] as {
    readonly schemas: Readonly<Record<string, JsonObject>>;
  };
  const reference = [
    ...operations.map(operationText),
    "### Schemas",
    ...Object.entries(schemas).map(([name, schema]) => schemaText(name, schema)),
  ];
  const tabled = replaced(paper, "routes", routesTable(operations));
  return replaced(tabled, "reference", reference.join("\n\n"));
}

/** What stands between `<!-- name -->` and `<!-- /name -->`. */
function replaced(paper: string, name: string, text: string): string {
  const [before, rest] = paper.split(`<!-- ${name} -->`);
  const [, after] = (rest ?? "").split(`<!-- /${name} -->`);
  if (before === undefined || after === undefined) {
    throw new Error(`Cannot write ${REFERENCE_PATH}: it has no place for ${name}`);
  }
  return `${before}<!-- ${name} -->\n\n${text}\n\n<!-- /${name} -->${after}`;
}

function operationsOf(document: JsonObject): readonly Placed[] {
  const paths = document["paths"] as Readonly<Record<string, Readonly<Record<string, JsonObject>>>>;
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      route: `${method.toUpperCase()} ${path}`,
      operation,
    })),
  );
}

function routesTable(operations: readonly Placed[]): string {
  const rows = operations.map(({ route, operation }) => {
    const example = operation["x-tocsin-example"] as JsonObject;
    const { method, path, body, status } = example;
    const sent = body === undefined ? "" : ` ${JSON.stringify(body)}`;
    const request = `\`${String(method)} ${String(path)}${sent}\``;
    return [`\`${route}\``, lowered(String(operation["summary"])), request, String(status)];
  });
  return tableOf([["route", "what it does", "example", "status"], ...rows]);
}

/** Aligned, as the formatter wants it. */
function tableOf(rows: readonly (readonly string[])[]): string {
  const [head = []] = rows;
  const widths = head.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) => {
    const cells = row.map((cell, column) => cell.padEnd(widths[column] ?? 0));
    return `| ${cells.join(" | ")} |`;
  });
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  return [lines[0], rule, ...lines.slice(1)].join("\n");
}

function operationText({ route, operation }: Placed): string {
  const { summary, parameters = [], requestBody, responses, security } = operation;
  const [needs] = security as readonly { readonly bearer: readonly string[] }[];
  const access =
    needs === undefined ? "Anybody may ask." : `Needs scope \`${needs.bearer.join("")}\`.`;
  const body = schemaIn(requestBody as JsonObject | undefined);
  const fields = Object.keys((body?.["properties"] ?? {}) as JsonObject);
  return [
    `### ${route}`,
    "",
    `${String(summary)}. ${access}`,
    "",
    ...(parameters as readonly JsonObject[]).map(parameterLine),
    ...(body === undefined || fields.length === 0
      ? []
      : fieldLines(body).map((line) => `- body: ${line}`)),
    ...answerLines(responses as Readonly<Record<string, JsonObject>>),
  ].join("\n");
}

function parameterLine(parameter: JsonObject): string {
  const schema = parameter["schema"] as JsonObject;
  const notes = [String(parameter["description"]), notesOf(schema)].filter((note) => note !== "");
  return `- ${String(parameter["in"])}: \`${String(parameter["name"])}\`, ${typeOf(schema)}: ${notes.join(" ")}`;
}

function answerLines(responses: Readonly<Record<string, JsonObject>>): readonly string[] {
  const all = Object.entries(responses);
  const own = all
    .filter(([, answer]) => answer["$ref"] === undefined)
    .map(([status, answer]) => {
      const types = Object.keys((answer["content"] ?? {}) as JsonObject).filter(
        (type) => type !== "application/json",
      );
      const headers = Object.keys((answer["headers"] ?? {}) as JsonObject);
      const schema = schemaIn(answer);
      const said = [
        String(answer["description"]),
        types.length === 0 ? "" : `As ${types.join(" or ")}.`,
        schema === undefined || schema["type"] === "string" ? "" : `${shapeOf(schema)}.`,
        headers.length === 0 ? "" : `Headers: ${headers.map((name) => `\`${name}\``).join(", ")}.`,
      ];
      return `- \`${status}\`: ${said.filter((part) => part !== "").join(" ")}`;
    });
  const problems = all.filter(([, answer]) => answer["$ref"] !== undefined);
  return [...own, `- problems: ${problems.map(([status]) => `\`${status}\``).join(", ")}`];
}

function schemaIn(part: JsonObject | undefined): JsonObject | undefined {
  const content = part?.["content"] as
    | Readonly<Record<string, { schema?: JsonObject }>>
    | undefined;
  return Object.values(content ?? {}).find(({ schema }) => schema?.["type"] !== "string")?.schema;
}

function shapeOf(schema: JsonObject): string {
  const properties = schema["properties"] as Readonly<Record<string, JsonObject>> | undefined;
  if (properties === undefined) return typeOf(schema);
  const fields = Object.entries(properties).map(
    ([name, field]) => `\`${name}\` (${typeOf(field)})`,
  );
  return `An object: ${fields.join(", ")}`;
}

function schemaText(name: string, schema: JsonObject): string {
  const properties = Object.keys((schema["properties"] ?? {}) as JsonObject);
  const lines = properties.length === 0 ? [typeOf(schema)] : fieldLines(schema);
  return [`#### ${name}`, "", ...lines.map((line) => `- ${line}`)].join("\n");
}

function fieldLines(schema: JsonObject): readonly string[] {
  const required = (schema["required"] ?? []) as readonly string[];
  const properties = schema["properties"] as Readonly<Record<string, JsonObject>>;
  return Object.entries(properties).map(([name, field]) => {
    const optional = required.includes(name) ? "" : ", optional";
    const notes = notesOf(field);
    const inner = innerOf(field);
    return `\`${name}\`${optional}, ${typeOf(field)}${inner}${notes === "" ? "" : `: ${notes}`}`;
  });
}

/** The fields of an object that has no name of its own, or of each of a list of them. */
function innerOf({ items, ...field }: JsonObject): string {
  const { properties } = items === undefined ? field : (items as JsonObject);
  if (properties === undefined) return "";
  const names = Object.keys(properties as JsonObject).map((name) => `\`${name}\``);
  return ` with ${names.join(", ")}`;
}

const WORDS: Readonly<Record<string, string>> = {
  ...{ string: "text", integer: "whole number", boolean: "true or false" },
  ...{ "date-time": "time", uuid: "id" },
};

function typeOf(schema: JsonObject): string {
  const { $ref, items, anyOf, oneOf, type, format } = schema;
  if (typeof $ref === "string") {
    const name = $ref.split("/").at(-1) ?? "";
    return `[${name}](#${name.toLowerCase()})`;
  }
  const choices = (anyOf ?? oneOf) as readonly JsonObject[] | undefined;
  if (choices !== undefined) return choices.map(typeOf).join(" or ");
  if (schema["enum"] !== undefined) return (schema["enum"] as readonly Json[]).map(code).join(", ");
  if (schema["const"] !== undefined) return code(schema["const"]);
  if (items !== undefined) return `list of ${typeOf(items as JsonObject)}`;
  if (type === undefined) return "any JSON";
  return WORDS[String(format)] ?? WORDS[String(type)] ?? String(type);
}

function notesOf(schema: JsonObject): string {
  const { description = "", minimum, maximum, maxLength, examples } = schema;
  const notes = [
    String(description),
    minimum === undefined || maximum === undefined
      ? ""
      : `${String(minimum)} to ${String(maximum)}.`,
    maxLength === undefined ? "" : `At most ${String(maxLength)} characters.`,
    schema["default"] === undefined ? "" : `${code(schema["default"])} by default.`,
    examples === undefined ? "" : `Such as ${(examples as readonly Json[]).map(code).join(", ")}.`,
  ];
  return notes.filter((note) => note !== "").join(" ");
}

function code(value: Json): string {
  return `\`${typeof value === "string" ? value : JSON.stringify(value)}\``;
}

function lowered(text: string): string {
  return `${text.charAt(0).toLowerCase()}${text.slice(1)}`;
}
