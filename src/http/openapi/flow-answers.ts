import * as v from "valibot";
import type {
  FlowSpec,
  HookModuleSpec,
  HookSpec,
  ScheduleSpec,
  TagHooksSpec,
  TaskSpec,
} from "../../domain/flow.ts";
import { OVERLAP_POLICIES } from "../../domain/overlap.ts";
import type { FlowView, LastRunView, ScheduleView } from "../flow-view.ts";
import type { ManifestView } from "../manifest-route.ts";
import {
  answerOf,
  Count,
  Flag,
  Id,
  JsonMap,
  maybe,
  Text,
  Texts,
  Time,
  Whole,
} from "./answer-schema.ts";
import { HOOK_OPTIONS } from "./hook-answers.ts";
import { State } from "./run-answers.ts";
import { SchedulePause } from "./schedule-answers.ts";

const Isolation = v.picklist(["thread", "process"]);
const ParametersSchema = v.pipe(
  JsonMap,
  v.description("JSON Schema of its parameters, for forms."),
);

const Schedule = answerOf<ScheduleView>({
  key: Text,
  words: v.pipe(v.string(), v.description("As the config gives it, shortened.")),
  inWords: v.pipe(v.string(), v.description("For people: `At 02:00, Europe/Vienna`.")),
  kind: v.picklist(["cron", "every", "at", "start"]),
  cron: maybe(Text),
  timezone: maybe(Text),
  everyMs: maybe(Count),
  jitterMs: maybe(Count),
  paused: v.pipe(v.boolean(), v.description("It rests, for whatever reason.")),
  pausedInConfig: v.optional(v.literal(true)),
  pause: maybe(SchedulePause),
  until: maybe(Time),
});

const LastRun = answerOf<LastRunView>({
  id: Id,
  name: Text,
  state: State,
  createdAt: Time,
  startedAt: maybe(Time),
  endedAt: maybe(Time),
});

export const Flow = answerOf<FlowView>({
  name: Text,
  description: Text,
  tags: Texts,
  schedules: v.array(Schedule),
  nextDueAt: maybe(Time),
  pause: v.optional(v.pipe(SchedulePause, v.description("Somebody paused the whole flow."))),
  lastRun: maybe(LastRun),
  retries: Count,
  timeoutMs: maybe(Count),
  overlap: v.picklist(OVERLAP_POLICIES),
  concurrency: v.optional(v.pipe(Count, v.description("Absent for no limit."))),
  priority: Whole,
  isolation: Isolation,
  memoryLimitBytes: maybe(Count),
  hooks: v.array(v.object({ name: Text, moments: Texts })),
  parametersSchema: maybe(ParametersSchema),
  definedAt: v.optional(v.pipe(v.string(), v.description("Where the config defines it."))),
});

/** Instants of the config as it is kept: milliseconds since 1970. */
const Millis = v.pipe(v.number(), v.integer(), v.description("Milliseconds since 1970."));
const TimingAnswer = v.variant("kind", [
  v.object({
    kind: v.literal("cron"),
    cron: Text,
    timezone: Text,
    dst: v.picklist(["once", "skip", "literal"]),
  }),
  v.object({ kind: v.literal("every"), everyMs: Count, anchor: Millis }),
  v.object({ kind: v.literal("at"), at: v.array(Millis) }),
  v.object({ kind: v.literal("start") }),
]);

const ScheduleKept = answerOf<Loosely<ScheduleSpec>>({
  key: Text,
  timing: TimingAnswer,
  parameters: JsonMap,
  paused: Flag,
  until: maybe(Millis),
  jitterMs: Count,
});

const HOOK = { key: Text, name: Text, moments: Texts, timeoutMs: Count, ...HOOK_OPTIONS };
const HookKept = answerOf<Loosely<HookSpec>>(HOOK);
const HookModuleKept = answerOf<Loosely<HookModuleSpec>>({
  ...HOOK,
  module: Text,
  flows: maybe(Texts),
  tags: maybe(Texts),
});

const RetryKept = v.object({
  retries: Count,
  delay: v.variant("kind", [
    v.object({ kind: v.literal("list"), ms: v.array(Count) }),
    v.object({
      kind: v.literal("exponential"),
      initialMs: Count,
      factor: v.number(),
      maxMs: Count,
      jitter: v.number(),
    }),
  ]),
});

const FlowKept = answerOf<Loosely<FlowSpec>>({
  name: Text,
  description: Text,
  tags: Texts,
  schedules: v.array(ScheduleKept),
  retry: RetryKept,
  retryCrashed: Count,
  timeoutMs: maybe(Count),
  graceMs: Count,
  cancelGraceMs: Count,
  lateAfterMs: Count,
  expectWithinMs: maybe(Count),
  overlap: v.picklist(OVERLAP_POLICIES),
  maxQueued: Count,
  isolation: Isolation,
  memoryLimitBytes: maybe(Count),
  concurrency: maybe(Count),
  priority: Whole,
  missed: v.object({
    policy: v.picklist(["latest", "skip", "all"]),
    windowMs: Count,
    max: Count,
  }),
  hooks: v.array(HookKept),
  parametersSchema: maybe(ParametersSchema),
  definedAt: maybe(Text),
});

export const ManifestAnswer = answerOf<Loosely<ManifestView>>({
  generation: Count,
  configPath: Text,
  acceptedAt: Time,
  flows: v.array(FlowKept),
  tasks: v.array(answerOf<Loosely<TaskSpec>>({ name: Text, hooks: v.array(HookKept) })),
  tagHooks: v.array(answerOf<Loosely<TagHooksSpec>>({ tag: Text, hooks: v.array(HookKept) })),
  hookModules: v.array(HookModuleKept),
  limits: v.record(v.string(), Count),
});

/** The fields of a view whose values are not compared: they are full of branded texts. */
// biome-ignore lint/suspicious/noExplicitAny: see above
type Loosely<View> = { readonly [Key in keyof View]: any };
