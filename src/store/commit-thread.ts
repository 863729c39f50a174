import { parentPort, workerData } from "node:worker_threads";
import { CLOSE, type CommitThreadData } from "./commit-messages.ts";
import { performPlan } from "./commit-plan.ts";
import { type CommitReply, replyBoard } from "./commit-reply.ts";
import { openConnection } from "./connection.ts";

// A thread of the store's own: it makes large commits while the main thread goes on. No code of users comes here.

/** Both ends are this program. */
const { path, memory } = workerData as CommitThreadData;
const board = replyBoard(memory);
const connection = openConnection(path, "writer");
let ordinal = 0;

parentPort?.on("message", (plan: string) => {
  ordinal += 1;
  board.write(ordinal, plan === CLOSE ? close() : commit(plan));
  parentPort?.postMessage(ordinal);
  if (plan === CLOSE) process.exit(0);
});
parentPort?.postMessage(ordinal);

function commit(plan: string): CommitReply {
  const beganAt = performance.now();
  try {
    if (!performPlan(connection, plan)) return { type: "unexpected" };
    return { type: "done", ms: performance.now() - beganAt };
  } catch (error) {
    return { type: "failed", error: error instanceof Error ? error : new Error(String(error)) };
  }
}

function close(): CommitReply {
  connection.close();
  return { type: "done", ms: 0 };
}
