import { toJsonSchemaDefs } from "@valibot/to-json-schema";
import type * as v from "valibot";
import type { JsonObject } from "../../domain/json.ts";
import { SCHEMAS } from "./components.ts";

/** JSON Schema of the API's schemas: those with a name by reference. */
export interface Schemas {
  readonly named: JsonObject;
  of(schema: v.GenericSchema): JsonObject;
}

const PLACE = "#/components/schemas/";

/** Converts what has a name, and `others`, at once. */
export function createSchemas(others: readonly v.GenericSchema[]): Schemas {
  const names = new Map(Object.entries(SCHEMAS).map(([name, schema]) => [schema, name]));
  const nameless = [...new Set(others)].filter((schema) => !names.has(schema));
  const numbered = nameless.map((schema, index) => [`${index}`, schema] as const);
  // Copies, so that where one of them is part of another it is written out.
  const copies = numbered.map(([key, schema]) => [key, { ...schema }] as const);
  const all = toJsonSchemaDefs(
    { ...SCHEMAS, ...Object.fromEntries(copies) },
    {
      target: "draft-2020-12",
      // What is sent, before anything is made of it.
      typeMode: "input",
      // What only code can check is said in words.
      errorMode: "ignore",
      overrideRef: ({ referenceId }) => `${PLACE}${referenceId}`,
    },
  ) as unknown as Readonly<Record<string, JsonObject>>;
  const converted = new Map(numbered.map(([key, schema]) => [schema, all[key]]));
  return {
    named: Object.fromEntries(Object.keys(SCHEMAS).map((name) => [name, all[name] ?? {}])),
    of(schema) {
      const name = names.get(schema);
      return name === undefined ? (converted.get(schema) ?? {}) : { $ref: `${PLACE}${name}` };
    },
  };
}
