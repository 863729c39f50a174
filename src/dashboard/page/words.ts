import { durationInWords } from "../../domain/duration.ts";

const DAY_MS = 86_400_000;

/** `3m 20s ago`, `in 2h 5m`, and the day where that is farther away. */
export function relative(at: number, now: number): string {
  const away = at - now;
  const size = Math.abs(away);
  if (size < 1_000) return "now";
  if (size > 14 * DAY_MS)
    return new Date(at).toLocaleDateString(undefined, { dateStyle: "medium" });
  const words = durationInWords(Math.floor(size / 1_000) * 1_000);
  return away > 0 ? `in ${words}` : `${words} ago`;
}

const ABSOLUTE = new Intl.DateTimeFormat(undefined, {
  ...{ year: "numeric", month: "short", day: "numeric", weekday: "short" },
  ...{ hour: "2-digit", minute: "2-digit", second: "2-digit", timeZoneName: "short" },
});
const CLOCK = new Intl.DateTimeFormat(undefined, {
  ...{ hour: "2-digit", minute: "2-digit", second: "2-digit" },
});

/** The moment in the browser's zone, and in UTC. */
export function absolute(at: number): string {
  const known = formatted.get(at);
  if (known !== undefined) return known;
  const text = `${ABSOLUTE.format(at)} (${new Date(at).toISOString()})`;
  if (formatted.size >= FORMATTED_MAX) formatted.clear();
  formatted.set(at, text);
  return text;
}

/** The same moments are told every second, and each takes longer to say than all else of its row. */
const FORMATTED_MAX = 5_000;
const formatted = new Map<number, string>();

/** The time of day in the browser's zone, with milliseconds: what log lines begin with. */
export function clockOf(at: number): string {
  return `${CLOCK.format(at)}.${String(at % 1_000).padStart(3, "0")}`;
}

/** How long something took, or has been going on. */
export function took(
  {
    startedAt,
    endedAt,
  }: { readonly startedAt: string | undefined; readonly endedAt: string | undefined },
  now: number,
): string {
  if (startedAt === undefined) return "";
  const end = endedAt === undefined ? now : Date.parse(endedAt);
  return durationInWords(Math.max(0, end - Date.parse(startedAt)));
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString()} ${count === 1 ? one : many}`;
}

export function bytes(size: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const power = size < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(size) / 3));
  return `${(size / 1_000 ** power).toPrecision(3).replace(/\.?0+$/, "")} ${units[power] ?? ""}`;
}

/** 98.7 % as people write it: never rounded up to 100. */
export function percent(part: number, whole: number): string {
  if (whole === 0) return "";
  const share = (part / whole) * 100;
  return share === 100 ? "100 %" : `${Math.min(99.9, share).toFixed(share > 99 ? 1 : 0)} %`;
}

/** The value that a share of the sorted values is not above. */
export function quantile(sorted: readonly number[], share: number): number | undefined {
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)];
}
