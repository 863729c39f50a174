import { durationInWords } from "../domain/duration.ts";
import type { FlowSpec, ScheduleSpec, Timing } from "../domain/flow.ts";
import { isoOf } from "../domain/instant.ts";
import type { JsonObject } from "../domain/json.ts";
import type { Run } from "../domain/run.ts";
import { type StateView, stateView } from "../domain/run-view.ts";

/** A flow as the API shows it. */
export interface FlowView {
  readonly name: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly schedules: readonly ScheduleView[];
  readonly nextDueAt?: string;
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
  readonly words: string;
  readonly kind: Timing["kind"];
  readonly cron?: string;
  readonly timezone?: string;
  readonly everyMs?: number;
  readonly paused: boolean;
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
}

export function flowView(flow: FlowSpec, { lastRun, nextDueAt }: FlowFacts): FlowView {
  return {
    name: flow.name,
    description: flow.description,
    tags: flow.tags,
    schedules: flow.schedules.map(scheduleView),
    ...(nextDueAt === undefined ? {} : { nextDueAt }),
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

function scheduleView({ key, timing, paused, until }: ScheduleSpec): ScheduleView {
  return {
    key,
    words: wordsOf(timing),
    kind: timing.kind,
    ...(timing.kind === "cron" ? { cron: timing.cron, timezone: timing.timezone } : {}),
    ...(timing.kind === "every" ? { everyMs: timing.everyMs } : {}),
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
  }
}

function lastRunView(run: Run): LastRunView {
  return {
    id: run.id,
    name: run.name,
    state: stateView(run.state),
    createdAt: isoOf(run.createdAt),
    ...(run.startedAt === undefined ? {} : { startedAt: isoOf(run.startedAt) }),
    ...(run.endedAt === undefined ? {} : { endedAt: isoOf(run.endedAt) }),
  };
}
