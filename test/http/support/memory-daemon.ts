import { BlockExists, type Blocks, NoSuchBlock } from "../../../src/domain/blocks.ts";
import type { DecisionView } from "../../../src/domain/decision.ts";
import type { LogLevel } from "../../../src/domain/executor.ts";
import type { FlowSpec, Generation } from "../../../src/domain/flow.ts";
import type { FlowName, HookKey, RunId, ScheduleKey } from "../../../src/domain/ids.ts";
import { uuidv7 } from "../../../src/domain/ids.ts";
import { type Instant, instant, isoOf } from "../../../src/domain/instant.ts";
import { type Json, jsonText } from "../../../src/domain/json.ts";
import type { TransitionNews } from "../../../src/domain/news.ts";
import type { Run } from "../../../src/domain/run.ts";
import { stateView, type TaskRunView } from "../../../src/domain/run-view.ts";
import { isTerminal, type State } from "../../../src/domain/state.ts";
import type { TrialView } from "../../../src/domain/trial.ts";
import type {
  Commands,
  ReloadAnswer,
  TriggerAnswer,
  TriggerRequest,
} from "../../../src/engine/commands.ts";
import type { ApiDeps } from "../../../src/http/api-deps.ts";
import { EventFeed } from "../../../src/http/event-feed.ts";
import { upcomingViews } from "../../../src/http/upcoming-view.ts";
import type {
  DeliveryView,
  LogView,
  RunHistory,
  RunQuery,
} from "../../../src/store/run-history.ts";
import { aFlow, aHook } from "../../support/manifests.ts";
import { memoryAccess, memoryNews } from "./memory-access.ts";
import { type MemoryDeliveries, memoryDeliveries, NOTIFY } from "./memory-deliveries.ts";
import { memorySchedules } from "./memory-schedules.ts";

export const NOON = instant(Date.parse("2026-01-31T12:00:00Z"));

/** A daemon without store and threads: the API's interfaces over arrays. */
export interface MemoryDaemon {
  readonly api: ApiDeps;
  readonly runs: Run[];
  readonly logs: LogView[];
  /** The task runs that every run is said to have. */
  readonly tasks: TaskRunView[];
  readonly reloads: ReloadAnswer[];
  readonly deliveries: DeliveryView[];
  readonly decisions: DecisionView[];
  /** Moves a run to a state, as the engine would. */
  move(id: string, state: State): void;
  say(text: string, level?: LogLevel): void;
}

export function memoryDaemon(overrides: Partial<ApiDeps> = {}): MemoryDaemon {
  const runs: Run[] = [];
  const logs: LogView[] = [];
  const tasks: TaskRunView[] = [];
  const moves: { run: string; state: State }[] = [];
  const reloads: ReloadAnswer[] = [];
  const rung = memoryDeliveries();
  const news: TransitionNews[] = [];
  const feed = new EventFeed({ news: memoryNews(news, logs) });
  const move = (id: string, state: State) => {
    const index = runs.findIndex((run) => run.id === id);
    const run = runs[index];
    if (run === undefined) throw new Error(`no run ${id}`);
    const end = isTerminal(state.type) ? { endedAt: NOON } : {};
    runs[index] = { ...run, state, ...end, rev: run.rev + 1 };
    moves.push({ run: id, state });
    const { name: runName, flow } = run;
    news.push({ seq: moves.length, run: id, runName, flow, attempt: 1, state: stateView(state) });
    feed.moved();
  };
  const api: ApiDeps = {
    history: { ...memoryHistory({ runs, logs, moves, tasks }), ...rung.history },
    commands: { ...memoryCommands(runs, reloads, move), ...rung.commands },
    hookRecords: () => rung.history.hookRecords(),
    access: memoryAccess(),
    feed,
    metrics: async () => "tocsin_up 1\n",
    blocks: memoryBlocks(),
    generation,
    clock: () => NOON,
    status: async () => ({
      version: "0.1.0",
      bootId: "boot",
      startedAt: isoOf(NOON),
      uptimeMs: 90_000,
      loopLagMs: 3,
      runs: { COMPLETED: runs.length },
      deliveries: { pending: 0, delivered: 3, retrying: 0, dead: 1, dropped: 0 },
      threads: { threads: 2, busy: 0, stuck: 0 },
      config: { generation: 1, acceptedAt: isoOf(NOON) },
      store: { path: "/var/lib/tocsin/state.db", sizeBytes: 4_096 },
    }),
    readiness: async () => ({
      ready: true,
      checks: [{ name: "config", state: "warn", message: "the newest edit was refused" }],
    }),
    schedules: memorySchedules(() => generation().manifest.flows, NOON),
    upcoming: (flows, query) => upcomingViews(flows, query, NOON),
    tryHook: async ({ hook }) => ({ type: "tried", trial: aTrial(hook) }),
    ...overrides,
  };
  const say = (text: string, level: LogLevel = "info") => {
    logs.push({ no: logs.length + 1, at: isoOf(NOON), level, attempt: 1, text });
    feed.committed();
  };
  const { deliveries, decisions } = rung;
  return { api, runs, logs, tasks, reloads, deliveries, decisions, move, say };
}

