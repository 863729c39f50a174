import type { Outcome } from "../domain/executor.ts";
import { errorInfo } from "../domain/failure.ts";
import type { TaskRun, Transition } from "../domain/run.ts";
import { isTerminal } from "../domain/state.ts";
import type { MessageFromThread } from "./messages-from-thread.ts";
import { roomForParents, whileItWaits } from "./pool-children.ts";
import { abandon, armTimeout, putBack, settle, settleNow, stoppedOutcome } from "./pool-ends.ts";
import { placeBacklog } from "./pool-placing.ts";
import { type HeldRun, loadOf, type Pool, type PoolEars, type PoolThread } from "./pool-state.ts";
import { delayStarts, dropThread, forgetThread, restThread } from "./pool-threads.ts";
import { ownMemoryInWords } from "./process-memory.ts";
import type { Gone } from "./thread-link.ts";

type Message<Type extends MessageFromThread["type"]> = Extract<
  MessageFromThread,
  { readonly type: Type }
>;

/** What the pool does about what its threads say. */
export function poolEars(pool: () => Pool): PoolEars {
  return {
    message: (thread, message) => hear(pool(), thread, message),
    batchEnd: (thread) => lookAround(pool(), thread),
    gone: (thread, gone) => mourn(pool(), thread, gone),
  };
}

/** After anything that may have made room. */
function lookAround(pool: Pool, thread: PoolThread): void {
  placeBacklog(pool);
  restThread(pool, thread);
  if (pool.stopping || !(pool.full || (pool.parentsLeft && roomForParents(pool) > 0))) return;
  pool.full = false;
  pool.parentsLeft = false;
  pool.deps.onRoom();
}

function hear(pool: Pool, thread: PoolThread, message: MessageFromThread): void {
  switch (message.type) {
    case "ready":
      if (thread.state === "starting") thread.state = "ready";
      break;
    case "unready":
      misplaced(pool, thread, message);
      break;
    case "skipped":
      skipped(thread, message);
      break;
    case "output":
      for (const { level, text } of message.lines) pool.deps.log[level](text, { from: "config" });
      break;
    case "late-error":
      lateError(pool, thread, message);
      break;
    default:
      hearOfRun(pool, thread, message);
      break;
  }
}

/** What a thread says of one of its runs. A run that has been settled already is not listened to. */
function hearOfRun(pool: Pool, thread: PoolThread, message: MessageFromThread): void {
  const held =
    "post" in message && message.post !== undefined ? thread.posts.get(message.post) : undefined;
  if (held === undefined) return;
  const { runId, token } = held.claim;
  switch (message.type) {
    case "started":
      pool.deps.ledger.started(runId, token, message.at);
      armTimeout(pool, held, message.at);
      break;
    case "log":
      pool.deps.ledger.log(runId, token, message.lines);
      break;
    case "tasks":
      followTasks(held, message.transitions);
      pool.deps.ledger.tasks(runId, token, message.transitions);
      break;
    case "finished":
      finished(pool, held, message);
      break;
    case "exiting":
      exiting(pool, held, message);
      break;
    case "request":
      void answer(pool, held, message);
      break;
    default:
  }
}

function skipped(thread: PoolThread, { post }: Message<"skipped">): void {
  const slot = thread.passing.get(post);
  if (slot === undefined) return;
  thread.passing.delete(post);
  thread.board.release(slot);
  thread.freeSlots.push(slot);
}

function finished(pool: Pool, held: HeldRun, message: Message<"finished">): void {
  const { thread } = held.place ?? {};
  const { outcome, startedAt, endedAt, tookMs } = message;
  pool.paces.note(held.claim.run.flow, tookMs, { cold: thread?.runs === 0 });
  if (thread !== undefined) {
    thread.runs += 1;
    thread.expectedMs = Math.max(0, thread.expectedMs - tookMs);
    if (thread.posts.size <= 1) thread.expectedMs = 0;
  }
  const begun = startedAt === undefined ? {} : { startedAt };
  settle(pool, held, { outcome: outcomeOf(held, outcome), endedAt, ...begun });
  if (thread !== undefined && loadOf(thread) === 0) thread.lone = false;
}

