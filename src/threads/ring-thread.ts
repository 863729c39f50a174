import type { Ringing, RingOutcome, Rung } from "../domain/delivery.ts";
import type { LogLine } from "../domain/executor.ts";
import { errorInfo } from "../domain/failure.ts";
import type { DeliveryId } from "../domain/ids.ts";
import { type Instant, instant } from "../domain/instant.ts";
import type { RunView } from "../domain/run-view.ts";
import { blocks } from "../sdk/blocks.ts";
import { client } from "../sdk/client.ts";
import type { FlowRun } from "../sdk/flow-run.ts";
import type { AnyContext, HookFunction } from "../sdk/hook.ts";
import { log } from "../sdk/log.ts";
import { currentScope, type Scope, withinScope } from "../sdk/scope.ts";
import { RunAborted } from "../sdk/stops.ts";
import type { CapturedOutput } from "./captured-output.ts";
import type { DryRun } from "./hook-dry-run.ts";
import { type ExchangeBook, exchangeBook } from "./hook-exchanges.ts";
import { lineWriter } from "./line-writer.ts";
import type { MessageToThread } from "./messages-to-thread.ts";
import type { ThreadPort } from "./thread-port.ts";

const LINES_MAX = 1_000;
/** How long a hook may take to end after its signal. */
const GIVE_UP_MS = 250;

/** The part of a thread that performs hooks, many at a time. */
export interface RingThread {
  take(message: MessageToThread): void;
  open(hooks: HooksByKey): void;
  /** An error that nobody caught; the delivery that it belongs to has failed. */
  lateError(thrown: unknown): void;
  exiting(code: number): void;
}

/** What a hook is told follows from its moments, so here it does not matter for what it was written. */
type HooksByKey = ReadonlyMap<string, HookFunction<never>>;

export interface RingTools {
  readonly port: ThreadPort;
  readonly output: CapturedOutput;
  /** Answers one in a thread that only tries a hook. */
  readonly dryRun: () => DryRun | undefined;
}

interface Performing {
  readonly ringing: Ringing;
  readonly scope: Scope;
  readonly control: AbortController;
  readonly startedAt: Instant;
  readonly lines: LogLine[];
  readonly exchanges: ExchangeBook;
}

interface Bench extends RingTools {
  readonly early: Ringing[];
  readonly performing: Map<DeliveryId, Performing>;
  hooks: HooksByKey | undefined;
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
      else bench.port.collect({ type: "late-error", error });
      // The thread may not come to the end of this turn.
      bench.port.flush();
    },
    exiting(code) {
      const deliveryId = ownDelivery();
      const found = deliveryId === undefined ? undefined : bench.performing.get(deliveryId);
      const error = { name: "Exited", message: `the hook called process.exit(${code})` };
      const rung = found && { rung: rungOf(found, { type: "failed", error }) };
      bench.port.collect({ type: "exiting", code, ...rung });
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
  hook: HookFunction<never>,
): Promise<void> {
  try {
    await hook(contextOf(performing) as never);
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

function begin({ port, performing, ...bench }: Bench, ringing: Ringing): Performing {
  const dryRun = bench.dryRun();
  const { deliveryId, about } = ringing;
  const owner = { deliveryId };
  const control = new AbortController();
  const lines: LogLine[] = [];
  const writer = lineWriter(LINES_MAX, (line) => lines.push(line));
  const exchanges = exchangeBook({
    dry: dryRun !== undefined,
    onTooMany: (text) => writer.write("warn", text),
  });
  const { outside } = exchanges;
  const request: Scope["request"] = (asked) => port.request(owner, asked);
  const scope: Scope = {
    owner,
    ...(about.kind === "run" ? { flowRun: flowRunOf(about.run) } : {}),
    signal: control.signal,
    write: (level, text) => writer.write(level, text),
    request: dryRun === undefined ? request : dryRun.begin(outside, request),
    outside,
  };
  const begun = { ringing, scope, control, lines, exchanges, startedAt: instant(Date.now()) };
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
  const rung = rungOf(ended, outcome);
  bench.port.sendThisTurn({ type: "rung", rung, ...(goesOn ? { goesOn } : {}) });
}

function rungOf(ended: Performing, outcome: RingOutcome): Rung {
  const { ringing, startedAt, lines: log } = ended;
  const exchanges = ended.exchanges.taken();
  return {
    deliveryId: ringing.deliveryId,
    outcome,
    startedAt,
    endedAt: instant(Date.now()),
    log,
    ...(exchanges.length === 0 ? {} : { exchanges }),
  };
}

function contextOf({ ringing, scope }: Performing): AnyContext {
  const { flow, about, urls, deliveryId, attempt, moment } = ringing;
  const common = {
    flow,
    delivery: { id: deliveryId, attempt, moment },
    urls,
    blocks,
    client,
    log,
    signal: scope.signal,
  };
  if (about.kind === "decision") return { ...common, decision: about.decision };
  const { run, taskRun, state, previous } = about;
  return {
    ...common,
    run,
    ...(taskRun === undefined ? {} : { taskRun, task: taskRun.task }),
    state,
    ...(previous === undefined ? {} : { previous }),
  };
}

function flowRunOf({ state: _, startedAt: _s, endedAt: _e, result: _r, ...run }: RunView): FlowRun {
  return run;
}
