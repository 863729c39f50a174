import type { MessageFromThread } from "./messages-from-thread.ts";
import type { MessageToThread, ThreadDuty } from "./messages-to-thread.ts";
import type { Gone } from "./thread-link.ts";

/*
 * A child process is a thread behind a pipe: what goes in and out are the messages of a thread as lines of
 * JSON. One message a line comes in on its standard input; its thread writes batches of them to a descriptor
 * of its own.
 */

/** The descriptor that a child writes its messages to: its standard output belongs to user code. */
export const MESSAGES_FD = 3;

/** The first line: what the child's thread is started with. */
export type ChildDuty = Omit<Extract<ThreadDuty, { readonly mode: "run" }>, "board" | "messagesFd">;

/** All further lines. */
export type MessageToChild = MessageToThread;

export type MessageFromChild =
  | MessageFromThread
  /** The child's thread has ended by itself. */
  | { readonly type: "gone"; readonly gone: Gone };
