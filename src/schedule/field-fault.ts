/** A field of a cron expression: what it is called, and which numbers and names it takes. */
interface Field {
  readonly name: string;
  readonly low: number;
  readonly high: number;
  /** Of months and weekdays, by number from `low`. */
  readonly words: readonly string[];
  readonly stepMax: number;
}

const MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split(" ");
const WEEKDAYS = "SUN MON TUE WED THU FRI SAT".split(" ");

const FIELDS: readonly Field[] = [
  { name: "second", low: 0, high: 59, words: [], stepMax: 60 },
  { name: "minute", low: 0, high: 59, words: [], stepMax: 60 },
  { name: "hour", low: 0, high: 23, words: [], stepMax: 24 },
  { name: "day of month", low: 1, high: 31, words: [], stepMax: 31 },
  { name: "month", low: 1, high: 12, words: MONTHS, stepMax: 12 },
  { name: "weekday", low: 0, high: 7, words: WEEKDAYS, stepMax: 7 },
];

/** Which of five or six fields cannot be read, and why: `minute "60": 60 is not a number from 0 to 59`. */
export function fieldFault(fields: readonly string[]): string | undefined {
  const known = FIELDS.slice(FIELDS.length - fields.length);
  for (const [index, text] of fields.entries()) {
    const field = known[index];
    const why = field === undefined ? undefined : faultOfField(text, field);
    if (why !== undefined) return `${field?.name} "${text}": ${why}`;
  }
  return undefined;
}

function faultOfField(text: string, field: Field): string | undefined {
  const list = field.name === "weekday" ? text.replace(/^\+/, "") : text;
  const items = list.split(",");
  if (items.includes("")) return "a comma stands between two values, without spaces";
  for (const item of items) {
    const why = faultOfDay(item, field) ?? faultOfItem(withoutMark(item, field), field);
    if (why !== undefined) return why;
  }
  return undefined;
}

/** What is wrong with `L`, `W` and `#`, where they are. */
function faultOfDay(item: string, { name }: Field): string | undefined {
  if (name === "weekday") return faultOfNth(item);
  if (name !== "day of month") return undefined;
  if (/^L.|[^W]L$/i.test(item) && !/^LW$/i.test(item)) {
    return "L is the last day of the month and stands alone, or as LW";
  }
  if (/W/i.test(item) && !/^(?:\d+|L)W$/i.test(item)) {
    return "W follows one day, such as 15W, or L";
  }
  return undefined;
}

function faultOfNth(item: string): string | undefined {
  if (/^[*?]?L$/i.test(item))
    return "L follows a weekday, such as FRIL for the last Friday of a month";
  return /#/.test(item) && !/^[^#]+#[1-5L]$/i.test(item)
    ? "# is followed by a number from 1 to 5, such as MON#2 for the second Monday of a month"
    : undefined;
}

/** The value that an `L`, `W` or `#` belongs to. */
function withoutMark(item: string, { name }: Field): string {
  if (name === "weekday") return item.replace(/#.$|(?<=.)L$/i, "");
  if (name !== "day of month") return item;
  return /^LW?$/i.test(item) ? "*" : item.replace(/W$/i, "");
}

const ITEM = /^(?:[*?]|(?<from>[a-z]+|\d+)(?:-(?<to>[a-z]+|\d+))?)(?:\/(?<step>\d+))?$/i;

function faultOfItem(item: string, field: Field): string | undefined {
  const groups = ITEM.exec(item)?.groups;
  if (groups === undefined) return `"${item}" is not ${WHAT_IS_KNOWN}`;
  const { from, to, step } = groups;
  return faultOfRange({ from, to }, field) ?? faultOfStep({ from, to, step }, field);
}

const WHAT_IS_KNOWN = "a value, a range such as 1-5, a list such as 1,3, or a step such as */5";

interface Range {
  readonly from: string | undefined;
  readonly to: string | undefined;
}

function faultOfRange({ from, to }: Range, field: Field): string | undefined {
  const strange = [from, to].find((end) => end !== undefined && numberOf(end, field) === undefined);
  if (strange !== undefined) return `${strange} is ${noneOf(field)}`;
  if (from === undefined || to === undefined) return undefined;
  const isBack = Number(numberOf(from, field)) > lastOf(to, field);
  return isBack
    ? `the range ends before it begins; write it as two, ${inTwo(from, to, field)}`
    : undefined;
}

/** Sunday ends a range of weekdays as well as it begins one. */
function lastOf(to: string, field: Field): number {
  return field.name === "weekday" && /^SUN$/i.test(to) ? 7 : Number(numberOf(to, field));
}

function inTwo(from: string, to: string, { low, high, words }: Field): string {
  const [first, last] = /\d/.test(from)
    ? [String(low), String(words === WEEKDAYS ? 6 : high)]
    : [words[0] ?? "", words.at(-1) ?? ""];
  const [start, end] = [from, last].map((text) => text.toUpperCase());
  return `${start === end ? from : `${from}-${last}`},${first === to ? to : `${first}-${to}`}`;
}

function faultOfStep(
  { from, to, step }: Range & { readonly step: string | undefined },
  { high, stepMax }: Field,
): string | undefined {
  if (step === undefined) return undefined;
  if (from !== undefined && to === undefined) {
    return `a step needs a range: ${from}-${high}/${step}, or */${step}`;
  }
  if (Number(step) === 0) return "a step of 0 leads nowhere";
  return Number(step) > stepMax ? `a step is at most ${stepMax}` : undefined;
}

function numberOf(text: string, { low, high, words }: Field): number | undefined {
  const word = words.indexOf(text.toUpperCase());
  const value = word >= 0 ? low + word : Number(text);
  return value >= low && value <= high ? value : undefined;
}

function noneOf({ low, high, words }: Field): string {
  return words.length === 0
    ? `not a number from ${low} to ${high}`
    : `neither a number from ${low} to ${high} nor one of ${words.join(", ")}`;
}