/** A run that was asked to stop has stopped, whatever it says; but what is done when the daemon stops is done. */
function outcomeOf({ stopping }: HeldRun, outcome: Outcome): Outcome {
  if (stopping === undefined) return outcome;
  if (stopping.why === "stop" && outcome.type === "completed") return outcome;
  return stoppedOutcome(stopping);
}

export function followTasks(
  held: Pick<HeldRun, "openTasks">,
  transitions: readonly Transition<TaskRun>[],
): void {
  held.openTasks ??= new Map();
  for (const { after } of transitions) {
    if (isTerminal(after.state.type)) held.openTasks.delete(after.id);
    else held.openTasks.set(after.id, after);
  }
}

function exiting(pool: Pool, held: HeldRun, { code, task }: Message<"exiting">): void {
  const who = task === undefined ? `flow "${held.claim.run.flow}"` : `task "${task}"`;
  if (held.place !== undefined) held.place.thread.state = "retiring";
  settleNow(pool, held, { type: "crashed", message: `${who} called process.exit(${code})` });
}

/** An error that nobody caught: the run that it belongs to has crashed, and the thread is not used again. */
function lateError(pool: Pool, thread: PoolThread, { post, error }: Message<"late-error">): void {
  const held = post === undefined ? undefined : thread.posts.get(post);
  if (held === undefined) {
    pool.deps.log.warn("An error that nobody caught came when its run was over", { error });
  } else {
    const message = `an error that nobody caught: ${error.message}`;
    settleNow(pool, held, { type: "crashed", message, error });
  }
  void dropThread(pool, thread);
  abandon(pool, thread);
}

/** The thread could not import the config: its runs go to others, if there are any. */
function misplaced(pool: Pool, thread: PoolThread, { problems }: Message<"unready">): void {
  const why = problems.map(({ message, at }) =>
    at === undefined ? message : `${message} (${at})`,
  );
  pool.deps.log.error("A thread could not import the config", { problems: why });
  const waiting = [...thread.posts.values()];
  void dropThread(pool, thread);
  delayStarts(pool, () => lookAround(pool, thread));
  const others = [...pool.threads].some((other) => other.state === "ready");
  for (const held of waiting) {
    held.misplaced += 1;
    putBack(pool, held);
    if (others && held.misplaced < 3) continue;
    pool.backlog.splice(pool.backlog.indexOf(held), 1);
    const message = `Cannot start flow "${held.claim.run.flow}": ${why.join("; ")}`;
    settleNow(pool, held, { type: "crashed", message });
  }
}

/** A thread ended by itself: whoever was running in it has crashed. */
function mourn(pool: Pool, thread: PoolThread, { code, error }: Gone): void {
  if (!pool.threads.has(thread)) return;
  forgetThread(pool, thread);
  const running = thread.board.running();
  const held = [...thread.posts.values()].find(({ place }) => place?.slot === running?.slot);
  if (held !== undefined) {
    const how =
      error === undefined
        ? `its thread exited with code ${code}`
        : `its thread died: ${error.message}`;
    const message = `${how} (${ownMemoryInWords()})`;
    const cause = error === undefined ? {} : { error };
    settleNow(pool, held, { type: "crashed", message, ...cause });
  }
  abandon(pool, thread);
  lookAround(pool, thread);
}

async function answer(
  pool: Pool,
  held: HeldRun,
  { id, request }: Message<"request">,
): Promise<void> {
  const link = held.place?.thread.link;
  const origin = { run: held.claim.runId };
  const ask = () => pool.deps.answerRequest(request, origin);
  try {
    const value = await (request.kind === "child-run"
      ? whileItWaits(pool, held, { flow: request.flow, ask })
      : ask());
    link?.post({ type: "answer", id, value });
  } catch (error) {
    link?.post({ type: "answer-error", id, error: errorInfo(error) });
  }
}
