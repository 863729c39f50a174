import * as v from "valibot";
import {
  BACKFILL_POLICIES,
  type BackfillCounts,
  type BackfillDueView,
  type BackfillPlan,
  type BackfillView,
} from "../../domain/backfill.ts";
import type { DecisionView } from "../../domain/decision.ts";
import type { SchedulePauseView } from "../../domain/schedule-pause.ts";
import type {
  AbsenceView,
  ExplainFactsView,
  ExplainView,
  ScheduleFactsView,
} from "../explain-view.ts";
import type { UpcomingView } from "../upcoming-view.ts";
import { answerOf, Count, Flag, Id, maybe, Text, Texts, Time, Whole } from "./answer-schema.ts";
import { Run, StateTypeWord } from "./run-answers.ts";

const DstWord = v.pipe(
  v.picklist(["moved", "merged", "repeated"]),
  v.description("Set where a clock change touched it."),
);
const StandsFor = v.pipe(Texts, v.description("The local times that it stands for."));

export const Decision = answerOf<DecisionView>({
  flow: Text,
  schedule: Text,
  dueAt: Time,
  kind: v.picklist(["skipped", "missed"]),
  reason: Text,
  blockedBy: v.optional(v.pipe(Id, v.description("The open run that stood in the way."))),
  decidedAt: Time,
});

export const SchedulePause = answerOf<SchedulePauseView>({
  schedule: v.optional(v.pipe(v.string(), v.description("Absent where the whole flow rests."))),
  since: Time,
  by: Text,
  reason: maybe(Text),
  until: maybe(Time),
  resumedBy: maybe(Text),
});

export const Paused = v.object({
  flow: Text,
  changed: v.pipe(v.boolean(), v.description("False if it was so already.")),
  pauses: v.pipe(v.array(SchedulePause), v.description("What rests now.")),
  pausedInConfig: Texts,
});

export const DueTime = answerOf<UpcomingView>({
  flow: Text,
  schedule: Text,
  dueAt: Time,
  dueAtLocal: v.pipe(
    v.string(),
    v.description("In the schedule's zone, which it names (RFC 9557)."),
  ),
  startsAt: v.optional(
    v.pipe(Time, v.description("When the run starts, where there is a jitter.")),
  ),
  dst: maybe(DstWord),
  standsFor: maybe(StandsFor),
});

const BackfillCountsAnswer = answerOf<BackfillCounts>({
  toMake: Count,
  hadRun: Count,
  noSchedule: Count,
  waiting: Count,
  running: Count,
  paused: v.pipe(Count, v.description("Their runs wait for a person.")),
  completed: Count,
  failed: Count,
  crashed: Count,
  cancelled: Count,
  deleted: Count,
});

export const Backfill = answerOf<BackfillView>({
  id: Id,
  flow: Text,
  schedule: maybe(Text),
  from: Time,
  to: Time,
  overlap: v.picklist(BACKFILL_POLICIES),
  by: Text,
  createdAt: Time,
  cancelledAt: maybe(Time),
  status: v.picklist(["making", "running", "done", "cancelled"]),
  total: Count,
  counts: v.pipe(BackfillCountsAnswer, v.description("They sum up to the total.")),
  trouble: v.optional(
    v.pipe(
      v.object({
        why: Text,
        tries: v.pipe(Count, v.description("How often in a row it was tried in vain.")),
      }),
      v.description("Its runs cannot be made at present; it is tried again and again."),
    ),
  ),
});

export const BackfillDue = answerOf<BackfillDueView>({
  schedule: Text,
  dueAt: Time,
  outcome: v.optional(v.picklist(["made", "had-run", "no-schedule"])),
  run: maybe(Id),
  state: maybe(StateTypeWord),
});

export const BackfillPlanAnswer = answerOf<BackfillPlan & { readonly dryRun: true }>({
  dryRun: v.literal(true),
  flow: Text,
  total: Count,
  hadRun: v.pipe(Count, v.description("Due times that have a run already.")),
  dues: v.array(BackfillDue),
});

export const BackfillDues = v.object({
  items: v.array(BackfillDue),
  next: v.optional(v.pipe(Count, v.description("Where the next page begins: `after`."))),
});

const Absence = answerOf<AbsenceView>({
  kind: v.picklist(["down", "jump"]),
  from: maybe(Time),
  to: maybe(Time),
  clean: maybe(Flag),
});

const ScheduleFacts = answerOf<ScheduleFactsView>({
  schedule: Text,
  words: Text,
  inForce: maybe(
    answerOf<NonNullable<ScheduleFactsView["inForce"]>>({
      since: Time,
      until: maybe(Time),
      generation: Count,
    }),
  ),
  pausedInConfig: v.optional(v.literal(true)),
  dueAt: maybe(Time),
  startsAt: maybe(Time),
  dst: maybe(DstWord),
  standsFor: maybe(StandsFor),
  clockChange: maybe(v.object({ at: Time, timezone: Text, byMs: Whole })),
  previousDueAt: maybe(Time),
  nextDueAt: maybe(Time),
  run: maybe(Run),
  decision: maybe(Decision),
  blockedBy: maybe(Run),
  absence: maybe(Absence),
});

const ExplainFacts = answerOf<ExplainFactsView>({
  flow: Text,
  inConfig: Flag,
  at: Time,
  schedules: v.array(ScheduleFacts),
  pauses: v.array(SchedulePause),
  byHand: v.pipe(v.array(Run), v.description("Runs that somebody asked for.")),
  overlap: maybe(Text),
  openRun: maybe(Run),
  config: v.object({ generation: Count, acceptedAt: Time }),
  keptSince: v.pipe(Time, v.description("What is older is deleted.")),
});

export const Explanation = answerOf<ExplainView>({
  verdict: v.pipe(v.string(), v.description("In a word: `ran`, `skipped`, `missed`, `paused` …")),
  sentences: Texts,
  facts: ExplainFacts,
});
