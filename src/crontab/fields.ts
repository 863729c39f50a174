/** What crond reads in the five fields of a line, as a pattern that fires at the same local times here. */
export type FieldsAnswer =
  | { readonly ok: true; readonly cron: string; readonly remarks: readonly string[] }
  | { readonly ok: false; readonly reason: string };

interface Field {
  readonly name: string;
  readonly low: number;
  readonly high: number;
  /** The greatest step that our patterns know. A greater one means the same: the first value only. */
  readonly stepMax: number;
  readonly words: readonly string[];
}

const MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split(" ");
const WEEKDAYS = "sun mon tue wed thu fri sat".split(" ");

const FIELDS: readonly Field[] = [
  { name: "minute", low: 0, high: 59, stepMax: 60, words: [] },
  { name: "hour", low: 0, high: 23, stepMax: 24, words: [] },
  { name: "day of month", low: 1, high: 31, stepMax: 31, words: [] },
  { name: "month", low: 1, high: 12, stepMax: 12, words: MONTHS },
  { name: "day of week", low: 0, high: 7, stepMax: 7, words: WEEKDAYS },
];

/** Thrown and caught in here: one wrong item makes the line one that cannot be read. */
class Unreadable extends Error {}

/** Reads the five fields by the grammar of cronie, which Vixie's cron shares but for `~`. */
export function readFields(texts: readonly string[]): FieldsAnswer {
  const remarks: string[] = [];
  const note = (remark: string) => void remarks.push(remark);
  try {
    const fields = FIELDS.map((field, index) => {
      const seed = texts.slice(0, index + 1).join(" ");
      return readField(texts[index] ?? "", field, { seed, note });
    });
    return { ok: true, cron: bothDays(fields, note).join(" "), remarks };
  } catch (error) {
    if (error instanceof Unreadable) return { ok: false, reason: error.message };
    throw error;
  }
}

interface Reading {
  /** What a number that crond picks at random is picked by: the same line gets the same one. */
  readonly seed: string;
  readonly note: (remark: string) => void;
}

function readField(text: string, field: Field, reading: Reading): string {
  return text
    .split(",")
    .map((item) => readItem(item, { ...field, text }, reading))
    .join(",");
}

type Within = Field & { readonly text: string };

const RANDOM = /^(?<from>\w*)~(?<to>\w*)$/;
const ITEM = /^(?:\*|(?<from>[a-z]+|\d+)(?:-(?<to>[a-z]+|\d+))?)(?:\/(?<step>\d+))?$/i;

function readItem(item: string, field: Within, reading: Reading): string {
  const random = RANDOM.exec(item)?.groups;
  if (random !== undefined) return String(picked(item, { ...random, field }, reading));
  const groups = ITEM.exec(item)?.groups;
  if (groups === undefined) throw wrong(field, `crond knows no "${item}"`);
  const { from, to, step } = groups;
  checkRange({ from, to }, field);
  if (step === undefined) return item;
  if (from !== undefined && to === undefined) {
    throw wrong(field, `a step needs a range: ${from}-${field.high}/${step}, or */${step}`);
  }
  if (Number(step) === 0) throw wrong(field, "a step of 0 leads nowhere");
  return item.replace(/\d+$/, String(Math.min(Number(step), field.stepMax)));
}

interface Range {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

function checkRange({ from, to }: Range, field: Within): void {
  const low = from === undefined ? field.low : numberOf(from, field);
  const high = to === undefined ? low : numberOf(to, field);
  if (low > high) throw wrong(field, `the range ${from}-${to} begins after its end`);
}

/** cronie picks when it starts and stays with it; so do we, once and for all. */
function picked(
  item: string,
  { from = "", to = "", field }: Range & { readonly field: Within },
  { seed, note }: Reading,
): number {
  const low = from === "" ? field.low : numberOf(from, field);
  const high = to === "" ? field.high : numberOf(to, field);
  if (low > high) throw wrong(field, `the range ${item} begins after its end`);
  const value = low + (hashOf(`${seed} ${item}`) % (high - low + 1));
  note(`crond picks the ${field.name} in ${item} at random when it starts; here it is ${value}`);
  return value;
}

function numberOf(text: string, field: Within): number {
  const word = field.words.indexOf(text.toLowerCase());
  const value = word >= 0 ? field.low + word : /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= field.low && value <= field.high) return value;
  const words = field.words.length === 0 ? "" : `, or ${field.words.join(", ")}`;
  throw wrong(field, `"${text}" is not a number from ${field.low} to ${field.high}${words}`);
}

/**
 * crond takes a day that fits either of its two fields, unless one of them begins with `*`: then it has to
 * fit both. Our patterns say the latter with a `+`, where neither field is just `*`.
 */
function bothDays(fields: readonly string[], note: Reading["note"]): readonly string[] {
  const [minute = "", hour = "", day = "", month = "", weekday = ""] = fields;
  const days = [day, weekday];
  if (days.includes("*") || !days.some((text) => text.startsWith("*"))) return fields;
  note('a day has to fit both day fields, because one of them begins with "*": the "+" says so');
  return [minute, hour, day, month, `+${weekday}`];
}

function wrong({ name, text }: Within, why: string): Unreadable {
  return new Unreadable(`Cannot read ${name} "${text}": ${why}`);
}

/** 32 bits of FNV-1a. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
