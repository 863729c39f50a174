import { errorInfo } from "../domain/failure.ts";
import type { Trier } from "../domain/trial.ts";
import { type HookThread, type HookThreadDeps, openHookThread, ringIn } from "./hook-thread.ts";
import type { RingerDeps } from "./hook-threads.ts";
import type { MessageFromThread } from "./messages-from-thread.ts";

/** Tries are few, and each starts a thread. */
const AT_ONCE_MAX = 4;

/**
 * Performs hooks for people who try them: each in a fresh thread that ends with it, so that nothing that is
 * patched there meets a real delivery. More than a few at once wait.
 */
export function createTrier(deps: Pick<RingerDeps, "newest" | "answerRequest">): Trier {
  const waiting: (() => void)[] = [];
  let underWay = 0;
  return async (ringing, { send }) => {
    while (underWay >= AT_ONCE_MAX) await new Promise<void>((resolve) => waiting.push(resolve));
    underWay += 1;
    try {
      return await tryAlone(deps, ringing, !send);
    } finally {
      underWay -= 1;
      waiting.shift()?.();
    }
  };
}

async function tryAlone(
  { newest, answerRequest }: Parameters<typeof createTrier>[0],
  ringing: Parameters<Trier>[0],
  dry: boolean,
): ReturnType<Trier> {
  let timedOut = false;
  const threadDeps: HookThreadDeps = {
    generation: newest(),
    alone: true,
    dry,
    other: (thread, message) => void answer(thread, message, answerRequest),
    over() {},
    freed() {},
    overdue() {
      timedOut = true;
    },
  };
  const thread = openHookThread(threadDeps);
  try {
    return { rung: await ringIn(thread, ringing, threadDeps), timedOut };
  } finally {
    await thread.link.terminate();
  }
}

async function answer(
  { link }: HookThread,
  message: MessageFromThread,
  answerRequest: RingerDeps["answerRequest"],
): Promise<void> {
  if (message.type !== "request") return;
  const { id, request, deliveryId } = message;
  try {
    const origin = deliveryId === undefined ? {} : { delivery: deliveryId };
    link.post({ type: "answer", id, value: await answerRequest(request, origin) });
  } catch (error) {
    link.post({ type: "answer-error", id, error: errorInfo(error) });
  }
}
