import { STANDARD_LADDER_MS } from "../../src/domain/delivery.ts";
import type {
  FlowSpec,
  Generation,
  HookSpec,
  Manifest,
  ScheduleSpec,
} from "../../src/domain/flow.ts";
import type { FlowName, HookKey, ScheduleKey } from "../../src/domain/ids.ts";
import { NOON } from "./stores.ts";

/** A flow as a config would give it with nothing but a name. */
export function aFlow(changes: Partial<FlowSpec> = {}): FlowSpec {
  return {
    name: "report" as FlowName,
    description: "",
    tags: [],
    schedules: [],
    retry: { retries: 0, delay: { kind: "list", ms: [0] } },
    retryCrashed: 0,
    graceMs: 5_000,
    cancelGraceMs: 30_000,
    lateAfterMs: 15_000,
    isolation: "thread",
    overlap: "skip",
    maxQueued: 100,
    priority: 0,
    missed: { policy: "latest", windowMs: 86_400_000, max: 100 },
    hooks: [],
    ...changes,
  };
}

export function aSchedule(
  timing: ScheduleSpec["timing"],
  changes: Partial<ScheduleSpec> = {},
): ScheduleSpec {
  return {
    key: "report" as ScheduleKey,
    timing,
    parameters: {},
    paused: false,
    jitterMs: 0,
    ...changes,
  };
}

export function aHook(name: string, changes: Partial<HookSpec> = {}): HookSpec {
  return {
    key: `flow:report/onAnyEnd/${name}` as HookKey,
    name,
    moments: ["onAnyEnd"],
    timeoutMs: 30_000,
    retryMs: [0, ...STANDARD_LADDER_MS],
    ...changes,
  };
}

export function aGeneration(
  flows: readonly FlowSpec[],
  changes: Partial<Manifest> = {},
): Generation {
  const manifest: Manifest = {
    flows,
    tasks: [],
    tagHooks: [],
    hookModules: [],
    limits: {},
    settings: {},
    blockTypes: [],
    ...changes,
  };
  return {
    number: 1,
    configPath: "/flows.config.ts",
    manifest,
    sources: { files: {}, links: {} },
    acceptedAt: NOON,
  };
}
