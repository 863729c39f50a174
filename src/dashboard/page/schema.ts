/** A JSON Schema, as far as forms understand it. */
export type Schema = Readonly<Record<string, unknown>>;

export type Kind =
  | "text"
  | "date"
  | "date-time"
  | "number"
  | "boolean"
  | "enum"
  | "object"
  | "array"
  | "choice"
  | "const"
  | "json";

/** The schema that stands behind a reference; itself where it is none. */
export function resolved(schema: Schema, root: Schema): Schema {
  const reference = schema["$ref"];
  if (typeof reference !== "string" || !reference.startsWith("#/")) return merged(schema, root);
  const target = reference
    .slice(2)
    .split("/")
    .reduce<unknown>((at, part) => (isSchema(at) ? at[part] : undefined), root);
  return isSchema(target) ? merged(target, root) : {};
}

/** What `allOf` asks for together, as one. */
function merged(schema: Schema, root: Schema): Schema {
  const parts = schema["allOf"];
  if (!Array.isArray(parts)) return schema;
  return Object.assign({}, ...parts.filter(isSchema).map((part) => resolved(part, root)), schema);
}

export function isSchema(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Which control a schema gets; `json` where none fits, and people write it themselves. */
export function kindOf(schema: Schema): Kind {
  if ("const" in schema) return "const";
  if (optionsOf(schema) !== undefined) return "enum";
  if (choicesOf(schema).length > 0) return "choice";
  return kindOfType(schema);
}

function kindOfType({ type, format, properties, items }: Schema): Kind {
  switch (type) {
    case "string":
      return format === "date" || format === "date-time" ? format : "text";
    case "number":
    case "integer":
      return "number";
    case "boolean":
      return "boolean";
    case "object":
      return isSchema(properties) ? "object" : "json";
    case "array":
      return isSchema(items) ? "array" : "json";
    default:
      return "json";
  }
}

/** The values of which one is to be taken: of `enum`, or of alternatives that are a value each. */
export function optionsOf(schema: Schema): readonly unknown[] | undefined {
  if (Array.isArray(schema["enum"])) return schema["enum"];
  const choices = choicesOf(schema);
  return choices.length > 0 && choices.every((choice) => "const" in choice)
    ? choices.map((choice) => choice["const"])
    : undefined;
}

/** The alternatives of which one is to be met. */
export function choicesOf(schema: Schema): readonly Schema[] {
  const choices = schema["anyOf"] ?? schema["oneOf"];
  return Array.isArray(choices) ? choices.filter(isSchema) : [];
}

export interface Property {
  readonly key: string;
  readonly schema: Schema;
  readonly isRequired: boolean;
}

/** The fields of an object's schema, in its order. */
export function propertiesOf(schema: Schema): readonly Property[] {
  const properties = isSchema(schema["properties"]) ? schema["properties"] : {};
  const required = Array.isArray(schema["required"]) ? schema["required"] : [];
  return Object.entries(properties).map(([key, value]) => ({
    key,
    schema: isSchema(value) ? value : {},
    isRequired: required.includes(key),
  }));
}

/** What a field holds before anybody has touched it; undefined for nothing. */
export function initialOf(schema: Schema, root: Schema, isRequired: boolean): unknown {
  if ("const" in schema) return schema["const"];
  if (!isRequired) return undefined;
  const own = resolved(schema, root);
  if ("default" in own) return own["default"];
  switch (kindOf(own)) {
    case "object":
      return Object.fromEntries(
        propertiesOf(own)
          .map((field) => [field.key, initialOf(field.schema, root, field.isRequired)] as const)
          .filter(([, value]) => value !== undefined),
      );
    case "array":
      return [];
    case "boolean":
      return false;
    case "const":
      return own["const"];
    default:
      return undefined;
  }
}

/** What an alternative is called. */
export function titleOf(schema: Schema): string {
  if (typeof schema["title"] === "string") return schema["title"];
  if ("const" in schema) return String(schema["const"]);
  const marks = propertiesOf(schema).filter(({ schema: own }) => "const" in own);
  const mark = marks.map(({ key, schema: own }) => `${key}: ${own["const"]}`).join(", ");
  if (mark !== "") return mark;
  return schema["type"] === "null" ? "nothing (null)" : String(schema["type"] ?? "anything");
}
