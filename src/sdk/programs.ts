import { startLongTimer } from "./long-timer.ts";

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

/**
 * Asks a program's group to stop, and kills it after `graceMs`; once the program is gone, what is left of
 * its group is killed at once.
 */
export function stopProgram(program: StartedProgram, graceMs: number): void {
  signalGroup(program, "SIGTERM");
  const kill = startLongTimer(graceMs, () => signalGroup(program, "SIGKILL"));
  program.once("close", () => {
    kill.clear();
    signalGroup(program, "SIGKILL");
  });
}

function signalGroup({ pid }: StartedProgram, signal: "SIGTERM" | "SIGKILL"): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // The group is gone already.
  }
}
