import * as v from "valibot";
import type { Rekeyed } from "../../domain/blocks.ts";
import type { ConfigProblem } from "../../domain/flow.ts";
import { STATE_TYPES } from "../../domain/state.ts";
import type {
  FlowStats,
  PruneProgress,
  StoreCheck,
  StoreFault,
  StoreStats,
  TableStats,
  Vacuumed,
} from "../../domain/store-care.ts";
import { TOKEN_SCOPES } from "../../domain/tokens.ts";
import type { HookTroubleView, Readiness, ReadinessCheck, StatusView } from "../api-deps.ts";
import type { BlockView } from "../block-routes.ts";
import type { NewTokenView, TokenView } from "../token-routes.ts";
import {
  AnyJson,
  answerOf,
  Count,
  countsOf,
  Flag,
  maybe,
  Text,
  Texts,
  Time,
} from "./answer-schema.ts";
import { DeliveryCounts } from "./hook-answers.ts";

export const ConfigProblemAnswer = answerOf<ConfigProblem>({
  path: v.pipe(
    v.string(),
    v.description("Into the config: `flows[1].schedule.cron`; may be empty."),
  ),
  message: Text,
  at: v.optional(v.pipe(v.string(), v.description("`flows.config.ts:12:3`."))),
});

const HookTrouble = answerOf<HookTroubleView>({
  hook: Text,
  dead: Count,
  waiting: Count,
  downSince: maybe(Time),
  nextTryAt: maybe(Time),
});

export const Status = answerOf<StatusView>({
  version: Text,
  bootId: Text,
  startedAt: Time,
  uptimeMs: Count,
  loopLagMs: v.pipe(v.number(), v.description("The longest wait of a timer in the last minute.")),
  runs: countsOf(STATE_TYPES),
  deliveries: DeliveryCounts as v.GenericSchema<unknown, StatusView["deliveries"]>,
  troubledHooks: maybe(v.array(HookTrouble)),
  threads: v.object({ threads: Count, busy: Count, stuck: Count }),
  nextDueAt: maybe(Time),
  pausedFlows: maybe(Texts),
  config: answerOf<StatusView["config"]>({
    generation: Count,
    acceptedAt: Time,
    lastReloadProblems: v.optional(
      v.pipe(v.array(ConfigProblemAnswer), v.description("Why the newest edit was not accepted.")),
    ),
  }),
  store: answerOf<StatusView["store"]>({ path: Text, sizeBytes: maybe(Count) }),
});

const Check = answerOf<ReadinessCheck>({
  name: Text,
  state: v.picklist(["ok", "warn", "failed"]),
  message: Text,
});
export const ReadinessAnswer = answerOf<Readiness>({ ready: Flag, checks: v.array(Check) });

export const Reloaded = v.object({
  generation: Count,
  acceptedAt: Time,
  changed: Flag,
  flows: v.pipe(Count, v.description("How many the config has.")),
});

const TOKEN = {
  name: Text,
  scope: v.picklist(TOKEN_SCOPES),
  createdAt: Time,
  createdBy: Text,
  lastUsedAt: v.optional(v.pipe(Time, v.description("To the minute."))),
};
export const Token = answerOf<TokenView>(TOKEN);
export const NewToken = answerOf<NewTokenView>({
  ...TOKEN,
  token: v.pipe(v.string(), v.description("The token itself, shown this once.")),
});

const BLOCK = { type: Text, name: Text, secret: Flag };
export const Block = answerOf<BlockView>({
  ...BLOCK,
  updatedAt: Time,
  value: v.optional(v.pipe(AnyJson, v.description("Only of one block, of a type not secret."))),
});
export const SavedBlock = v.object(BLOCK);
export const RekeyedAnswer = answerOf<Rekeyed>({
  blocks: Count,
  source: v.picklist(["environment", "credential", "file"]),
  place: Text,
});

export const Stats = answerOf<StoreStats>({
  path: Text,
  version: Count,
  sizeBytes: Count,
  walBytes: Count,
  freeBytes: Count,
  tables: v.array(answerOf<TableStats>({ table: Text, rows: Count, bytes: Count })),
  flows: v.array(answerOf<FlowStats>({ flow: Text, runs: Count, oldestAt: Time, newestAt: Time })),
  oldestRunAt: maybe(Time),
  newestRunAt: maybe(Time),
});

const Fault = answerOf<StoreFault>({ fault: Text, count: Count, examples: Texts });
export const StoreChecked = answerOf<StoreCheck>({
  ok: Flag,
  version: Count,
  runs: Count,
  transitions: Count,
  deliveries: Count,
  faults: v.array(Fault),
  tookMs: Count,
});
export const Pruned = answerOf<PruneProgress>({ deleted: Count, total: Count, done: Flag });
export const VacuumedAnswer = answerOf<Vacuumed>({
  beforeBytes: Count,
  afterBytes: Count,
  tookMs: Count,
});
