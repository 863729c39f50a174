import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import type { Json, JsonObject } from "../../src/domain/json.ts";
import { openApiDocument } from "../../src/http/openapi/document.ts";

export interface ApiOperation {
  readonly id: string;
  /** `GET /api/runs/{run}` */
  readonly route: string;
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly ApiParameter[];
  /** JSON Schema of the body, where there is one. */
  readonly body: JsonObject | undefined;
  readonly example: {
    readonly method: string;
    readonly path: string;
    readonly body?: Json;
    readonly status: number;
  };
  /** The statuses that the document says it may answer. */
  readonly statuses: readonly number[];
  readonly isOpen: boolean;
}

export interface ApiParameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly schema: JsonObject;
}

interface RawOperation {
  readonly operationId: string;
  readonly parameters?: readonly ApiParameter[];
  readonly requestBody?: {
    readonly content: { readonly "application/json": { readonly schema: JsonObject } };
  };
  readonly responses: Readonly<Record<string, JsonObject>>;
  readonly security: readonly Json[];
  readonly "x-tocsin-example": ApiOperation["example"];
}

type Paths = Readonly<Record<string, Readonly<Record<string, RawOperation>>>>;

export const API_DOCUMENT = openApiDocument();

export const API_OPERATIONS: readonly ApiOperation[] = Object.entries(
  API_DOCUMENT["paths"] as unknown as Paths,
).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, raw]) => operationOf(method.toUpperCase(), path, raw)),
);

function operationOf(method: string, path: string, raw: RawOperation): ApiOperation {
  return {
    ...{ id: raw.operationId, method, path, route: `${method} ${path}` },
    parameters: raw.parameters ?? [],
    body: raw.requestBody?.content["application/json"].schema,
    example: raw["x-tocsin-example"],
    statuses: Object.keys(raw.responses).map(Number),
    isOpen: raw.security.length === 0,
  };
}

export function operationNamed(id: string): ApiOperation {
  const found = API_OPERATIONS.find((one) => one.id === id);
  if (found === undefined) throw new Error(`The document has no operation ${id}`);
  return found;
}

/** What was answered, read to its end. */
export interface ReadAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** What an answer has that the document does not say, or lacks that it does; empty where it is as it says. */
export function faultsOf(operation: ApiOperation, answer: ReadAnswer): readonly string[] {
  const { status, text } = answer;
  const type = (answer.headers.get("content-type") ?? "").replace(/;.*/, "");
  const where = `${operation.route} answered ${status} ${type}`;
  const spec = specOf(operation, status);
  if (spec === undefined) return [`${where}: the document knows no such status: ${text}`];
  const content = (spec["content"] ?? {}) as Readonly<Record<string, unknown>>;
  if (Object.keys(content).length === 0) {
    return text === "" ? [] : [`${where}: there is to be no body`];
  }
  if (content[type] === undefined) return [`${where}: the document knows no such type`];
  const missing = Object.keys((spec["headers"] ?? {}) as JsonObject)
    .filter((name) => ALWAYS.has(name) && !answer.headers.has(name))
    .map((name) => `${where}: without ${name}`);
  if (!type.includes("json")) return missing;
  const documents = type === "application/x-ndjson" ? text.trim().split("\n") : [text];
  return [
    ...missing,
    ...documents.flatMap((one) => bodyFaults(operation, { status, type, text: one })),
  ];
}

/** The others come only where there is something for them to say. */
const ALWAYS: ReadonlySet<string> = new Set([
  "ETag",
  "Location",
  "Set-Cookie",
  "Tocsin-Copy-Bytes",
]);

function specOf({ path, method }: ApiOperation, status: number): JsonObject | undefined {
  const raw = (CLOSED["paths"] as unknown as Paths)[path]?.[method.toLowerCase()];
  const spec = raw?.responses[String(status)];
  if (typeof spec?.["$ref"] !== "string") return spec;
  const { responses } = CLOSED["components"] as {
    readonly responses: Readonly<Record<string, JsonObject>>;
  };
  return responses[spec["$ref"].split("/").at(-1) ?? ""];
}

interface Body {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

function bodyFaults(operation: ApiOperation, { status, type, text }: Body): readonly string[] {
  const pointer =
    type === "application/problem+json"
      ? "/components/schemas/Problem"
      : [
          ...["", "paths", operation.path, operation.method.toLowerCase(), "responses"],
          ...[String(status), "content", type, "schema"],
        ]
          .map((part) => part.replaceAll("~", "~0").replaceAll("/", "~1"))
          .join("/");
  const validate = validatorOf(pointer);
  if (validate(JSON.parse(text))) return [];
  const reasons = validate.errors?.map(({ instancePath, message, params }) =>
    [instancePath, message, JSON.stringify(params)].join(" "),
  );
  return [`${operation.route} ${status}: ${reasons?.join("; ")}: ${text.slice(0, 500)}`];
}

/** The document with answers that may hold nothing but what it says: what it leaves out is found. */
const CLOSED = closed(structuredClone(API_DOCUMENT)) as JsonObject;
const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats(ajv);
ajv.addSchema(CLOSED, "api");
const VALIDATORS = new Map<string, ReturnType<typeof ajv.compile>>();

function validatorOf(pointer: string) {
  const known = VALIDATORS.get(pointer);
  if (known !== undefined) return known;
  const made = ajv.compile({ $ref: `api#${encodeURI(pointer)}` });
  VALIDATORS.set(pointer, made);
  return made;
}

function closed(value: Json): Json {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== "object" || value === null) return value;
  const parts = Object.entries(value).map(([key, part]) => [key, closed(part)]);
  const isOpen = "properties" in value && "type" in value && !("additionalProperties" in value);
  return { ...Object.fromEntries(parts), ...(isOpen ? { additionalProperties: false } : {}) };
}
