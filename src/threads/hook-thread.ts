import type { Ringing, RingOutcome, Rung } from "../domain/delivery.ts";
import { durationInWords } from "../domain/duration.ts";
import type { Generation } from "../domain/flow.ts";
import type { DeliveryId } from "../domain/ids.ts";
import { type Instant, instant } from "../domain/instant.ts";
import type { MessageFromThread } from "./messages-from-thread.ts";
import { openThread, type ThreadEars, type ThreadLink } from "./thread-link.ts";

/** How often overdue ringings are looked for, and how long a thread may be silent about one. */
const SWEEP_MS = 50;
const SILENT_MS = 2_000;
/** How long a thread may take to import the config. */
const READY_MS = 10_000;

/** A ringing in a thread, and who waits for it. */
interface Bell {
  readonly ringing: Ringing;
  readonly startedAt: Instant;
  readonly resolve: (rung: Rung) => void;
  /** When the thread was told that the time is over. */
  toldAt: number | undefined;
}

/** A hook thread, as the main thread sees it. */
export interface HookThread {
  readonly generation: number;
  readonly alone: boolean;
  readonly bells: Map<DeliveryId, Bell>;
  readonly link: ThreadLink;
  readonly openedAt: number;
  readyAt: number | undefined;
  /** It takes no further ringing, and ends with its last. */
  retiring: boolean;
  sweep: ReturnType<typeof setInterval> | undefined;
}

export interface HookThreadDeps {
  readonly generation: Generation;
  readonly alone: boolean;
  /** Whether its hook is only tried: what it does outside is noted and not performed. */
  readonly dry?: boolean;
  /** Told when a ringing's time is over. */
  readonly overdue?: () => void;
  /** Messages that are not about how a ringing went. */
  readonly other: (thread: HookThread, message: MessageFromThread) => void;
  /** The thread is not to be used again; it has no bells. */
  readonly over: (thread: HookThread) => void;
  /** A ringing has ended. */
  readonly freed: (thread: HookThread) => void;
}

export function openHookThread(deps: HookThreadDeps): HookThread {
  const ears: ThreadEars = {
    message: (message) => hear(thread, message, deps),
    gone: ({ code, error }) => {
      endAll(thread, error?.message ?? `it exited with code ${code}`);
      deps.over(thread);
    },
  };
  const { alone, dry = false } = deps;
  const { number, configPath, sources } = deps.generation;
  const thread: HookThread = {
    generation: number,
    alone,
    bells: new Map(),
    link: openThread({ mode: "ring", configPath, sources, dry }, ears),
    openedAt: performance.now(),
    readyAt: undefined,
    retiring: false,
    sweep: undefined,
  };
  return thread;
}

/** Hands a ringing to the thread; resolves once, however it ends. */
export function ringIn(thread: HookThread, ringing: Ringing, deps: HookThreadDeps): Promise<Rung> {
  thread.sweep ??= setInterval(() => sweep(thread, deps), SWEEP_MS);
  return new Promise((resolve) => {
    const startedAt = instant(Date.now());
    thread.bells.set(ringing.deliveryId, { ringing, startedAt, resolve, toldAt: undefined });
    thread.link.post({ type: "ring", ringing });
  });
}

/** Ends every ringing in a thread that has died: the only one is to blame, of several none is known to be. */
function endAll(thread: HookThread, why: string): void {
  const only = thread.bells.size === 1;
  const message = `the hook's thread died: ${why}`;
  for (const bell of [...thread.bells.values()]) {
    endBell(
      thread,
      bell,
      only
        ? { type: "failed", error: { name: "ThreadDied", message } }
        : { type: "interrupted", message },
    );
  }
}

/** Ends every ringing for a reason that is none of their own. */
export function interruptAll(thread: HookThread, message: string): void {
  for (const bell of [...thread.bells.values()]) {
    endBell(thread, bell, { type: "interrupted", message });
  }
}

function hear(thread: HookThread, message: MessageFromThread, deps: HookThreadDeps): void {
  switch (message.type) {
    case "ready":
      thread.readyAt = performance.now();
      break;
    case "rung":
      if (message.goesOn === true) thread.retiring = true;
      rung(thread, message.rung);
      deps.freed(thread);
      break;
    case "exiting":
      exiting(thread, message);
      deps.over(thread);
      break;
    case "unready": {
      const error = {
        name: "ConfigNotImported",
        message: message.problems.map((problem) => problem.message).join("; "),
      };
      for (const bell of [...thread.bells.values()])
        endBell(thread, bell, { type: "failed", error });
      deps.over(thread);
      break;
    }
    case "late-error":
      deps.other(thread, message);
      if (thread.bells.size === 1) {
        for (const bell of thread.bells.values()) {
          endBell(thread, bell, { type: "failed", error: message.error });
        }
        deps.freed(thread);
      }
      break;
    default:
      deps.other(thread, message);
  }
}

function rung(thread: HookThread, told: Rung): void {
  const bell = thread.bells.get(told.deliveryId);
  if (bell === undefined) return;
  forget(thread, bell);
  bell.resolve(told);
}

function exiting(
  thread: HookThread,
  { code, rung: told }: Extract<MessageFromThread, { readonly type: "exiting" }>,
): void {
  if (told === undefined || !thread.bells.has(told.deliveryId)) {
    endAll(thread, `process.exit(${code}) was called in it`);
    return;
  }
  rung(thread, told);
  interruptAll(thread, "another hook in the same thread called process.exit");
}

/** Tells the thread of ringings whose time is over; a thread that says nothing then is in a loop. */
function sweep(thread: HookThread, deps: HookThreadDeps): void {
  const now = performance.now();
  if (thread.readyAt === undefined) {
    if (now - thread.openedAt < READY_MS) return;
    endAll(thread, `it could not import the config within ${durationInWords(READY_MS)}`);
    deps.over(thread);
    return;
  }
  for (const bell of thread.bells.values()) {
    if (bell.toldAt === undefined) tellIfOverdue(thread, bell, deps);
    else if (now - bell.toldAt > SILENT_MS) {
      endAll(thread, "it did not answer, as in a loop that never yields");
      deps.over(thread);
      return;
    }
  }
}

function tellIfOverdue(thread: HookThread, bell: Bell, deps: HookThreadDeps): void {
  const { timeoutMs, deliveryId } = bell.ringing;
  const now = performance.now();
  const since = Math.max(Date.now() - bell.startedAt, 0);
  if (Math.min(since, now - (thread.readyAt ?? now)) < timeoutMs) return;
  bell.toldAt = now;
  const message = `the hook took longer than its timeout of ${durationInWords(timeoutMs)}`;
  thread.link.post({ type: "abort-ring", deliveryId, message });
  deps.overdue?.();
}

function endBell(thread: HookThread, bell: Bell, outcome: RingOutcome): void {
  forget(thread, bell);
  const { startedAt, ringing } = bell;
  const endedAt = instant(Date.now());
  bell.resolve({ deliveryId: ringing.deliveryId, outcome, startedAt, endedAt, log: [] });
}

function forget(thread: HookThread, bell: Bell): void {
  thread.bells.delete(bell.ringing.deliveryId);
  if (thread.bells.size > 0) return;
  clearInterval(thread.sweep);
  thread.sweep = undefined;
}
