import type { HonoRequest } from "hono";
import * as v from "valibot";
import { durationMs } from "../domain/duration.ts";
import { type Instant, instant } from "../domain/instant.ts";
import type { Json } from "../domain/json.ts";
import { badQuery, instantOf, onlyQueries } from "./query-fields.ts";

/** The parameters that a route knows: what they are read with is what the document says of them. */
// biome-ignore lint/suspicious/noExplicitAny: a field reads texts into whatever its route wants
export type QuerySchema = v.StrictObjectSchema<Record<string, v.GenericSchema<any>>, undefined>;

/** What the document says of a parameter: JSON Schema as it is meant, not of the text that is sent. */
export interface FieldNotes {
  readonly text: string;
  readonly sentAs: Readonly<Record<string, Json>>;
}

type Reading<Output> = { readonly fits: Output } | { readonly wrong: string };

/** Reads the query of a request; throws the problem that names what does not fit. */
export function readQuery<Schema extends QuerySchema>(
  request: HonoRequest,
  schema: Schema,
): v.InferOutput<Schema> {
  onlyQueries(request, Object.keys(schema.entries));
  const given = Object.entries(request.queries()).map(([field, values]) => [
    field,
    values.length === 1 ? values[0] : values,
  ]);
  const parsed = v.safeParse(schema, Object.fromEntries(given), { abortEarly: true });
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw badQuery(String(issue.path?.[0]?.key ?? ""), issue.message);
}

/** A parameter that is given once, or not at all. */
export function field<Output>(notes: FieldNotes, read: (text: string) => Reading<Output>) {
  return v.optional(
    v.pipe(
      v.string("expected it once"),
      v.metadata({ ...notes }),
      v.rawTransform(({ dataset, addIssue, NEVER }) => {
        const reading = read(dataset.value);
        if ("fits" in reading) return reading.fits;
        addIssue({ message: reading.wrong });
        return NEVER;
      }),
    ),
  );
}

interface WholeNumberOptions {
  readonly min: number;
  readonly max: number;
  /** What the route takes where it is not given. */
  readonly preset?: number;
}

export function wholeNumberField(text: string, { min, max, preset }: WholeNumberOptions) {
  const more = preset === undefined ? {} : { default: preset };
  const sentAs = { type: "integer", minimum: min, maximum: max, ...more };
  return field({ text, sentAs }, (given) => {
    const number = /^\d{1,16}$/.test(given) ? Number(given) : Number.NaN;
    if (number >= min && number <= max) return { fits: number };
    return { wrong: `expected a whole number from ${min} to ${max}` };
  });
}

/** ISO 8601 with a zone. */
export function timeField(text: string) {
  return field({ text, sentAs: { type: "string", format: "date-time" } }, (given) => {
    const at = instantOf(given);
    if (at !== undefined) return { fits: at };
    return { wrong: 'expected a time such as "2026-01-31T08:00:00Z"' };
  });
}

/** A time, or a length of time before now, such as `7d`: what it means depends on when it is asked. */
export function pastTimeField(text: string) {
  const sentAs = { type: "string", examples: ["2026-01-31T08:00:00Z", "7d"] };
  return field<(now: Instant) => Instant>({ text, sentAs }, (given) => {
    const ago = durationMs(given);
    if (ago !== undefined) return { fits: (now) => instant(now - ago) };
    const at = instantOf(given);
    if (at !== undefined) return { fits: () => at };
    return {
      wrong: 'expected a time such as "2026-01-31T08:00:00Z", or a duration such as "7d"',
    };
  });
}

export function textField(text: string, { max = Number.POSITIVE_INFINITY } = {}) {
  const more = Number.isFinite(max) ? { maxLength: max } : {};
  return field({ text, sentAs: { type: "string", ...more } }, (given) =>
    given.length <= max ? { fits: given } : { wrong: `expected at most ${max} characters` },
  );
}

/** One of a few words, in any case. */
export function wordField<Word extends string>(text: string, words: readonly Word[]) {
  return field({ text, sentAs: { type: "string", enum: words } }, (given) => {
    const word = words.find((one) => one.toLowerCase() === given.toLowerCase());
    if (word !== undefined) return { fits: word };
    return { wrong: `expected one of ${words.join(", ")}` };
  });
}

/** Off where it is not given. */
export function switchField(text: string) {
  const sentAs = { type: "string", enum: ["1", "0", "true", "false"], default: "0" };
  return field({ text, sentAs }, (given) => {
    if (given === "0" || given === "false") return { fits: false };
    return given === "1" || given === "true" ? { fits: true } : { wrong: "expected 1 or 0" };
  });
}

/** Words as they are, as the document lists them. */
const WORDS: Readonly<Record<string, Json>> = { type: "string" };

/** `a,b`, also repeated: what is left of it without empty parts. */
export function listField(text: string, { max = 50, items = WORDS } = {}) {
  const sentAs = { type: "array", maxItems: max, items };
  return v.optional(
    v.pipe(
      v.union([v.string(), v.array(v.string())]),
      v.metadata({ text, sentAs }),
      v.transform((given) => partsOf(given)),
      v.check((parts) => parts.length <= max, `expected at most ${max} alternatives`),
    ),
  );
}

function partsOf(given: string | readonly string[]): readonly string[] {
  return [given]
    .flat()
    .flatMap((list) => list.split(","))
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

const LIMIT_MAX = 200;
export const LIMIT_DEFAULT = 50;

/** The page of a list that is asked for. */
export const PAGE_FIELDS = {
  cursor: wholeNumberField("Where the page before ended: its `next`.", {
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
  }),
  limit: wholeNumberField("How many at most.", { min: 1, max: LIMIT_MAX, preset: LIMIT_DEFAULT }),
};
