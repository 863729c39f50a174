/*
 * What crond does, minute by minute, written for these tests from cronie's source: it knows nothing of our
 * parser, of croner, or of our due times.
 */

/** The minutes (in milliseconds since 1970) from `from` up to `until` at which crond starts the line. */
export function startsOf(line: string, { from, until }: { from: number; until: number }): number[] {
  const fields = NAMED[line.split(/\s+/)[0] ?? ""] ?? line;
  const [minute, hour, day, month, weekday] = fields.split(/\s+/);
  const sets = {
    minute: setOf(minute, 0, 59),
    hour: setOf(hour, 0, 23),
    day: setOf(day, 1, 31),
    month: setOf(month, 1, 12, "jan feb mar apr may jun jul aug sep oct nov dec"),
    weekday: setOf(weekday, 0, 7, "sun mon tue wed thu fri sat"),
  };
  const isEither = [day, weekday].every((field) => !field?.startsWith("*"));
  const starts: number[] = [];
  for (let at = from; at < until; at += 60_000) {
    const date = new Date(at);
    const isDay = sets.day.has(date.getUTCDate());
    const isWeekday = weekdaysOf(date).some((number) => sets.weekday.has(number));
    const isStarted =
      sets.minute.has(date.getUTCMinutes()) &&
      sets.hour.has(date.getUTCHours()) &&
      sets.month.has(date.getUTCMonth() + 1) &&
      (isEither ? isDay || isWeekday : isDay && isWeekday);
    if (isStarted) starts.push(at);
  }
  return starts;
}

/** Sunday has two numbers. */
function weekdaysOf(date: Date): readonly number[] {
  return date.getUTCDay() === 0 ? [0, 7] : [date.getUTCDay()];
}

const NAMED: Readonly<Record<string, string>> = {
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
  "@monthly": "0 0 1 * *",
  "@weekly": "0 0 * * 0",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@hourly": "0 * * * *",
};

function setOf(field = "", ...[low, high, names = ""]: [number, number, string?]): Set<number> {
  const words = names.split(" ");
  const numberOf = (text: string) =>
    /\d/.test(text) ? Number(text) : words.indexOf(text.toLowerCase()) + low;
  const set = new Set<number>();
  for (const item of field.split(",")) {
    const [range = "", step = "1"] = item.split("/");
    const [from = "", to = from] = range === "*" ? [`${low}`, `${high}`] : range.split("-");
    for (let n = numberOf(from); n <= numberOf(to); n += Number(step)) set.add(n);
  }
  return set;
}
