import { readdirSync, readFileSync } from "node:fs";

/** The variable that marks what an attempt has started, wherever it has moved since. */
export const MARK = "TOCSIN_ATTEMPT_MARK";

/** Kills a process group; nothing happens when it is gone. */
export function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // The group is gone already.
  }
}

/**
 * Kills the other processes that carry the mark in their environment: programs of a flow that have left its
 * process group. Only where there is a /proc.
 */
export function killMarked(mark: string): void {
  if (mark === "") return;
  const wanted = `\0${MARK}=${mark}\0`;
  for (const pid of listProcesses()) {
    if (`\0${environmentOf(pid)}`.includes(wanted)) killOne(pid);
  }
}

function listProcesses(): readonly number[] {
  try {
    return readdirSync("/proc")
      .map(Number)
      .filter((pid) => Number.isInteger(pid) && pid !== process.pid);
  } catch {
    return [];
  }
}

/** Empty for processes of others. */
function environmentOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, "latin1");
  } catch {
    return "";
  }
}

function killOne(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It is gone already.
  }
}