/** How a hook did that was tried and did nothing. */
export function aTrial(hook: string): TrialView {
  return {
    hook: `flow:backup/onFailure/${hook}`,
    name: hook,
    moment: "onFailure",
    flow: "backup",
    madeUp: "all",
    sent: false,
    outcome: "delivered",
    startedAt: isoOf(NOON),
    endedAt: isoOf(NOON),
    exchanges: [],
    log: [],
  };
}

function flowNamed(name: string, more: Partial<FlowSpec> = {}): FlowSpec {
  return aFlow({ name: name as FlowName, ...more });
}

const LIMITED = {
  hooks: [aHook("notify", { key: NOTIFY as HookKey, moments: ["onFailure"] })],
  concurrency: 2,
  priority: 5,
  isolation: "process",
  parametersSchema: { type: "object", properties: { day: { type: "string" } } },
} as const;

function generation(): Generation {
  const hourly = {
    key: "hourly" as ScheduleKey,
    timing: { kind: "cron", cron: "0 * * * *", timezone: "UTC", dst: "once" },
    parameters: {},
    paused: false,
    jitterMs: 0,
  } as const;
  return {
    number: 1,
    configPath: "/etc/tocsin/flows.config.ts",
    acceptedAt: NOON,
    sources: { files: {}, links: {} },
    manifest: {
      flows: [flowNamed("nightly-report", { schedules: [hourly] }), flowNamed("backup", LIMITED)],
      tasks: [],
      tagHooks: [],
      hookModules: [],
      limits: {},
      settings: {},
      blockTypes: [],
    },
  };
}

export const COMPLETED: State = { type: "COMPLETED", name: "Completed", message: "", at: NOON };
export const RUNNING: State = { type: "RUNNING", name: "Running", message: "", at: NOON };
export const PAUSED: State = {
  type: "PAUSED",
  name: "Paused",
  message: "waits for an approval",
  at: NOON,
  pause: { call: 0, schema: { type: "object" } },
};
export const FAILED: State = {
  type: "FAILED",
  name: "Failed",
  message: "disk is full",
  at: NOON,
  error: { name: "Error", message: "disk is full" },
};

interface Kept {
  readonly runs: readonly Run[];
  readonly logs: readonly LogView[];
  readonly moves: readonly { run: string; state: State }[];
  readonly tasks: readonly TaskRunView[];
}

function memoryHistory({
  runs,
  logs,
  moves,
  tasks,
}: Kept): Omit<RunHistory, keyof MemoryDeliveries["history"]> {
  return {
    async findRun(reference) {
      const exact = runs.find((run) => run.id === reference || run.name === reference);
      const prefixed =
        reference.length < 6 ? [] : runs.filter((run) => run.id.startsWith(reference));
      return exact ?? (prefixed.length > 1 ? "ambiguous" : prefixed[0]);
    },
    listRuns: async (query) =>
      runs
        .filter((run) => passes(run, query))
        .toReversed()
        .slice(0, query.limit),
    listTransitions: async (run) =>
      moves
        .map(({ run, state }, seq) => ({ run, seq: seq + 1, attempt: 1, state: stateView(state) }))
        .filter((move) => move.run === run.id)
        .map(({ run: _, ...view }) => view),
    listTaskRuns: async () => tasks,
    listLogs: async (_, { after = 0, level, tail, limit }) => {
      const found = logs.filter(
        (line) => line.no > after && (level === undefined || line.level === level),
      );
      return (tail === undefined ? found : found.slice(found.length - tail)).slice(0, limit);
    },
    counts: async () => ({
      runs: {},
      deliveries: { pending: 0, delivered: 0, retrying: 0, dead: 0, dropped: 0 },
    }),
    recentRuns: async () => [],
    outcomes: async (flow) => ({ flow, bins: [] }),
    latestRuns: async () => new Map(runs.map((run) => [run.flow, run])),
  };
}

