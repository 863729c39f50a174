/** Is told of the programs that run: what kills them when their thread is gone. */
export interface ProgramWatch {
  /** A program is about to start; `started` says how that went. */
  starting(): void;
  started(pid: number | undefined): void;
  ended(pid: number): void;
}

let watch: ProgramWatch | undefined;

/** Sets who is told of this thread's programs. */
export function watchPrograms(by: ProgramWatch): void {
  watch = by;
}

/** As much of a `ChildProcess` as is needed here. */
export interface StartedProgram {
  readonly pid?: number | undefined;
  once(event: "close", listener: () => void): unknown;
}

/** Starts a program, which must lead a process group: the group is killed if the thread is gone before it. */
export function startInThread<Program extends StartedProgram>(start: () => Program): Program {
  const told = watch;
  if (told === undefined) return start();
  let child: Program | undefined;
  told.starting();
  try {
    child = start();
  } finally {
    told.started(child?.pid);
  }
  const { pid } = child;
  if (pid !== undefined) child.once("close", () => told.ended(pid));
  return child;
}
