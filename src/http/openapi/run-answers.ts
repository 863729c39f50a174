import * as v from "valibot";
import type { ErrorInfo } from "../../domain/failure.ts";
import type { RunView, StateView, TaskRunView } from "../../domain/run-view.ts";
import { STATE_NAMES, STATE_TYPES, type StateName } from "../../domain/state.ts";
import type {
  LogView,
  OutcomeBin,
  RecentRunView,
  TransitionView,
} from "../../store/run-history.ts";
import type { OutcomesView } from "../overview-routes.ts";
import {
  AnyJson,
  answerOf,
  Count,
  countsOf,
  Id,
  JsonMap,
  listOf,
  maybe,
  Text,
  Texts,
  Time,
  Whole,
} from "./answer-schema.ts";

const NAMES: readonly StateName[] = Object.values(STATE_NAMES).flat();
export const StateTypeWord = v.picklist(STATE_TYPES);
export const LevelWord = v.picklist(["debug", "info", "warn", "error"]);

export const ErrorAnswer: v.GenericSchema<unknown, ErrorInfo> = answerOf<ErrorInfo>({
  name: Text,
  message: Text,
  stack: maybe(Text),
  cause: maybe(v.lazy((): v.GenericSchema<unknown, ErrorInfo> => ErrorAnswer)),
});

export const State = answerOf<StateView>({
  type: StateTypeWord,
  name: v.picklist(NAMES),
  message: v.pipe(v.string(), v.description("Why, for people; may be empty.")),
  at: Time,
  error: maybe(ErrorAnswer),
  dueAt: v.optional(v.pipe(Time, v.description("While SCHEDULED: not to be started before."))),
  until: v.optional(v.pipe(Time, v.description("While PAUSED: until when it may be resumed."))),
  schema: v.optional(
    v.pipe(JsonMap, v.description("While PAUSED: the input that is asked for, as JSON Schema.")),
  ),
});

export const Run = answerOf<RunView>({
  id: Id,
  name: Text,
  flow: Text,
  state: State,
  attempt: v.pipe(Count, v.description("1 for the first; 0 before it.")),
  parameters: AnyJson,
  tags: Texts,
  schedule: v.optional(v.pipe(v.string(), v.description("The key of the schedule that made it."))),
  scheduledFor: v.optional(v.pipe(Time, v.description("The due time that it is the run of."))),
  createdAt: Time,
  startedAt: maybe(Time),
  endedAt: maybe(Time),
  parent: v.optional(v.pipe(Id, v.description("The run that called its flow."))),
  backfill: v.optional(v.pipe(Id, v.description("The backfill that made it."))),
  priority: Whole,
  generation: Count,
  result: v.optional(v.pipe(AnyJson, v.description("What its flow answered."))),
});

export const TaskRun = answerOf<TaskRunView>({
  id: Id,
  task: Text,
  call: Count,
  parent: v.optional(v.pipe(Id, v.description("The task run that called it, if one did."))),
  state: State,
  attempt: Count,
  createdAt: Time,
  startedAt: maybe(Time),
  endedAt: maybe(Time),
  result: maybe(AnyJson),
});

export const Transition = answerOf<TransitionView>({
  seq: v.pipe(Count, v.description("Grows with every transition of the store.")),
  attempt: Count,
  state: State,
  taskRun: v.optional(v.pipe(Id, v.description("Set where it is a task run that moved."))),
  task: maybe(Text),
  parent: maybe(Id),
});

export const LogLine = answerOf<LogView>({
  no: v.pipe(Count, v.description("Grows with every line.")),
  at: Time,
  level: LevelWord,
  attempt: Count,
  text: Text,
  taskRun: maybe(Id),
});

export const RecentRun = answerOf<RecentRunView>({
  id: Id,
  state: StateTypeWord,
  at: v.pipe(Time, v.description("When it was started, or made if it was not yet.")),
  tookMs: maybe(Count),
  open: v.optional(v.pipe(v.literal(true), v.description("It has not ended."))),
});

export const RecentRuns = listOf(v.object({ flow: Text, runs: v.array(RecentRun) }));

const Bin = answerOf<OutcomeBin>({ at: Time, runs: countsOf(STATE_TYPES) });

export const OutcomesAnswer = answerOf<OutcomesView>({
  flow: Text,
  bins: v.array(Bin),
  countedFrom: v.optional(v.pipe(Time, v.description("Runs before this were not counted."))),
  dues: v.optional(
    v.pipe(v.array(Time), v.description("With `ahead`: the first due time of each bin to come.")),
  ),
});
