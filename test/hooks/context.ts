import type {
  AnyContext,
  DecisionContext,
  Hook,
  HookContext,
  Json,
  Log,
} from "../../src/sdk/mod.ts";

export interface Told<Context extends AnyContext = HookContext> {
  readonly context: Context;
  readonly lines: readonly string[];
}

/** A hook's context as a thread would build it for a failed run, with blocks from a plain object. */
export function aContext(
  changes: Partial<HookContext> = {},
  values: Readonly<Record<string, Json>> = {},
): Told {
  const lines: string[] = [];
  const context: HookContext = {
    ...surroundings(values, lines),
    run: {
      id: "0199a1b2-0000-7000-8000-000000000001",
      name: "brave-otter",
      flow: "failing-flow",
      state: FAILED,
      attempt: 2,
      parameters: { day: "mon" },
      tags: ["prod", "nightly"],
      scheduledFor: "2026-11-22T02:00:00.000Z",
      createdAt: "2026-11-22T01:59:00.000Z",
      priority: 0,
      generation: 1,
    },
    state: FAILED,
    previous: { type: "RUNNING", name: "Retrying", message: "", at: "2026-11-22T02:00:31.000Z" },
    ...changes,
  };
  return { context, lines };
}

/** A hook's context as a thread would build it for a due time that was skipped. */
export function aDecision(
  changes: Partial<DecisionContext> = {},
  values: Readonly<Record<string, Json>> = {},
): Told<DecisionContext> {
  const lines: string[] = [];
  const common = surroundings(values, lines);
  const flowPage = "http://127.0.0.1:8627/flows/failing-flow";
  const context: DecisionContext = {
    ...common,
    delivery: { ...common.delivery, moment: "onSkipped" },
    urls: { run: flowPage, api: "http://127.0.0.1:8627/api/flows/failing-flow" },
    decision: {
      flow: "failing-flow",
      schedule: "nightly",
      dueAt: "2026-11-22T02:00:00.000Z",
      kind: "skipped",
      reason: "run brave-otter had not ended",
      blockedBy: "0199a1b2-0000-7000-8000-000000000001",
      decidedAt: "2026-11-22T02:00:00.100Z",
    },
    ...changes,
  };
  return { context, lines };
}

function surroundings(values: Readonly<Record<string, Json>>, lines: string[]) {
  return {
    flow: { name: "failing-flow", description: "", tags: ["prod"] },
    delivery: {
      id: "0199a1b2-0000-7000-8000-0000000000aa",
      attempt: 3,
      moment: "onFailure" as const,
    },
    urls: {
      run: "http://127.0.0.1:8627/runs/0199a1b2-0000-7000-8000-000000000001",
      api: "http://127.0.0.1:8627/api/runs/0199a1b2-0000-7000-8000-000000000001",
    },
    blocks: {
      load: async (reference: string) => {
        const value = values[reference];
        if (value === undefined) throw new Error(`Cannot load block "${reference}": there is none`);
        return JSON.parse(JSON.stringify(value));
      },
      save: async () => {},
      delete: async () => {},
    },
    client: {
      trigger: () => Promise.reject(new Error("no daemon")),
      runs: {
        cancel: async () => "too-late" as const,
        find: async () => undefined,
        list: async () => [],
      },
    },
    log: aLog(lines),
    signal: new AbortController().signal,
  };
}

const FAILED = {
  type: "FAILED",
  name: "Failed",
  message: "oops!",
  at: "2026-11-22T02:00:32.000Z",
} as const;

function aLog(lines: string[]): Log {
  const writing =
    (level: string) =>
    (...words: readonly unknown[]) => {
      lines.push(`${level} ${words.join(" ")}`);
    };
  const levels = { debug: writing("debug"), info: writing("info") };
  return Object.assign(writing("info"), levels, { warn: writing("warn"), error: writing("error") });
}

/** Rings the hook once and answers what it threw, or undefined. */
export async function ring({ options }: Hook, { context }: Told<AnyContext>): Promise<unknown> {
  try {
    // As the hook's thread does: a hook is told only of moments that it is given under.
    await Reflect.apply(options.run, options, [context]);
    return undefined;
  } catch (error) {
    return error;
  }
}
