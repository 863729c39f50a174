import type { Ringing, RingOutcome } from "../domain/delivery.ts";
import type { LogLine } from "../domain/executor.ts";
import { errorInfo } from "../domain/failure.ts";
import type { DeliveryId } from "../domain/ids.ts";
import { type Instant, instant } from "../domain/instant.ts";
import type { RunView } from "../domain/run-view.ts";
import { blocks } from "../sdk/blocks.ts";
import { client } from "../sdk/client.ts";
import type { FlowRun } from "../sdk/flow-run.ts";
import type { HookContext, HookFunction } from "../sdk/hook.ts";
import { log } from "../sdk/log.ts";
import { currentScope, type Scope, withinScope } from "../sdk/scope.ts";
import { RunAborted } from "../sdk/stops.ts";
import type { CapturedOutput } from "./captured-output.ts";
import { lineWriter } from "./line-writer.ts";
import type { MessageToThread } from "./messages-to-thread.ts";
import type { ThreadPort } from "./thread-port.ts";

const LINES_MAX = 1_000;
/** How long a hook may take to end after its signal. */
const GIVE_UP_MS = 250;

/** The part of a thread that performs hooks, many at a time. */
export interface RingThread {
  take(message: MessageToThread): void;
  open(hooks: ReadonlyMap<string, HookFunction>): void;
  /** An error that nobody caught; the delivery that it belongs to has failed. */
  lateError(thrown: unknown): void;
  exiting(code: number): void;
}

export interface RingTools {
  readonly port: ThreadPort;
  readonly output: CapturedOutput;
}

interface Performing {
  readonly ringing: Ringing;
  readonly scope: Scope;
  readonly control: AbortController;
  readonly startedAt: Instant;
  readonly lines: LogLine[];
}

interface Bench extends RingTools {
  readonly early: Ringing[];
  readonly performing: Map<DeliveryId, Performing>;
  hooks: ReadonlyMap<string, HookFunction> | undefined;
}

export function ringThread(tools: RingTools): RingThread {
  const bench: Bench = { ...tools, early: [], performing: new Map(), hooks: undefined };
  return {
    take(message) {
      if (message.type === "ring") ring(bench, message.ringing);
      if (message.type === "abort-ring") abort(bench, message.deliveryId, message.message);
    },
    open(hooks) {
      bench.hooks = hooks;
      for (const ringing of bench.early.splice(0)) ring(bench, ringing);
    },
    lateError(thrown) {
      const deliveryId = ownDelivery();
      const found = deliveryId === undefined ? undefined : bench.performing.get(deliveryId);
      const error = errorInfo(thrown);
      if (found !== undefined) end(bench, found, { outcome: { type: "failed", error } });
      else bench.port.sendThisTurn({ type: "late-error", error });
    },
    exiting(code) {
      const deliveryId = ownDelivery();
      const owner = deliveryId === undefined ? {} : { deliveryId };
      bench.port.collect({ type: "exiting", code, ...owner });
      bench.port.flush();
    },
  };
}

/** Aborts a hook's signal, and gives it up if it does not end. */
function abort(bench: Bench, deliveryId: DeliveryId, message: string): void {
  const found = bench.performing.get(deliveryId);
  if (found === undefined) return;
  withinScope(found.scope, () => found.control.abort(new RunAborted(message, GIVE_UP_MS)));
  setTimeout(() => {
    const outcome = { type: "failed", error: { name: "TimedOut", message } } as const;
    end(bench, found, { outcome, goesOn: true });
  }, GIVE_UP_MS);
}

function ownDelivery(): DeliveryId | undefined {
  const owner = currentScope()?.owner;
  return owner !== undefined && "deliveryId" in owner ? owner.deliveryId : undefined;
}

function ring(bench: Bench, ringing: Ringing): void {
  if (bench.hooks === undefined) {
    bench.early.push(ringing);
    return;
  }
  const performing = begin(bench, ringing);
  const hook = bench.hooks.get(ringing.hook);
  if (hook === undefined) {
    const message = `Cannot ring hook "${ringing.hook}": the newest config has no such hook`;
    end(bench, performing, { outcome: { type: "no-such-hook", message } });
    return;
  }
  void withinScope(performing.scope, () => performHook(bench, performing, hook));
}

async function performHook(
  bench: Bench,
  performing: Performing,
  hook: HookFunction,
): Promise<void> {
  try {
    await hook(contextOf(performing));
    end(bench, performing, { outcome: { type: "delivered" } });
  } catch (thrown) {
    const outcome = { type: "failed", error: errorInfo(thrown), ...retryAfterOf(thrown) } as const;
    end(bench, performing, { outcome });
  }
}

function retryAfterOf(thrown: unknown): { readonly retryAfterMs?: number } {
  const wait: unknown = thrown instanceof Error ? Reflect.get(thrown, "retryAfterMs") : undefined;
  return typeof wait === "number" && wait >= 0 && Number.isFinite(wait)
    ? { retryAfterMs: Math.round(wait) }
    : {};
}

function begin({ port, performing }: Bench, ringing: Ringing): Performing {
  const { deliveryId } = ringing;
  const owner = { deliveryId };
  const control = new AbortController();
  const lines: LogLine[] = [];
  const writer = lineWriter(LINES_MAX, (line) => lines.push(line));
  const scope: Scope = {
    owner,
    flowRun: flowRunOf(ringing.run),
    signal: control.signal,
    write: (level, text) => writer.write(level, text),
    request: (request) => port.request(owner, request),
  };
  const begun = { ringing, scope, control, lines, startedAt: instant(Date.now()) };
  performing.set(deliveryId, begun);
  return begun;
}

interface Ending {
  readonly outcome: RingOutcome;
  /** Its code has not ended. */
  readonly goesOn?: boolean;
}

function end(bench: Bench, ended: Performing, { outcome, goesOn = false }: Ending): void {
  const { deliveryId } = ended.ringing;
  if (bench.performing.get(deliveryId) !== ended) return;
  bench.performing.delete(deliveryId);
  bench.output.end(ended.scope);
  const { startedAt, lines: log } = ended;
  const rung = { deliveryId, outcome, startedAt, endedAt: instant(Date.now()), log };
  bench.port.sendThisTurn({ type: "rung", rung, ...(goesOn ? { goesOn } : {}) });
}

function contextOf({ ringing, scope }: Performing): HookContext {
  const { flow, run, taskRun, state, previous, urls, deliveryId, attempt, moment } = ringing;
  return {
    flow,
    run,
    ...(taskRun === undefined ? {} : { taskRun, task: taskRun.task }),
    state,
    ...(previous === undefined ? {} : { previous }),
    delivery: { id: deliveryId, attempt, moment },
    urls,
    blocks,
    client,
    log,
    signal: scope.signal,
  };
}

function flowRunOf({ state: _, startedAt: _s, endedAt: _e, result: _r, ...run }: RunView): FlowRun {
  return run;
}
