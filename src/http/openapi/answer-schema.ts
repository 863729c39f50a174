import * as v from "valibot";

/** A branded text or number is a text or number to whoever reads an answer. */
type Plain<Value> = Value extends { readonly __brand: string }
  ? Value extends string
    ? string
    : number
  : Value;
type Entries<View> = {
  readonly [Key in keyof View]-?: v.GenericSchema<unknown, Plain<View[Key]> | undefined>;
};

/**
 * The schema of what is answered: exactly the fields of the view that is its type, so that a field that is
 * added to the one and not to the other does not compile.
 */
export function answerOf<View>(entries: Entries<View>): v.GenericSchema<unknown, View> {
  return v.object(entries as v.ObjectEntries) as unknown as v.GenericSchema<unknown, View>;
}

/** All of a list. */
export function listOf<Item>(item: v.GenericSchema<unknown, Item>) {
  return v.object({ items: v.array(item) });
}

/** One page of a list. */
export function pageOf<Item>(item: v.GenericSchema<unknown, Item>) {
  return v.object({
    items: v.array(item),
    next: v.optional(v.pipe(v.string(), v.description("Where the next page begins, if any."))),
  });
}

export const Text = v.string();
export const Texts = v.array(v.string());
export const Count = v.pipe(v.number(), v.integer(), v.minValue(0));
export const Whole = v.pipe(v.number(), v.integer());
export const Flag = v.boolean();
/** ISO 8601 in UTC. */
export const Time = v.pipe(v.string(), v.metadata({ format: "date-time" }));
export const Id = v.pipe(v.string(), v.metadata({ format: "uuid" }));
/** Whatever JSON can hold. */
// biome-ignore lint/suspicious/noExplicitAny: the flow's own data has any shape
export const AnyJson = v.any() as v.GenericSchema<unknown, any>;
/** A JSON object whose shape is the flow's own affair, such as a JSON Schema. */
export const JsonMap = v.record(v.string(), AnyJson);

/** An optional field. */
export function maybe<Value>(schema: v.GenericSchema<unknown, Value>) {
  return v.optional(schema);
}

/** A number for each of some words, where there is one. */
export function countsOf<Word extends string>(words: readonly Word[]) {
  const entries = Object.fromEntries(words.map((word) => [word, v.optional(Count)]));
  return v.object(entries) as unknown as v.GenericSchema<unknown, Partial<Record<Word, number>>>;
}
