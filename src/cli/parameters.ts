import { readFile } from "node:fs/promises";
import type { Json, JsonObject } from "../domain/json.ts";
import { CliFailure, EXIT } from "./failure.ts";
import { fileReason } from "./file-reason.ts";

export interface ParameterOptions {
  /** `key=value`, each. */
  readonly parameter: readonly string[];
  /** A JSON object, or `@file` that holds one. */
  readonly params?: string;
}

/** Collects a repeatable option. */
export function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

/** The parameters of a run: those of --params, each -p on top. */
export async function readParameters({ parameter, params }: ParameterOptions): Promise<JsonObject> {
  const base = params === undefined ? {} : objectOf(await textOf(params));
  return { ...base, ...Object.fromEntries(parameter.map(pairOf)) };
}

/** What a paused run is resumed with: an object as parameters are, any other JSON value, or nothing. */
export async function readInput(options: ParameterOptions): Promise<Json | undefined> {
  const { parameter, params } = options;
  if (parameter.length > 0) return await readParameters(options);
  if (params === undefined) return undefined;
  try {
    return JSON.parse(await textOf(params));
  } catch (cause) {
    if (cause instanceof CliFailure) throw cause;
    const failure = new CliFailure("Cannot read --params: it is not JSON", EXIT.usage);
    failure.cause = cause;
    throw failure;
  }
}

/** `k=v`: the value is JSON where it is JSON, and a text otherwise. */
function pairOf(text: string): [string, Json] {
  const at = text.indexOf("=");
  if (at > 0) return [text.slice(0, at), valueIn(text.slice(at + 1))];
  throw new CliFailure(`Cannot read parameter "${text}": expected key=value`, EXIT.usage);
}

function valueIn(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

async function textOf(params: string): Promise<string> {
  return params.startsWith("@") ? await readText(params.slice(1)) : params;
}

/** The text of a file that an argument names. */
export async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    const failure = new CliFailure(`Cannot read file "${path}": ${fileReason(cause)}`, EXIT.usage);
    failure.cause = cause;
    throw failure;
  }
}

function objectOf(text: string): JsonObject {
  const value = valueIn(text);
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return Object.fromEntries(Object.entries(value));
  }
  throw new CliFailure("Cannot read --params: expected a JSON object", EXIT.usage);
}
