import type { JsonObject } from "../domain/json.ts";
import { currentScope } from "./scope.ts";

/** Performs a flow as a child of the run that this code is called from. */
export async function callChild(flow: string, parameters: unknown = {}): Promise<unknown> {
  const scope = currentScope();
  if (scope?.runChild === undefined) {
    const where = scope === undefined ? "outside every run" : "from a hook";
    const instead = scope === undefined ? "call it in a flow" : "use client.trigger there";
    throw new Error(`Cannot run flow "${flow}" as a child: it is called ${where}; ${instead}`);
  }
  return await scope.runChild(flow, asObject(flow, parameters));
}

function asObject(flow: string, parameters: unknown): JsonObject {
  const text = jsonOf(flow, parameters);
  if (text?.startsWith("{") === true) return JSON.parse(text) as JsonObject;
  throw new Error(`Cannot run flow "${flow}" as a child: its parameters are no object`);
}

function jsonOf(flow: string, parameters: unknown): string | undefined {
  try {
    return JSON.stringify(parameters);
  } catch (cause) {
    const why = "its parameters hold what JSON cannot";
    throw new Error(`Cannot run flow "${flow}" as a child: ${why}`, { cause });
  }
}
