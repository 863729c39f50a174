import type { HonoRequest } from "hono";
import * as v from "valibot";
import { Problem, quoted } from "./problems.ts";

export const BODY_MAX_BYTES = 1_048_576;
const DEPTH_MAX = 64;

/** Of what needs nothing but to be asked. */
export const NoBody = v.strictObject({});

/** Reads the body as JSON of one schema; an empty body is an empty object. */
export async function readBody<Schema extends v.GenericSchema>(
  request: HonoRequest,
  schema: Schema,
): Promise<v.InferOutput<Schema>> {
  const parsed = v.safeParse(schema, parseJson(await readText(request)), { abortEarly: true });
  if (parsed.success) return parsed.output;
  throw badField("body", parsed.issues[0]);
}

/** The problem that names the first field that does not fit, without showing what was in it. */
function badField(part: string, issue: v.BaseIssue<unknown>): Problem {
  const path = v.getDotPath(issue) ?? "";
  const where = path === "" ? part : `${part} field ${quoted(path)}`;
  return new Problem(400, `Cannot read ${where}: ${reasonOf(issue)}`, { field: path });
}

function reasonOf(issue: v.BaseIssue<unknown>): string {
  if (issue.type === "strict_object" && issue.expected === "never") return "there is no such field";
  if (issue.type !== "custom" && issue.kind === "schema" && issue.expected !== null)
    return `expected ${issue.expected}`;
  return issue.message;
}

/** Refuses a body that says itself that it is too large, before any of it is read or looked for. */
export function checkLength(request: HonoRequest): void {
  const length = request.header("content-length");
  if (length !== undefined && Number(length) > BODY_MAX_BYTES) throw tooLarge();
}

function parseJson(text: string): unknown {
  if (text.trim() === "") return {};
  const value = tryJson(text);
  // What the parser says would repeat the body, which may hold secrets.
  if (value === undefined) throw new Problem(400, "Cannot read body: it is not JSON");
  if (isDeeper(value, DEPTH_MAX)) {
    throw new Problem(400, `Cannot read body: it is nested deeper than ${DEPTH_MAX} levels`);
  }
  return value;
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (levels === 0) return true;
  return Object.values(value).some((part) => isDeeper(part, levels - 1));
}

async function readText(request: HonoRequest): Promise<string> {
  const length = request.header("content-length");
  try {
    if (length !== undefined || request.raw.body === null) return await request.text();
    return await readStream(request.raw.body);
  } catch (error) {
    if (error instanceof Problem) throw error;
    const cut = new Problem(400, "Cannot read body: the connection was closed before its end");
    cut.cause = error;
    throw cut;
  }
}

/** A body of unknown length: counted while it comes, so that it is never held whole when it is too large. */
async function readStream(body: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > BODY_MAX_BYTES) throw tooLarge();
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function tooLarge(): Problem {
  return new Problem(413, `Cannot read body: it is larger than ${BODY_MAX_BYTES} bytes`);
}
