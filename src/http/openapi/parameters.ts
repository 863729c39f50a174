import * as v from "valibot";
import type { Json, JsonObject } from "../../domain/json.ts";
import type { QuerySchema } from "../query-schema.ts";
import { REQUEST_HEADERS } from "./components.ts";
import type { Operation, RequestHeader } from "./operation.ts";
import type { Schemas } from "./schemas.ts";

const PLACES: Readonly<Record<string, string>> = {
  run: "A run's id, its first characters (6 or more), or its name.",
  flow: "The name of a flow.",
  delivery: "A delivery's id, or its first characters (6 or more).",
  backfill: "A backfill's id, or its first characters (6 or more).",
  hook: "A hook's key, or its name where only one has it.",
  type: "The type of a block.",
  name: "A name.",
};

/** What of an operation is in the address and in headers. */
export function parametersOf(
  { route, query, headers = [] }: Operation,
  schemas: Schemas,
): readonly Json[] {
  const places = [...route.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => pathParameter(name));
  const fields = Object.entries(query?.entries ?? {}).map(([name, field]) =>
    queryParameter(name, field),
  );
  return [...places, ...fields, ...headers.map((name) => headerParameter(name, schemas))];
}

function pathParameter(name: string): JsonObject {
  const description = PLACES[name] ?? "";
  return { name, in: "path", required: true, description, schema: { type: "string" } };
}

function queryParameter(name: string, field: QuerySchema["entries"][string]): JsonObject {
  const { text, sentAs, isRequired = false, isRepeated } = notesOf(field);
  // A list is sent in one piece, with commas, where names cannot have any.
  const style = sentAs["type"] === "array" ? { style: "form", explode: isRepeated === true } : {};
  return { name, in: "query", required: isRequired, description: text, schema: sentAs, ...style };
}

interface Notes {
  readonly text: string;
  readonly sentAs: JsonObject;
  readonly isRequired?: boolean;
  readonly isRepeated?: boolean;
}

/** What `field` of query-schema.ts and its kin noted. */
function notesOf(field: v.GenericSchema): Notes {
  const inner = "wrapped" in field && !("pipe" in field) ? field.wrapped : field;
  const {
    text = "",
    sentAs = {},
    ...more
  } = v.getMetadata(inner as v.GenericSchema) as Partial<Notes>;
  return { text, sentAs, ...more };
}

function headerParameter(name: RequestHeader, schemas: Schemas): JsonObject {
  const { description, schema } = REQUEST_HEADERS[name];
  return { name, in: "header", required: false, description, schema: schemas.of(schema) };
}
