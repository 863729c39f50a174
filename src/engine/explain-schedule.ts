import type { LastStart, ScheduleFacts } from "../domain/explain.ts";
import type { FlowSpec, ScheduleSpec, Timing } from "../domain/flow.ts";
import type { FlowName, ScheduleKey } from "../domain/ids.ts";
import { type Instant, instant, later } from "../domain/instant.ts";
import type { ScheduleLife, ScheduleRule } from "../domain/schedule-life.ts";
import { clockMark } from "../schedule/clock-mark.ts";
import { nextDue, nextDueOf } from "../schedule/due-times.ts";
import { previousDue } from "../schedule/previous-due.ts";
import { startOf } from "../schedule/upcoming.ts";
import { spanAt } from "../schedule/zone-spans.ts";
import {
  findAbsence,
  findDealtDue,
  findDecision,
  findRunOfDue,
  findStart,
} from "../store/explain-store.ts";
import { listRunsById } from "../store/open-runs.ts";
import type { Store } from "../store/open-store.ts";
import type { Tick } from "./tick.ts";

const DAY_MS = 86_400_000;
const FOR_EVER = instant(Number.POSITIVE_INFINITY);

export interface ScheduleFactsDeps {
  readonly store: Pick<Store, "reader">;
  readonly tick: Pick<Tick, "cursorsOf">;
  /** Says when a schedule is due, for people. */
  readonly inWords: (timing: Timing) => string;
}

/** From `from` on, and before `to`. */
export interface Span {
  readonly from: Instant;
  readonly to: Instant;
}

export interface Asked {
  readonly flow: FlowName;
  readonly spec: FlowSpec | undefined;
  readonly key: ScheduleKey;
  readonly lives: readonly ScheduleLife[];
  readonly span: Span;
  readonly now: Instant;
}

/** What is known of one schedule in a span of time. */
export function scheduleFacts(asked: Asked, deps: ScheduleFactsDeps): ScheduleFacts {
  const { key, lives, span } = asked;
  const own = lives.filter(({ schedule }) => schedule === key);
  const then = own.filter(
    ({ beganAt, endedAt }) => beganAt < span.to && (endedAt === undefined || endedAt >= span.from),
  );
  const life = then.find((one) => dueIn(one, span) !== undefined) ?? then.at(-1);
  // It may have come into force only after what would have been due.
  if (life === undefined || isTooYoung(life, span)) return notThen(asked, own, deps);
  const { timing } = life.rule;
  const dueAt = timing.kind === "start" ? dealtDue(asked, deps) : dueIn(life, span);
  return {
    schedule: key,
    words: deps.inWords(timing),
    life,
    ...restOf(asked),
    ...optional({
      previousDueAt: previousDue(timing, later(span.from, -1)),
      nextDueAt: nextDueOf(life.rule, dueAt ?? later(span.to, -1)),
      clockChange: clockChangeNear(timing, span.from),
      lastStart: timing.kind === "start" ? startBefore(asked, span.to, deps) : undefined,
    }),
    ...(dueAt === undefined ? {} : dueFacts(asked, { timing, dueAt }, deps)),
  };
}

/** The last start of the daemon before an instant, with what became of a schedule that follows its starts. */
function startBefore(
  { flow, key }: Pick<Asked, "flow" | "key">,
  before: Instant,
  { store: { reader } }: Pick<ScheduleFactsDeps, "store">,
): LastStart | undefined {
  const start = findStart(reader, later(before, -1));
  if (start === undefined) return undefined;
  // It is due as soon as the schedules are taken up, a little after the daemon itself has started.
  const span = { from: start.at, to: start.next ?? later(before, DAY_MS) };
  const dueAt = findDealtDue(reader, { flow, schedule: key }, span);
  const due = dueAt === undefined ? undefined : { flow, schedule: key, dueAt };
  return {
    at: start.at,
    ...optional({
      run: due === undefined ? undefined : findRunOfDue(reader, due),
      decision: due === undefined ? undefined : findDecision(reader, due),
    }),
  };
}

/** The due time of the newest start; undefined where nothing became of it. */
export function latestStartDue(
  name: Pick<Asked, "flow" | "key">,
  now: Instant,
  deps: Pick<ScheduleFactsDeps, "store">,
): Instant | undefined {
  const { run, decision } = startBefore(name, later(now, 1), deps) ?? {};
  return run?.scheduledFor ?? decision?.dueAt;
}

/** The due time that a schedule named in a span while it was in force: what is due when it begins is not its own. */
function dueIn({ rule, beganAt, endedAt = FOR_EVER }: ScheduleLife, { from, to }: Span) {
  const due = nextDue(rule.timing, later(from, -1));
  const isThere = due !== undefined && due < to && due <= (rule.until ?? due);
  return isThere && beganAt < due && due <= endedAt ? due : undefined;
}

