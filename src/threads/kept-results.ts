import type { KeptResult } from "../domain/executor.ts";
import type { JsonText } from "../domain/json.ts";

/** Finds what a call answered in an earlier attempt. */
export type FindKept = (call: Omit<KeptResult, "result">) => JsonText | undefined;

export function keptResults(kept: readonly KeptResult[]): FindKept {
  if (kept.length === 0) return () => undefined;
  const results = new Map(kept.map((one) => [nameOf(one), one.result]));
  return (call) => results.get(nameOf(call));
}

function nameOf({ task, call, key }: Omit<KeptResult, "result">): string {
  return JSON.stringify([task, call, key]);
}
