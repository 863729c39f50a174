/** What the thread that makes commits is started with. */
export interface CommitThreadData {
  /** The store's file. */
  readonly path: string;
  /** Where it writes how commits went. */
  readonly memory: SharedArrayBuffer;
}

/** What it is sent in place of a plan: its connection is closed, and it ends. */
export const CLOSE = "close";