function isTooYoung({ rule, beganAt }: ScheduleLife, { from, to }: Span): boolean {
  const due = nextDue(rule.timing, later(from, -1));
  return due !== undefined && due < to && due <= beganAt;
}

/** A schedule that follows the daemon's starts names no time: what was dealt with says when it was due. */
function dealtDue(
  { flow, key: schedule, span }: Asked,
  { store: { reader } }: ScheduleFactsDeps,
): Instant | undefined {
  return findDealtDue(reader, { flow, schedule }, span);
}

/** The config did not have the schedule then; a backfill may have made a run of that time all the same. */
function notThen(
  asked: Asked,
  own: readonly ScheduleLife[],
  deps: ScheduleFactsDeps,
): ScheduleFacts {
  const { spec, key, now } = asked;
  const rule = scheduleOf(spec, key) ?? own.at(-1)?.rule;
  const inForceSince = own.findLast(({ endedAt }) => endedAt === undefined)?.beganAt;
  return {
    schedule: key,
    words: rule === undefined ? "" : deps.inWords(rule.timing),
    ...restOf(asked),
    ...optional({
      firstBeganAt: inForceSince ?? own[0]?.beganAt,
      lastEndedAt: inForceSince === undefined ? own.at(-1)?.endedAt : undefined,
    }),
    ...(rule === undefined || inForceSince === undefined ? {} : fromNowOn(rule, now)),
    ...(rule === undefined ? {} : dueOfBackfill(asked, rule, deps)),
  };
}

/** When it is due next; when it was due last, if it is not due any more. */
function fromNowOn(
  rule: ScheduleRule,
  now: Instant,
): Pick<ScheduleFacts, "nextDueAt" | "previousDueAt"> {
  const nextDueAt = nextDueOf(rule, now);
  if (nextDueAt !== undefined) return { nextDueAt };
  const { until = now, timing } = rule;
  return optional({ previousDueAt: previousDue(timing, until > now ? now : until) });
}

function dueOfBackfill(
  asked: Asked,
  { timing }: ScheduleRule,
  deps: ScheduleFactsDeps,
): Partial<ScheduleFacts> {
  const { span } = asked;
  const named = nextDue(timing, later(span.from, -1));
  const dueAt = timing.kind === "start" ? dealtDue(asked, deps) : named;
  if (dueAt === undefined || dueAt >= span.to) return {};
  const found = dueFacts(asked, { timing, dueAt }, deps);
  return found.run === undefined && found.decision === undefined ? {} : found;
}

function restOf({ spec, key }: Asked): Pick<ScheduleFacts, "restsInConfig"> {
  return scheduleOf(spec, key)?.paused === true ? { restsInConfig: true } : {};
}

function scheduleOf(spec: FlowSpec | undefined, key: ScheduleKey): ScheduleSpec | undefined {
  return spec?.schedules.find((schedule) => schedule.key === key);
}

function dueFacts(
  { flow, spec, key, now }: Asked,
  { timing, dueAt }: { readonly timing: Timing; readonly dueAt: Instant },
  { store: { reader }, tick }: ScheduleFactsDeps,
): Partial<ScheduleFacts> {
  const due = { flow, schedule: key, dueAt };
  const decision = findDecision(reader, due);
  const [blockedBy] =
    decision?.blockedBy === undefined ? [] : listRunsById(reader, [decision.blockedBy]);
  const schedule = scheduleOf(spec, key);
  const cursor = tick.cursorsOf(flow).find((one) => one.schedule === key);
  return {
    dueAt,
    ...clockMark(timing, dueAt),
    ...optional({
      decision,
      blockedBy,
      run: findRunOfDue(reader, due),
      absence: dueAt > now ? undefined : findAbsence(reader, dueAt),
      dealtUntil: cursor?.at,
      startsAt:
        spec === undefined || schedule === undefined
          ? undefined
          : startOf({ flow: spec, schedule, dueAt }),
    }),
  };
}

/** A change of the clocks of the schedule's zone within a day: it is often the reason. */
function clockChangeNear(timing: Timing, at: Instant): ScheduleFacts["clockChange"] {
  if (timing.kind !== "cron") return undefined;
  const { timezone } = timing;
  const span = spanAt(timezone, at);
  if (at - span.start < DAY_MS) {
    const byMs = span.offsetMs - span.offsetBeforeMs;
    return { at: instant(span.start), timezone, byMs };
  }
  if (span.end - at >= DAY_MS) return undefined;
  const next = spanAt(timezone, instant(span.end));
  return { at: instant(span.end), timezone, byMs: next.offsetMs - next.offsetBeforeMs };
}

/** Only the fields that have a value. */
function optional<Fields extends object>(
  fields: Fields,
): { readonly [Key in keyof Fields]?: Exclude<Fields[Key], undefined> } {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as { [Key in keyof Fields]?: Exclude<Fields[Key], undefined> };
}
