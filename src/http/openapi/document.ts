import type * as v from "valibot";
import type { Json, JsonObject } from "../../domain/json.ts";
import { VERSION } from "../../version.ts";
import { answersOf, isTagged } from "./answers.ts";
import {
  ANSWER_HEADERS,
  PROBLEM_ANSWERS,
  REQUEST_HEADERS,
  SECURITY_SCHEMES,
} from "./components.ts";
import { type Operation, TAGS } from "./operation.ts";
import { OPERATIONS } from "./operations.ts";
import { parametersOf } from "./parameters.ts";
import { createSchemas, type Schemas } from "./schemas.ts";

const ABOUT =
  "What the daemon knows and does, over HTTP. Times are ISO 8601 in UTC, lists come in pages, and anything but success is `application/problem+json` (RFC 9457).";

/** This API as OpenAPI 3.1. Made when it is first asked for: no start waits for it. */
export function openApiDocument(): JsonObject {
  made ??= makeDocument();
  return made;
}

let made: JsonObject | undefined;

function makeDocument(): JsonObject {
  const schemas = createSchemas(OPERATIONS.flatMap(schemasOf));
  const paths: Record<string, Record<string, Json>> = {};
  for (const operation of OPERATIONS) {
    const [method, path] = methodAndPath(operation);
    paths[path] = { ...paths[path], [method.toLowerCase()]: operationOf(operation, schemas) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "tocsin",
      version: VERSION,
      description: ABOUT,
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/", description: "The daemon that answered this." }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas: schemas.named,
      responses: PROBLEM_ANSWERS,
      headers: { ...ANSWER_HEADERS },
      securitySchemes: SECURITY_SCHEMES,
    },
  };
}

function schemasOf({ body, answers }: Operation): readonly v.GenericSchema[] {
  const answered = Object.values(answers).map(({ schema }) => schema);
  const headers = Object.values(REQUEST_HEADERS).map(({ schema }) => schema);
  return [body, ...answered, ...headers].filter((schema) => schema !== undefined);
}

function operationOf(operation: Operation, schemas: Schemas): JsonObject {
  const { id, tag, summary, isOpen, body, example } = operation;
  const headers = isTagged(operation) ? (["If-None-Match"] as const) : [];
  const all = { ...operation, headers: [...(operation.headers ?? []), ...headers] };
  const parameters = parametersOf(all, schemas);
  return {
    operationId: id,
    tags: [tag],
    summary: sentence(summary),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: bodyOf(schemas.of(body), example.body) }),
    responses: answersOf(all, schemas),
    security: isOpen === true ? [] : securityOf(operation),
    "x-tocsin-example": exampleOf(operation),
  };
}

function sentence(summary: string): string {
  return `${summary.charAt(0).toUpperCase()}${summary.slice(1)}`;
}

function bodyOf(schema: JsonObject, example: Json | undefined): JsonObject {
  const required = Array.isArray(schema["required"]) && schema["required"].length > 0;
  const shown = example === undefined ? {} : { example };
  return { required, content: { "application/json": { schema, ...shown } } };
}

/** One of them; the name in it is the scope that is needed. */
function securityOf({ route }: Operation): Json {
  const scope = route.startsWith("GET ") ? "read" : "write";
  return [{ bearer: [scope] }, { cookie: [scope] }];
}

/** A request that a test sends, and the status that comes. */
function exampleOf(operation: Operation): JsonObject {
  const { answers, example } = operation;
  const [method, path] = methodAndPath(operation);
  const [first = ""] = Object.keys(answers);
  return {
    method,
    path: example.path ?? path,
    ...(example.body === undefined ? {} : { body: example.body }),
    status: example.status ?? Number(first),
  };
}

function methodAndPath({ route }: Operation): readonly [string, string] {
  const [method = "", path = ""] = route.split(" ");
  return [method, path];
}
