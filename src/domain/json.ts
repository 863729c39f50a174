/** A value that JSON can hold. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

/** A JSON document as text: kept, moved and stored as it is, parsed only where somebody reads it. */
export type JsonText = string & { readonly __brand: "JsonText" };

/** The JSON text of a value that is known to be JSON. */
export function jsonText(value: Json): JsonText {
  return JSON.stringify(value) as JsonText;
}
