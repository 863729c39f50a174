import { constants } from "node:os";

/** How a process of this program ended that was to read a store and told nothing of it. */
export interface SilentEnd {
  /** Why there was no such process, or no longer. */
  readonly error?: Error | undefined;
  readonly signal: string | null;
  readonly code: number | null;
  /** What it wrote to its standard error. */
  readonly complaint: string;
}

const COMPLAINT_MAX = 300;
/** What a process ends by that falls over what it reads; one that was killed by others may have read well. */
const FALLS = ["SIGABRT", "SIGBUS", "SIGFPE", "SIGILL", "SIGSEGV", "SIGTRAP"] as const;
/** So does a shell tell of them that was in between. */
const FALL_CODES: readonly number[] = FALLS.map((name) => 128 + constants.signals[name]);

/** Whether reading the store ended it. Whatever else ended it says nothing of the store. */
export function fellOver({ error, signal, code }: SilentEnd): boolean {
  if (error !== undefined) return false;
  return FALLS.some((name) => name === signal) || (code !== null && FALL_CODES.includes(code));
}

/** Of one that fell over it. */
export function fallInWords({ signal, code }: SilentEnd): string {
  return `reading it ended a process (${signal ?? `exit code ${code}`})`;
}

/** Goes on after "the process that was to read it". */
export function endInWords({ error, signal, code, complaint }: SilentEnd): string {
  if (error !== undefined) {
    const isLate = "code" in error && error.code === "ETIMEDOUT";
    return isLate ? "took too long" : `could not be started (${error.message})`;
  }
  if (signal === "SIGKILL") return "was killed (SIGKILL); perhaps the machine has no memory left";
  const said = complaint.trim().split("\n").at(-1)?.slice(0, COMPLAINT_MAX) ?? "";
  return `ended with ${signal ?? `exit code ${code}`}${said === "" ? "" : `: ${said}`}`;
}
