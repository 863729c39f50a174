import * as v from "valibot";
import { durationMs } from "../domain/duration.ts";
import { MOMENTS, type Moment } from "../domain/flow.ts";
import type { Json, JsonObject } from "../domain/json.ts";
import { nearest } from "../domain/nearest.ts";

/*
 * Schemas for the values of a config. The message of each says what was expected, in words that finish
 * the sentence "retries is -1, expected …".
 */

const NAME = /^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,127}$/u;
const NAME_WORDS =
  "a name of letters, digits, spaces, dots, dashes and underscores, at most 128 characters";

export const name = () => v.pipe(v.string(NAME_WORDS), v.regex(NAME, NAME_WORDS));

export const text = () => v.string("a text");

export const texts = () =>
  v.array(v.pipe(v.string("a text"), v.nonEmpty("a text")), "a list of texts");

/** Several texts, or one that stands for a list of one. */
export const oneOrMoreTexts = () =>
  v.pipe(
    v.unknown(),
    v.transform((value) => (typeof value === "string" ? [value] : value)),
    v.array(v.pipe(v.string("a text"), v.nonEmpty("a text")), "a text or a list of texts"),
  );

export const truth = () => v.boolean("true or false");

export function wholeNumber(least: number, most: number) {
  const words = `a whole number from ${least} to ${most}`;
  return v.pipe(
    v.number(words),
    v.integer(words),
    v.minValue(least, words),
    v.maxValue(most, words),
  );
}

/** A duration; its output is milliseconds. */
export const duration = (words = DURATION_WORDS) => read(durationMs, words);

const DURATION_WORDS =
  'a duration such as "30s", "1h30m" or a number of milliseconds, at most 36500d';

/** What a reader makes of a value, or the words that say what it expected. */
export function read<Output>(reader: (value: unknown) => Output | undefined, words: string) {
  return v.pipe(
    v.unknown(),
    v.rawTransform<unknown, Output>(({ dataset, addIssue, NEVER }) => {
      const output = reader(dataset.value);
      if (output !== undefined) return output;
      addIssue({ message: words });
      return NEVER;
    }),
  );
}

export const isFunction = (value: unknown): value is (...args: never[]) => unknown =>
  typeof value === "function";

export const aFunction = () => v.custom(isFunction, "a function");

/** One moment, or a list of them; each word that is none is named, with a guess at what was meant. */
export const moments = () =>
  v.pipe(
    v.unknown(),
    v.rawTransform<unknown, readonly Moment[]>(({ dataset: { value }, addIssue, NEVER }) => {
      const list: readonly unknown[] | undefined = Array.isArray(value) ? value : undefined;
      const words = list ?? [value];
      for (const [index, word] of words.entries()) {
        if (!isMoment(word)) addIssue(wrongMoment(word, index, list));
      }
      return words.every(isMoment) ? words : NEVER;
    }),
  );

function isMoment(word: unknown): word is Moment {
  return MOMENTS.some((moment) => moment === word);
}

function wrongMoment(word: unknown, key: number, list: readonly unknown[] | undefined) {
  const meant = typeof word === "string" ? momentLike(word) : undefined;
  const guess = meant === undefined ? "" : `; did you mean "${meant}"?`;
  const message = `one of ${MOMENTS.map((moment) => `"${moment}"`).join(", ")}${guess}`;
  if (list === undefined) return { message, input: word };
  const place = { type: "array", origin: "value", input: [...list], key, value: word } as const;
  return { message, input: word, path: [place] as [typeof place] };
}

/** The moment that a word such as "failure", "onFail" or "onFailed" most likely means. */
function momentLike(word: string): Moment | undefined {
  const words = [word, `on${word}`].map((one) => one.toLowerCase());
  const begun = MOMENTS.find((moment) =>
    words.some((one) => one.length > 3 && moment.toLowerCase().startsWith(one)),
  );
  const near = words.map((one) => nearest(one, MOMENTS)).find((one) => one !== undefined);
  return begun ?? MOMENTS.find((moment) => moment === near);
}

/** An object that JSON holds without loss. */
export const jsonObject = () =>
  v.custom<JsonObject>((value) => isJson(value) && isObject(value), "an object that JSON can hold");

export function isJson(value: unknown): value is Json {
  if (value === null || typeof value === "string" || typeof value === "boolean") return true;
  if (typeof value === "number") return Number.isFinite(value);
  if (Array.isArray(value)) return value.every(isJson);
  return (
    isObject(value) && Object.values(value).every((part) => part === undefined || isJson(part))
  );
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

/** What a value is, for people: short texts and numbers as they are, everything else by its kind. */
export function described(value: unknown): string {
  if (value === undefined) return "missing";
  if (value === null || typeof value === "number" || typeof value === "boolean") return `${value}`;
  if (typeof value === "string") return value.length <= 60 ? JSON.stringify(value) : "a long text";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

/** The keys of `given` that are not options, each with a guess at what was meant. */
export function unknownOptions(
  given: object,
  known: readonly string[],
): readonly { readonly key: string; readonly message: string }[] {
  return Object.keys(given)
    .filter((key) => !known.includes(key))
    .map((key) => {
      const guess = nearest(key, known);
      const hint =
        guess === undefined ? `the options are ${known.join(", ")}` : `did you mean "${guess}"?`;
      return { key, message: `there is no option "${key}"; ${hint}` };
    });
}
