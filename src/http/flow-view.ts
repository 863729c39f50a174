import { durationInWords } from "../domain/duration.ts";
import type { FlowSpec, ScheduleSpec, Timing } from "../domain/flow.ts";
import { isoOf } from "../domain/instant.ts";
import type { JsonObject } from "../domain/json.ts";
import type { Run } from "../domain/run.ts";
import { endOf, type StateView, stateView } from "../domain/run-view.ts";
import {
  type SchedulePause,
  type SchedulePauseView,
  schedulePauseView,
} from "../domain/schedule-pause.ts";
import type { InWords } from "../schedule/in-words.ts";

/** A flow as the API shows it. */
export interface FlowView {
  readonly name: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly schedules: readonly ScheduleView[];
  readonly nextDueAt?: string;
  /** Somebody paused the whole flow: its schedules rest, runs can still be asked for. */
  readonly pause?: SchedulePauseView;
  readonly lastRun?: LastRunView;
  readonly retries: number;
  readonly timeoutMs?: number;
  readonly overlap: string;
  /** Runs that may go on at once; absent for no limit. */
  readonly concurrency?: number;
  readonly priority: number;
  readonly isolation: FlowSpec["isolation"];
  /** Only with a process of its own: more than this and it is killed. */
  readonly memoryLimitBytes?: number;
  readonly hooks: readonly { readonly name: string; readonly moments: readonly string[] }[];
  /** JSON Schema, where the config's schema can say it. */
  readonly parametersSchema?: JsonObject;
  readonly definedAt?: string;
}

export interface ScheduleView {
  readonly key: string;
  /** As the config gives it, shortened. */
  readonly words: string;
  /** For people: `At 02:00, Europe/Vienna`. */
  readonly inWords: string;
  readonly kind: Timing["kind"];
  readonly cron?: string;
  readonly timezone?: string;
  readonly everyMs?: number;
  /** Runs start up to so long after their due time. */
  readonly jitterMs?: number;
  /** Whether it rests, for whatever reason. */
  readonly paused: boolean;
  /** Because the config says `paused: true`. */
  readonly pausedInConfig?: true;
  /** Because somebody paused it, or its flow. */
  readonly pause?: SchedulePauseView;
  readonly until?: string;
}

export interface LastRunView {
  readonly id: string;
  readonly name: string;
  readonly state: StateView;
  readonly createdAt: string;
  readonly startedAt?: string;
  readonly endedAt?: string;
}

/** What is known besides the config. */
export interface FlowFacts {
  readonly lastRun: Run | undefined;
  readonly nextDueAt: string | undefined;
  readonly inWords: InWords;
  /** Those of the flow and its schedules that go on. */
  readonly pauses?: readonly SchedulePause[];
}

export function flowView(
  flow: FlowSpec,
  { lastRun, nextDueAt, inWords, pauses = [] }: FlowFacts,
): FlowView {
  const pause = pauses.find(({ schedule }) => schedule === undefined);
  return {
    name: flow.name,
    description: flow.description,
    tags: flow.tags,
    schedules: flow.schedules.map((schedule) => ({
      ...scheduleView(schedule, inWords),
      ...restOf(schedule, pause ?? pauses.find((one) => one.schedule === schedule.key)),
    })),
    ...(nextDueAt === undefined ? {} : { nextDueAt }),
    ...(pause === undefined ? {} : { pause: schedulePauseView(pause) }),
    ...(lastRun === undefined ? {} : { lastRun: lastRunView(lastRun) }),
    retries: flow.retry.retries,
    ...(flow.timeoutMs === undefined ? {} : { timeoutMs: flow.timeoutMs }),
    overlap: flow.overlap,
    ...limitsOf(flow),
    hooks: flow.hooks.map(({ name, moments }) => ({ name, moments })),
    ...(flow.parametersSchema === undefined ? {} : { parametersSchema: flow.parametersSchema }),
    ...(flow.definedAt === undefined ? {} : { definedAt: flow.definedAt }),
  };
}

function limitsOf({ concurrency, priority, isolation, memoryLimitBytes }: FlowSpec) {
  return {
    ...(concurrency === undefined ? {} : { concurrency }),
    priority,
    isolation,
    ...(memoryLimitBytes === undefined ? {} : { memoryLimitBytes }),
  };
}

/** Config and person may both have paused it: each is said. */
function restOf({ paused }: ScheduleSpec, pause: SchedulePause | undefined) {
  return {
    ...(paused ? { pausedInConfig: true as const } : {}),
    ...(pause === undefined ? {} : { paused: true, pause: schedulePauseView(pause) }),
  };
}

/** A schedule as the API shows it. */
export function scheduleView(
  { key, timing, paused, until, jitterMs }: ScheduleSpec,
  inWords: InWords,
): ScheduleView {
  return {
    key,
    words: wordsOf(timing),
    inWords: inWords(timing),
    kind: timing.kind,
    ...(timing.kind === "cron" ? { cron: timing.cron, timezone: timing.timezone } : {}),
    ...(timing.kind === "every" ? { everyMs: timing.everyMs } : {}),
    ...(jitterMs === 0 ? {} : { jitterMs }),
    paused,
    ...(until === undefined ? {} : { until: isoOf(until) }),
  };
}

function wordsOf(timing: Timing): string {
  switch (timing.kind) {
    case "cron":
      return `${timing.cron} (${timing.timezone})`;
    case "every":
      return `every ${durationInWords(timing.everyMs)}`;
    case "at":
      return timing.at.length === 1 && timing.at[0] !== undefined
        ? `at ${isoOf(timing.at[0])}`
        : `at ${timing.at.length} instants`;
    case "start":
      return "on start";
  }
}

function lastRunView(run: Run): LastRunView {
  const end = endOf(run);
  return {
    id: run.id,
    name: run.name,
    state: stateView(run.state),
    createdAt: isoOf(run.createdAt),
    ...(run.startedAt === undefined ? {} : { startedAt: isoOf(run.startedAt) }),
    ...(end === undefined ? {} : { endedAt: isoOf(end) }),
  };
}
