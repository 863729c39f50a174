import type { ThreadDuty } from "./messages-to-thread.ts";
import { killMarked, MARK } from "./process-group.ts";
import { type LineReader, lineReader } from "./process-lines.ts";
import {
  type ChildDuty,
  MESSAGES_FD,
  type MessageFromChild,
  type MessageToChild,
} from "./process-messages.ts";
import { killOwnGroup, pipePort } from "./process-pipe.ts";
import { slotBoard } from "./slot-board.ts";
import { openThread, type ThreadLink } from "./thread-link.ts";

/** How long the child's thread may take to go, before the whole group is killed with it. */
const STUCK_AFTER_MS = 200;

/**
 * The child of an isolated attempt. User code runs in a thread, so that this one always hears when the
 * daemon closes the pipe or dies, be it by kill -9: then it kills its whole process group, which no
 * parent-death signal would do.
 */
export async function serveAttempt(): Promise<never> {
  const board = slotBoard();
  let link: ThreadLink | undefined;
  const take = (line: string) => {
    // Both ends of the pipe are this program.
    if (link === undefined) {
      link = startThread({ ...(JSON.parse(line) as ChildDuty), board: board.memory });
      return;
    }
    const message = JSON.parse(line) as MessageToChild;
    if (message.type === "execute") board.offer(message.slot);
    link.post(message);
  };
  await readInput(lineReader(take, { partialMax: Number.POSITIVE_INFINITY }));
  await link?.terminate();
  killMarked(process.env[MARK] ?? "");
  return killOwnGroup();
}

type RunDuty = Extract<ThreadDuty, { readonly mode: "run" }>;

/** The thread writes to the daemon itself, except under Deno, where only this one can: it passes it on. */
function startThread(duty: RunDuty): ThreadLink {
  const pipe = pipePort(MESSAGES_FD);
  const tell = (message: MessageFromChild) => pipe.postMessage(JSON.stringify([message]));
  const passesOn = "Deno" in globalThis;
  return openThread(
    passesOn ? duty : { ...duty, messagesFd: MESSAGES_FD },
    { message: tell, gone: (gone) => tell({ type: "gone", gone }) },
    { stuckAfterMs: STUCK_AFTER_MS },
  );
}

/** Resolves when the input is closed. */
function readInput(lines: LineReader): Promise<void> {
  return new Promise((resolve) => {
    process.stdin.on("data", lines.write);
    for (const over of ["end", "close", "error"]) process.stdin.on(over, () => resolve());
  });
}
