import * as v from "valibot";
import { DELIVERY_STATUSES } from "../../domain/delivery.ts";
import { MOMENTS } from "../../domain/flow.ts";
import type { ExchangeView, TrialView } from "../../domain/trial.ts";
import type { DeliveryAttemptView, DeliveryEntry, DeliveryView } from "../../store/run-history.ts";
import type { HookOwner, HookView } from "../hook-view.ts";
import { answerOf, Count, countsOf, Flag, Id, maybe, Text, Texts, Time } from "./answer-schema.ts";
import { ErrorAnswer, LevelWord, State } from "./run-answers.ts";
import { Decision } from "./schedule-answers.ts";

const MomentWord = v.picklist(MOMENTS);
const StatusWord = v.picklist(DELIVERY_STATUSES);
const HookLine = v.object({ at: Time, level: LevelWord, text: Text });
export const DeliveryCounts = countsOf(DELIVERY_STATUSES);

const Exchange = answerOf<ExchangeView>({
  request: Text,
  detail: maybe(Text),
  answer: maybe(Text),
  startedAt: Time,
  endedAt: Time,
});

const Owner = answerOf<HookOwner>({
  kind: v.picklist(["flow", "task", "tag", "module"]),
  name: Text,
});

/** What a hook is configured with, as the config and the list of hooks tell it. */
export const HOOK_OPTIONS = {
  retryMs: v.array(Count),
  holdForMs: maybe(Count),
  dedupe: maybe(v.object({ withinMs: Count, by: v.picklist(["flow", "run", "message"]) })),
  rateLimit: maybe(v.object({ max: Count, perMs: Count, excess: v.picklist(["wait", "drop"]) })),
};

export const Hook = answerOf<HookView>({
  key: Text,
  name: Text,
  owner: Owner,
  gone: v.optional(v.pipe(v.literal(true), v.description("The config has it no longer."))),
  moments: v.array(MomentWord),
  filter: maybe(
    answerOf<NonNullable<HookView["filter"]>>({ flows: maybe(Texts), tags: maybe(Texts) }),
  ),
  timeoutMs: maybe(Count),
  retry: v.optional(v.pipe(v.string(), v.description("Its waits, in words."))),
  ...HOOK_OPTIONS,
  retryMs: maybe(HOOK_OPTIONS.retryMs),
  deliveries: v.pipe(DeliveryCounts, v.description("By status; one without any is left out.")),
  lastDeliveredAt: maybe(Time),
  lastFailure: maybe(v.object({ at: Time, message: Text })),
  waiting: maybe(v.object({ count: Count, oldestDueAt: Time })),
  down: v.optional(
    v.pipe(
      answerOf<NonNullable<HookView["down"]>>({ since: Time, nextTryAt: maybe(Time) }),
      v.description("Set while its receiver does not answer."),
    ),
  ),
});

const ENTRY = {
  id: Id,
  hook: v.pipe(v.string(), v.description("The hook's key.")),
  hookName: maybe(Text),
  flow: Text,
  run: maybe(Id),
  runName: maybe(Text),
  task: maybe(Text),
  taskRun: maybe(Id),
  decision: v.optional(v.pipe(Decision, v.description("In place of the run."))),
  moment: Text,
  status: StatusWord,
  attemptsMade: Count,
  replays: v.pipe(Count, v.description("How often somebody asked for it again.")),
  createdAt: Time,
  nextAttemptAt: maybe(Time),
  endedAt: maybe(Time),
  reason: v.optional(v.pipe(v.string(), v.description("Why it is dead or dropped."))),
  lastError: maybe(Text),
};

export const DeliveryListed = answerOf<DeliveryEntry>(ENTRY);

const DeliveryAttempt = answerOf<DeliveryAttemptView>({
  attempt: Count,
  startedAt: Time,
  endedAt: Time,
  error: maybe(ErrorAnswer),
  log: v.array(HookLine),
  exchanges: v.optional(
    v.pipe(v.array(Exchange), v.description("What it asked of others, and what came back.")),
  ),
});

export const Delivery = answerOf<DeliveryView>({ ...ENTRY, attempts: v.array(DeliveryAttempt) });

export const Redelivered = v.object({
  redelivered: Count,
  skipped: v.pipe(Count, v.description("Their hook is not in the config.")),
  dryRun: v.optional(v.literal(true)),
});

export const Trial = answerOf<TrialView>({
  hook: Text,
  name: Text,
  moment: MomentWord,
  flow: Text,
  run: maybe(v.object({ id: Text, name: Text })),
  task: maybe(Text),
  state: maybe(State),
  decision: maybe(Decision),
  madeUp: v.picklist(["all", "state", "nothing"]),
  sent: Flag,
  outcome: v.picklist(["delivered", "failed", "timed out"]),
  error: maybe(ErrorAnswer),
  retryAfterMs: maybe(Count),
  startedAt: Time,
  endedAt: Time,
  exchanges: v.array(Exchange),
  log: v.array(HookLine),
});