function passes(run: Run, query: RunQuery): boolean {
  const fits = (filter: RunQuery["flows"], values: readonly string[]) =>
    (filter === undefined ||
      filter.include.length === 0 ||
      filter.include.some((value) => values.includes(value))) &&
    !filter?.exclude.some((value) => values.includes(value));
  return (
    fits(query.flows, [run.flow]) &&
    fits(query.states, [run.state.type, run.state.name]) &&
    fits(query.tags, run.tags) &&
    (query.parent === undefined || run.parent === query.parent) &&
    run.no < (query.before ?? Number.POSITIVE_INFINITY) &&
    run.createdAt >= (query.since ?? 0)
  );
}

function memoryCommands(
  runs: Run[],
  reloads: ReloadAnswer[],
  move: (id: string, state: State) => void,
): Omit<Commands, keyof MemoryDeliveries["commands"]> {
  const known = generation().manifest.flows.map((flow) => flow.name as string);
  const create = (request: TriggerRequest): Run => {
    const no = runs.length + 1;
    const dueAt = request.at ?? NOON;
    const run: Run = {
      id: uuidv7(instant(NOON + no)) as RunId,
      no,
      name: `brave-otter-${no}`,
      flow: request.flow as FlowName,
      parameters: jsonText(request.parameters ?? {}),
      tags: request.tags ?? [],
      createdAt: NOON,
      generation: 1,
      priority: request.priority ?? 0,
      exclusive: false,
      failures: 0,
      crashes: 0,
      rev: 1,
      attempt: 0,
      state: { type: "SCHEDULED", name: "Scheduled", message: "", at: NOON as Instant, dueAt },
      ...(request.idempotencyKey === undefined ? {} : { idempotencyKey: request.idempotencyKey }),
    };
    runs.push(run);
    return run;
  };
  const trigger: Commands["trigger"] = async (request) => {
    const { flow, idempotencyKey } = request;
    if (!known.includes(flow)) return { type: "no-such-flow", flow, known };
    const before = runs.find((run) => idempotencyKey && run.idempotencyKey === idempotencyKey);
    if (before !== undefined) {
      return answerKnown(before, request);
    }
    const open = runs.find((run) => run.flow === flow && run.state.type === "RUNNING");
    if (open !== undefined && request.overlap !== "allow") {
      return { type: "overlaps", blockedBy: open };
    }
    return { type: "created", run: create(request) };
  };
  return {
    trigger,
    async triggerMany(requests) {
      const index = requests.findIndex((request) => !known.includes(request.flow));
      const flow = requests[index]?.flow;
      if (flow !== undefined) {
        return { type: "refused", index, answer: { type: "no-such-flow", flow, known } };
      }
      return { type: "created", runs: requests.map(create) };
    },
    async cancel(run) {
      if (isTerminal(run.state.type)) return "too-late";
      move(run.id, { type: "CANCELLED", name: "Cancelled", message: "", at: NOON });
      return "cancelled";
    },
    async resume(run, input) {
      if (run.state.type !== "PAUSED") return "not-paused";
      move(run.id, scheduled(`resumed with ${JSON.stringify(input)}`));
      return "resumed";
    },
    async rerun(run) {
      if (!isTerminal(run.state.type)) return "not-over";
      if (!known.includes(run.flow)) return "no-such-flow";
      move(run.id, scheduled("asked for again"));
      return "scheduled";
    },
    async reload() {
      return reloads.shift() ?? { type: "accepted", generation: generation(), changed: false };
    },
  };
}

function scheduled(message: string): State {
  return { type: "SCHEDULED", name: "Scheduled", message, at: NOON, dueAt: NOON };
}

function answerKnown(run: Run, request: TriggerRequest): TriggerAnswer {
  const same = run.parameters === jsonText(request.parameters ?? {});
  return { type: same ? "known" : "key-reused", run };
}

function memoryBlocks(): Blocks {
  const values = new Map<string, Json>();
  return {
    async load(type, name) {
      const value = values.get(`${type}/${name}`);
      if (value === undefined) throw new NoSuchBlock(type, name);
      return value;
    },
    async save({ type, name, value, overwrite }) {
      if (values.has(`${type}/${name}`) && !overwrite) throw new BlockExists(type, name);
      values.set(`${type}/${name}`, value);
    },
    async delete(type, name) {
      if (!values.delete(`${type}/${name}`)) throw new NoSuchBlock(type, name);
    },
    rekey: async () => ({ blocks: values.size, source: "file", place: "/state/key" }),
    async list() {
      return [...values.keys()].map((key) => {
        const [type = "", name = ""] = key.split("/");
        return { type, name, updatedAt: NOON };
      });
    },
  };
}
