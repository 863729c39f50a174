/** Thrown by a body that did not get to answer, such as a program killed by a signal: the run has crashed. */
export class RunCrash extends Error {
  constructor(message: string) {
    super(message);
    this.name = "RunCrash";
  }
}

/** The reason of an aborted signal. After `graceMs` the thread is terminated. */
export class RunAborted extends Error {
  readonly graceMs: number;

  constructor(message: string, graceMs: number) {
    super(message);
    this.name = "RunAborted";
    this.graceMs = graceMs;
  }
}

/** Ends an attempt that asked to wait for a person. Not to be caught: a run that has asked pauses. */
export class RunPaused extends Error {
  constructor(message: string) {
    super(message);
    this.name = "RunPaused";
  }
}
