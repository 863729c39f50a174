import { LONGEST_MS, unboundedMs } from "../domain/duration.ts";
import type { DstPolicy, Timing } from "../domain/flow.ts";
import { type Instant, instant, readInstant } from "../domain/instant.ts";
import { clockRule, nextCronDue } from "./cron-dues.ts";
import { cronFault } from "./cron-fault.ts";
import { cronPattern } from "./cron-pattern.ts";
import { isTimezone } from "./zone-spans.ts";

export type TimingAnswer =
  | { readonly ok: true; readonly timing: Timing }
  /** `field` is the one at fault, such as `cron` or `at[1]`; undefined if it is the schedule as a whole. */
  | { readonly ok: false; readonly message: string; readonly field?: string };

type Fields = Readonly<Record<string, unknown>>;

const KINDS = ["cron", "every", "at", "onStart"] as const;
const DST_POLICIES: readonly DstPolicy[] = ["once", "skip", "literal"];
const EVERY_MIN_MS = 1_000;
const INSTANTS_MAX = 10_000;

/** Checks when a schedule of a config is due. Fields that are not about that are left to the caller. */
export function readTiming(schedule: unknown): TimingAnswer {
  if (typeof schedule !== "object" || schedule === null || Array.isArray(schedule)) {
    return refused(`Cannot read a schedule that is ${kindOf(schedule)}: expected ${EXPECTED}`);
  }
  const fields: Fields = { ...schedule };
  const given = KINDS.filter((kind) => fields[kind] !== undefined);
  const [kind] = given;
  if (kind === undefined) {
    return refused(`Cannot read a schedule that does not say when: expected ${EXPECTED}`);
  }
  if (given.length > 1) {
    return refused(`Cannot read a schedule with ${given.join(" and ")}: give one of them`);
  }
  return strayField(kind, fields) ?? READERS[kind](fields);
}

const EXPECTED = `{ cron: "0 2 * * *" }, { every: "15m" }, { at: ["2027-01-01T00:00:00Z"] } or { onStart: true }`;

const READERS = { cron: readCron, every: readEvery, at: readAt, onStart: readOnStart };

/** A field that belongs to another kind is a mistake: it would have no effect. */
function strayField(kind: (typeof KINDS)[number], fields: Fields): TimingAnswer | undefined {
  const strays = kind === "cron" ? ["anchor"] : ["timezone", "dst"];
  if (kind === "at" || kind === "onStart") strays.push("anchor");
  const stray = strays.find((name) => fields[name] !== undefined);
  if (stray === undefined) return undefined;
  const owner = stray === "anchor" ? "every" : "cron";
  return refused(`Cannot use ${stray} with ${kind}: it belongs to { ${owner} }`, stray);
}

function readCron(fields: Fields): TimingAnswer {
  const { cron, timezone = "UTC", dst = "once" } = fields;
  if (typeof cron !== "string") return refused(`Cannot read cron: ${notA("a text", cron)}`, "cron");
  if (REBOOT.test(cron)) return strayField("onStart", fields) ?? ON_START;
  const fault = cronFault(cron);
  if (fault !== undefined) return refused(`Cannot read cron "${cron}": ${fault}`, "cron");
  if (typeof timezone !== "string") {
    return refused(`Cannot read timezone: ${notA("a name such as Europe/Vienna", timezone)}`, TZ);
  }
  if (!isTimezone(timezone)) {
    const why = "there is no such time zone; expected a name such as Europe/Vienna or UTC";
    return refused(`Cannot use timezone "${timezone}": ${why}`, TZ);
  }
  const policy = DST_POLICIES.find((known) => known === dst);
  if (policy === undefined) {
    return refused(`Cannot read dst: ${notA(`one of ${DST_POLICIES.join(", ")}`, dst)}`, "dst");
  }
  const timing = { kind: "cron", cron: cron.trim(), timezone, dst: policy } as const;
  return leftOut(timing) ?? { ok: true, timing };
}

/** By the clock changes of today: a zone may have had none when local times began to be written down. */
const SOME_DAY = instant(Date.UTC(2026, 0, 1));

/** What lies in the gap of a clock change each time that it comes. */
function leftOut(timing: Extract<Timing, { kind: "cron" }>): TimingAnswer | undefined {
  const { cron, timezone, dst } = timing;
  if (clockRule(timing, cronPattern(cron)).movesOutOfGap) return undefined;
  if (nextCronDue(timing, SOME_DAY) !== undefined) return undefined;
  const why = `it is never due: whenever it comes, the clock of ${timezone} leaves it out`;
  const isMoved = nextCronDue({ ...timing, dst: "once" }, SOME_DAY) !== undefined;
  const next = isMoved ? 'with dst "once" it is due right after' : "name a time outside the gap";
  return refused(`Cannot use cron "${cron}" with dst "${dst}": ${why}; ${next}`, "cron");
}

const TZ = "timezone";
const ON_START: TimingAnswer = { ok: true, timing: { kind: "start" } };
const REBOOT = /^\s*@reboot\s*$/i;

function readEvery({ every, anchor }: Fields): TimingAnswer {
  const everyMs = unboundedMs(every);
  if (everyMs === undefined || !Number.isInteger(everyMs)) {
    return refused(`Cannot read every: ${notA(`a duration such as "15m"`, every)}`, "every");
  }
  if (everyMs < EVERY_MIN_MS) {
    return refused(`Cannot use every ${show(every)}: the least is 1s`, "every");
  }
  if (everyMs > LONGEST_MS) {
    return refused(`Cannot use every ${show(every)}: the most is 36500d`, "every");
  }
  const from = anchor === undefined ? instant(0) : instantIn(anchor);
  return from === undefined
    ? refused(`Cannot read anchor: ${notA(INSTANT, anchor)}`, "anchor")
    : { ok: true, timing: { kind: "every", everyMs, anchor: from } };
}

function readAt({ at }: Fields): TimingAnswer {
  if (!Array.isArray(at) || at.length === 0) {
    return refused(`Cannot read at: ${notA(`a list of instants`, at)}`, "at");
  }
  if (at.length > INSTANTS_MAX) {
    return refused(`Cannot read at: it lists ${at.length} instants, at most ${INSTANTS_MAX}`, "at");
  }
  const instants = at.map(instantIn);
  const wrong = instants.indexOf(undefined);
  if (wrong >= 0) {
    return refused(`Cannot read at[${wrong}]: ${notA(INSTANT, at[wrong])}`, `at[${wrong}]`);
  }
  const known = new Set(instants.filter((found) => found !== undefined));
  return { ok: true, timing: { kind: "at", at: [...known].sort((a, b) => a - b) } };
}

function readOnStart({ onStart }: Fields): TimingAnswer {
  return onStart === true
    ? ON_START
    : refused(`Cannot read onStart: ${notA("true", onStart)}`, "onStart");
}

const INSTANT = `a Date or an ISO 8601 instant with Z or an offset, such as "2027-01-01T00:00:00Z"`;

function instantIn(value: unknown): Instant | undefined {
  if (typeof value === "string") return readInstant(value);
  const isDate = value instanceof Date && !Number.isNaN(value.getTime());
  return isDate ? instant(value.getTime()) : undefined;
}

function refused(message: string, field?: string): TimingAnswer {
  return { ok: false, message, ...(field === undefined ? {} : { field }) };
}

function notA(expected: string, value: unknown): string {
  return `it is ${show(value)}, expected ${expected}`;
}

function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  return typeof value === "number" || typeof value === "boolean" ? String(value) : kindOf(value);
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "an invalid Date" : "a Date";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
