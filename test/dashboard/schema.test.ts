import { describe, expect, test } from "bun:test";
import { initialOf, kindOf, propertiesOf, type Schema } from "../../src/dashboard/page/schema.ts";
import { problemsOf } from "../../src/dashboard/page/schema-check.ts";

const ORDER = {
  type: "object",
  properties: {
    day: { type: "string", format: "date" },
    count: { type: "integer", minimum: 1, maximum: 9, default: 2 },
    ratio: { type: "number", exclusiveMinimum: 0 },
    size: { enum: ["s", "m"] },
    tags: { type: "array", items: { type: "string", minLength: 2 }, minItems: 1 },
    draft: { type: "boolean" },
    who: { anyOf: [{ type: "string" }, { type: "null" }] },
    nested: { type: "object", properties: { path: { type: "string" } }, required: ["path"] },
  },
  required: ["count", "size", "tags", "draft"],
} as const satisfies Schema;

function said(value: unknown, schema: Schema = ORDER) {
  return Object.fromEntries(problemsOf(schema, value));
}

const GOOD = { count: 2, size: "s", tags: ["ab"], draft: false };

describe("a form's schema", () => {
  test("gets the control that fits each of its fields", () => {
    const kinds = propertiesOf(ORDER).map(({ key, schema }) => [key, kindOf(schema)]);

    expect(Object.fromEntries(kinds)).toEqual({
      ...{ day: "date", count: "number", ratio: "number", size: "enum", tags: "array" },
      ...{ draft: "boolean", who: "choice", nested: "object" },
    });
  });

  test("of what no control fits, people write themselves", () => {
    expect(kindOf({})).toBe("json");
    expect(kindOf({ type: "object", additionalProperties: { type: "string" } })).toBe("json");
    expect(kindOf({ oneOf: [{ const: "a" }, { const: "b" }] })).toBe("enum");
  });

  test("begins with defaults, and with nothing where something must be chosen", () => {
    expect(initialOf(ORDER, ORDER, true)).toEqual({ count: 2, tags: [], draft: false });
  });

  test("says nothing of what fits", () => {
    expect(said(GOOD)).toEqual({});
    expect(
      said({ ...GOOD, who: null, nested: { path: "x" }, ratio: 0.1, day: "2026-01-31" }),
    ).toEqual({});
  });

  test("says of each field what is wrong with it, at its path", () => {
    expect(
      said({ day: "31.1.", count: 2.5, ratio: 0, size: "xl", tags: ["a"], nested: {} }),
    ).toEqual({
      "/day": "Expected a date such as 2026-01-31",
      "/count": "Expected a whole number",
      "/ratio": "More than 0",
      "/size": "Choose one of these",
      "/tags/0": "Needs 2 characters or more",
      "/draft": "This is needed",
      "/nested/path": "This is needed",
    });
    expect(said({ ...GOOD, count: 10, tags: [] })).toEqual({
      "/count": "At most 9",
      "/tags": "Needs 1 or more",
    });
  });

  test("of several shapes, what is wrong with the nearest is said", () => {
    const shape = (kind: string, field: string) => ({
      type: "object",
      properties: { kind: { const: kind }, [field]: { type: "string" } },
      required: ["kind", field],
    });
    const schema = { oneOf: [shape("mail", "to"), shape("folder", "path")] };

    expect(said({ kind: "folder", path: "x" }, schema)).toEqual({});
    expect(said({ kind: "folder" }, schema)).toEqual({ "/path": "This is needed" });
  });

  test("follows references, also to itself", () => {
    const schema = {
      $ref: "#/$defs/node",
      $defs: {
        node: {
          type: "object",
          properties: {
            name: { type: "string" },
            children: { type: "array", items: { $ref: "#/$defs/node" } },
          },
          required: ["name", "children"],
        },
      },
    };

    expect(initialOf(schema, schema, true)).toEqual({ children: [] });
    expect(said({ name: "a", children: [{ name: 1, children: [] }] }, schema)).toEqual({
      "/children/0/name": "Expected a text",
    });
  });
});
