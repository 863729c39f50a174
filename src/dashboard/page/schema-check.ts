import { choicesOf, isSchema, optionsOf, propertiesOf, resolved, type Schema } from "./schema.ts";

/** What is wrong in a form: the first thing of each field, by its path. */
export type Problems = ReadonlyMap<string, string>;

/** The path of a field within another. */
export function pathIn(path: string, key: string | number): string {
  return `${path}/${key}`;
}

/** What of a value does not fit its schema. The daemon checks again: this is so that people see it at once. */
export function problemsOf(schema: Schema, value: unknown, root: Schema = schema): Problems {
  const problems = new Map<string, string>();
  check({ root, problems }, { schema, value, path: "" });
  return problems;
}

interface Checking {
  readonly root: Schema;
  readonly problems: Map<string, string>;
}

interface At {
  readonly schema: Schema;
  readonly value: unknown;
  readonly path: string;
}

function check(checking: Checking, { schema, value, path }: At): void {
  const own = resolved(schema, checking.root);
  const options = optionsOf(own);
  const say = (problem: string | undefined) => {
    if (problem !== undefined && !checking.problems.has(path)) checking.problems.set(path, problem);
  };
  if (options !== undefined) {
    if (!options.some((option) => isSame(option, value))) say("Choose one of these");
    return;
  }
  const choices = choicesOf(own);
  if (choices.length > 0) {
    checkChoices(checking, { choices, value, path });
    return;
  }
  if ("const" in own && !isSame(own["const"], value))
    say(`Expected ${JSON.stringify(own["const"])}`);
  say(ofType(own, value));
  if (Array.isArray(value)) checkItems(checking, { schema: own, value, path });
  else if (isSchema(value)) checkFields(checking, { schema: own, value, path });
}

/** One must fit; if none does, what is wrong with the one that fits best is said. */
function checkChoices(
  { root, problems }: Checking,
  { choices, value, path }: Omit<At, "schema"> & { readonly choices: readonly Schema[] },
): void {
  const found = choices.map((choice) => problemsOf(choice, value, root));
  const [best] = found.toSorted((one, other) => one.size - other.size);
  if (best === undefined || best.size === 0) return;
  for (const [inner, problem] of best) problems.set(path + inner, problem);
}

function checkItems(checking: Checking, { schema, value, path }: At): void {
  const items = schema["items"];
  if (!isSchema(items) || !Array.isArray(value)) return;
  for (const [index, item] of value.entries()) {
    check(checking, { schema: items, value: item, path: pathIn(path, index) });
  }
}

function checkFields(checking: Checking, { schema, value, path }: At): void {
  const fields = isSchema(value) ? value : {};
  for (const { key, schema: own, isRequired } of propertiesOf(schema)) {
    const inner = pathIn(path, key);
    if (fields[key] !== undefined)
      check(checking, { schema: own, value: fields[key], path: inner });
    else if (isRequired) checking.problems.set(inner, "This is needed");
  }
}

/** Whether a value is of a type, and what is said where it is not. */
const TYPES: Readonly<Record<string, readonly [fits: (value: unknown) => boolean, said: string]>> =
  {
    string: [(value) => typeof value === "string", "Expected a text"],
    integer: [Number.isInteger, "Expected a whole number"],
    number: [Number.isFinite, "Expected a number"],
    boolean: [(value) => typeof value === "boolean", "Expected yes or no"],
    null: [(value) => value === null, "Expected nothing"],
    array: [Array.isArray, "Expected a list"],
    object: [isSchema, "Expected an object"],
  };

function ofType(schema: Schema, value: unknown): string | undefined {
  const [fits, said] = TYPES[String(schema["type"])] ?? [() => true, ""];
  if (!fits(value)) return said;
  if (typeof value === "string") return ofText(schema, value);
  if (typeof value === "number") return ofNumber(schema, value);
  return Array.isArray(value) ? ofList(schema, value) : undefined;
}

const FORMATS: Readonly<Record<string, readonly [RegExp, string]>> = {
  email: [/^[^@\s]+@[^@\s]+$/, "an e-mail address"],
  uri: [/^[a-z][a-z0-9+.-]*:\S+$/i, "an address such as https://example.org"],
  uuid: [/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, "a UUID"],
  date: [/^\d{4}-\d{2}-\d{2}$/, "a date such as 2026-01-31"],
  "date-time": [/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/, "a time such as 2026-01-31T08:00:00Z"],
};

function ofText(schema: Schema, text: string): string | undefined {
  const { minLength = 0, maxLength = Number.POSITIVE_INFINITY, pattern, format } = schema;
  const [shape, name] = FORMATS[String(format)] ?? [];
  if (text.length < Number(minLength)) return `Needs ${minLength} characters or more`;
  if (text.length > Number(maxLength)) return `Takes ${maxLength} characters at most`;
  if (shape !== undefined && !shape.test(text)) return `Expected ${name}`;
  return typeof pattern === "string" && !fits(pattern, text) ? `Must match ${pattern}` : undefined;
}

/** A pattern that this browser cannot read is left to the daemon. */
function fits(pattern: string, text: string): boolean {
  try {
    return new RegExp(pattern, "u").test(text);
  } catch {
    return true;
  }
}

function ofNumber(schema: Schema, value: number): string | undefined {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  const tests: readonly (readonly [
    limit: unknown,
    isBad: (limit: number) => boolean,
    words: string,
  ])[] = [
    [minimum, (limit) => value < limit, "At least"],
    [maximum, (limit) => value > limit, "At most"],
    [exclusiveMinimum, (limit) => value <= limit, "More than"],
    [exclusiveMaximum, (limit) => value >= limit, "Less than"],
    [
      multipleOf,
      (step) => Math.abs(value / step - Math.round(value / step)) > 1e-9,
      "A multiple of",
    ],
  ];
  const bad = tests.find(([limit, isBad]) => typeof limit === "number" && isBad(limit));
  return bad === undefined ? undefined : `${bad[2]} ${bad[0]}`;
}

function ofList(
  { minItems = 0, maxItems = Number.POSITIVE_INFINITY }: Schema,
  list: readonly unknown[],
) {
  if (list.length < Number(minItems)) return `Needs ${minItems} or more`;
  return list.length > Number(maxItems) ? `Takes ${maxItems} at most` : undefined;
}

function isSame(one: unknown, other: unknown): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}
