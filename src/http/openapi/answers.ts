import type { JsonObject } from "../../domain/json.ts";
import type { AnswerHeader, AnswerSpec, Operation } from "./operation.ts";
import type { Schemas } from "./schemas.ts";

const JSON_TYPE = "application/json";

/** All that can come of an operation, by status. */
export function answersOf(operation: Operation, schemas: Schemas): JsonObject {
  const own = Object.entries(operation.answers).map(([status, answer]) => [
    status,
    answerOf(answer, { schemas, headers: headersOf(operation, answer) }),
  ]);
  const problems = problemsOf(operation).map((status) => [
    status,
    { $ref: `#/components/responses/Problem${status}` },
  ]);
  return Object.fromEntries([
    ...own,
    ...(own.some(() => isTagged(operation)) ? [["304", UNCHANGED]] : []),
    ...problems,
  ]) as JsonObject;
}

const UNCHANGED = { description: "It is what you have: no body." };

/** Whether its answers have a tag by which a client asks whether they are still the same. */
export function isTagged({ route, answers }: Operation): boolean {
  const { schema, type } = answers[200] ?? {};
  return route.startsWith("GET ") && schema !== undefined && type === undefined;
}

function headersOf(operation: Operation, { headers = [] }: AnswerSpec): readonly AnswerHeader[] {
  const own = operation.isOpen === true ? headers : [...headers, "Tocsin-Scope" as const];
  return isTagged(operation) ? ["ETag", ...own] : own;
}

interface AnswerParts {
  readonly schemas: Schemas;
  readonly headers: readonly AnswerHeader[];
}

function answerOf({ text, schema, type }: AnswerSpec, parts: AnswerParts): JsonObject {
  const headers = parts.headers.map((name) => [name, { $ref: `#/components/headers/${name}` }]);
  const isEmpty = schema === undefined && type === undefined;
  const types = (type ?? JSON_TYPE).split(", ");
  return {
    description: text,
    ...(headers.length === 0 ? {} : { headers: Object.fromEntries(headers) as JsonObject }),
    ...(isEmpty ? {} : { content: contentOf(types, schema, parts.schemas) }),
  };
}

function contentOf(
  types: readonly string[],
  schema: AnswerSpec["schema"],
  schemas: Schemas,
): JsonObject {
  const media = types.map((type) => {
    if (schema !== undefined && /json/.test(type)) return [type, { schema: schemas.of(schema) }];
    return [type, { schema: type.startsWith("text/") ? { type: "string" } : {} }];
  });
  return Object.fromEntries(media) as JsonObject;
}

/** Its own, and what any route may answer that is asked in the same way. */
function problemsOf(operation: Operation): readonly number[] {
  const { route, isOpen, query, body, problems = [] } = operation;
  const isWrite = !route.startsWith("GET ");
  const all: number[] = [...problems, 403, 421, 500];
  if (isOpen === undefined) all.push(401, 429);
  const isRead = query !== undefined || body !== undefined || hasReadHeader(operation);
  if (isRead) all.push(400);
  if (isWrite && !route.startsWith("DELETE ")) all.push(413, 415);
  return [...new Set(all)].toSorted((one, other) => one - other);
}

/** Whether a header of it may not fit: whatever else is sent in one is taken as it is. */
function hasReadHeader({ headers = [] }: Operation): boolean {
  return headers.includes("Idempotency-Key") || headers.includes("Last-Event-ID");
}
