import type { JsonText } from "../domain/json.ts";

/** What can be kept of a result. The note says why it is not kept, and what in it is to blame. */
export interface KeptResult {
  readonly result?: JsonText;
  readonly note?: string;
}

/** The JSON text of what a body answered; nothing for undefined. */
export function keepResult(value: unknown, bytesMax: number): KeptResult {
  if (value === undefined) return {};
  const text = textOf(value);
  if (text === undefined) {
    return { note: `Cannot keep the result: ${faultOf(value, "result", [])}` };
  }
  // UTF-16 units are at most bytes: a cheap first look, exact only where it matters.
  if (text.length * 3 > bytesMax && Buffer.byteLength(text) > bytesMax) {
    return { note: `Cannot keep the result: it has more than ${bytesMax} bytes` };
  }
  return { result: text };
}

/** What in a value JSON cannot hold, by its path; undefined when it can. */
export function jsonFault(value: unknown, path: string): string | undefined {
  return textOf(value) === undefined ? faultOf(value, path, []) : undefined;
}

function textOf(value: unknown): JsonText | undefined {
  try {
    // JSON.stringify answers undefined for functions and symbols, which its type does not say.
    return JSON.stringify(value) as JsonText | undefined;
  } catch {
    return undefined;
  }
}

function faultOf(value: unknown, path: string, above: readonly unknown[]): string {
  if (typeof value !== "object" || value === null) {
    const kind = typeof value === "bigint" ? "a BigInt" : `a ${typeof value}`;
    return `${path} is ${kind}, which JSON cannot hold`;
  }
  if (above.includes(value)) return `${path} is a circle: it holds itself`;
  const within = [...above, value];
  for (const [key, part] of Object.entries(value)) {
    if (textOf(part) === undefined && !leftOut(part)) {
      return faultOf(part, pathTo(path, value, key), within);
    }
  }
  return `${path} has a toJSON or a property that throws`;
}

/** JSON leaves these out inside objects without an error. */
function leftOut(part: unknown): boolean {
  return part === undefined || typeof part === "function" || typeof part === "symbol";
}

function pathTo(path: string, holder: object, key: string): string {
  if (Array.isArray(holder)) return `${path}[${key}]`;
  return /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(key) ? `${path}.${key}` : `${path}["${key}"]`;
}
