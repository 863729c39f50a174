import { type ConversionConfig, toJsonSchema } from "@valibot/to-json-schema";
import type { GenericSchema } from "valibot";
import type { JsonObject } from "../domain/json.ts";
import type { StandardSchema } from "../sdk/standard-schema.ts";
import { isJson, isObject } from "./config-values.ts";

const DRAFT = "draft-2020-12";

/** Rules that no JSON Schema can say: a form shows the rest, and the schema itself validates all. */
const UNSAYABLE = ["check", "partial_check", "raw_check", "transform", "raw_transform", "brand"];

/** JSON Schema of what the schema takes in; undefined where it cannot be said. Never throws. */
export function jsonSchemaOf(schema: StandardSchema): JsonObject | undefined {
  try {
    const found = ownJsonSchema(schema) ?? ofValibot(schema);
    // Undefined values and what JSON cannot hold would be lost between threads.
    const plain: unknown = found === undefined ? undefined : JSON.parse(JSON.stringify(found));
    return isObject(plain) && isJson(plain) ? (plain as JsonObject) : undefined;
  } catch {
    return undefined;
  }
}

/** Standard JSON Schema: the schema can say itself what it takes in. */
function ownJsonSchema(schema: StandardSchema): unknown {
  const converter: unknown = Reflect.get(schema["~standard"], "jsonSchema");
  const input: unknown =
    typeof converter === "object" && converter !== null
      ? Reflect.get(converter, "input")
      : undefined;
  return typeof input === "function"
    ? Reflect.apply(input, converter, [{ target: DRAFT }])
    : undefined;
}

function ofValibot(schema: StandardSchema): unknown {
  if (schema["~standard"].vendor !== "valibot") return undefined;
  const config: ConversionConfig = {
    typeMode: "input",
    target: DRAFT,
    ignoreActions: UNSAYABLE,
    errorMode: "throw",
  };
  // The vendor says that it is one of valibot's; one that is not is refused by throwing.
  return toJsonSchema(schema as unknown as GenericSchema, config);
}
