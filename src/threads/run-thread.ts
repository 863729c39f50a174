import type { Outcome } from "../domain/executor.ts";
import { errorInfo } from "../domain/failure.ts";
import { instant } from "../domain/instant.ts";
import type { Flow } from "../sdk/flow.ts";
import { currentScope, withinScope } from "../sdk/scope.ts";
import { RunAborted } from "../sdk/stops.ts";
import { type AttemptScope, attemptScope } from "./attempt-scope.ts";
import type { CapturedOutput } from "./captured-output.ts";
import type { MessageToThread, ThreadData } from "./messages-to-thread.ts";
import { checkParameters, runBody } from "./run-body.ts";
import { type SlotBoard, slotBoard } from "./slot-board.ts";
import type { ThreadPort } from "./thread-port.ts";

/** Ends of runs that go out together. */
const BATCH_MAX = 128;

export type Execute = Extract<MessageToThread, { readonly type: "execute" }>;

/** What the thread has at hand for its runs. */
export interface RunTools {
  readonly port: ThreadPort;
  readonly data: Extract<ThreadData, { readonly mode: "run" }>;
  readonly output: CapturedOutput;
}

/** The part of a thread that executes runs, one after the other. */
export interface RunThread {
  take(message: MessageToThread): void;
  /** The config is imported: begin. */
  open(flows: readonly Flow[]): void;
  /** An error that nobody caught: the run that it belongs to has crashed, and no further one begins. */
  lateError(thrown: unknown): void;
  exiting(code: number): void;
}

interface Work extends RunTools {
  readonly board: SlotBoard;
  readonly queue: Execute[];
  flows: ReadonlyMap<string, Flow> | undefined;
  present: AttemptScope | undefined;
  busy: boolean;
  ill: boolean;
}

export function runThread(tools: RunTools): RunThread {
  const work: Work = {
    ...tools,
    board: slotBoard(tools.data.board),
    queue: [],
    flows: undefined,
    present: undefined,
    busy: false,
    ill: false,
  };
  return {
    take(message) {
      if (message.type === "abort") abort(work, message);
      if (message.type !== "execute") return;
      work.queue.push(message);
      if (!work.busy) void workOff(work);
    },
    open(flows) {
      work.flows = new Map(flows.map((flow) => [flow.name, flow]));
      void workOff(work);
    },
    lateError(thrown) {
      work.ill = true;
      work.port.collect({ type: "late-error", error: errorInfo(thrown), ...postOf(work) });
      work.port.flush();
    },
    exiting(code) {
      const task = currentScope()?.taskRun?.task;
      const named = task === undefined ? {} : { task };
      work.port.collect({ type: "exiting", code, ...postOf(work), ...named });
      work.port.flush();
    },
  };
}

/** The run that the present code belongs to: by its scope, else the one in progress. */
function postOf({ present }: Work): { readonly post?: number } {
  const owner = currentScope()?.owner;
  if (owner !== undefined && "post" in owner) return { post: owner.post };
  return present === undefined ? {} : { post: present.post };
}

function abort(
  { present }: Work,
  { post, message, graceMs }: Extract<MessageToThread, { readonly type: "abort" }>,
): void {
  if (present?.post !== post) return;
  // Within its scope: what listeners of the signal write belongs to the run.
  withinScope(present.scope, () => present.control.abort(new RunAborted(message, graceMs)));
}

async function workOff(work: Work): Promise<void> {
  if (work.flows === undefined) return;
  work.busy = true;
  while (!work.ill) {
    const next = work.queue.shift();
    if (next === undefined) break;
    await execute(work, next);
  }
  work.busy = false;
  work.port.flush();
}

async function execute(work: Work, message: Execute): Promise<void> {
  const { port, board, output } = work;
  const { post, slot } = message;
  const startedAt = instant(Date.now());
  if (!board.take(slot, startedAt)) {
    port.collect({ type: "skipped", post });
    return;
  }
  const began = performance.now();
  let isTold = false;
  // Of a quick run its end tells the start too, unless there is something to tell of it before.
  const tellStart = () => {
    if (!isTold) port.collect({ type: "started", post, at: startedAt });
    isTold = true;
  };
  const attempt = attemptScope(work, message, tellStart);
  work.present = attempt;
  let hasBegun = false;
  const begin = () => {
    hasBegun = true;
    if (!message.alone) return;
    tellStart();
    port.flush();
  };
  const outcome = await withinScope(attempt.scope, () => perform(work, attempt, begin));
  const tookMs = performance.now() - began;
  output.end(attempt.scope);
  // What the body left behind and nobody caught shows at the end of the turn: then it has not completed.
  await endOfTurn();
  work.present = undefined;
  board.end(slot, outcome.type === "completed" ? "completed" : "otherwise");
  if (work.ill) return;
  const endedAt = instant(Date.now());
  const begun = hasBegun ? { startedAt } : {};
  report(work, { type: "finished", post, outcome, endedAt, tookMs, ...begun });
}

function report(work: Work, finished: Parameters<ThreadPort["collect"]>[0]): void {
  const waiting = work.port.send(finished);
  if (waiting >= BATCH_MAX || work.queue.length === 0) work.port.flush();
}

/** Calls `begin` right before the body, if it comes to that. */
async function perform(
  { flows, data }: Work,
  attempt: AttemptScope,
  begin: () => void,
): Promise<Outcome> {
  const { scope, taskOf, paused } = attempt;
  const name = scope.flowRun.flow;
  const flow = flows?.get(name);
  if (flow === undefined) {
    const message = `Cannot start flow "${name}": the newest config has no such flow`;
    return { type: "failed", final: true, message, error: { name: "NoSuchFlow", message } };
  }
  const checked = await checkParameters(flow, scope.flowRun.parameters);
  if (checked.type === "failed") return checked;
  begin();
  const body = { flow, scope, taskOf, paused, resultBytesMax: data.resultBytesMax };
  return await runBody(body, checked.parameters);
}

function endOfTurn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
