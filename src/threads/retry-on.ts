import { errorInfo } from "../domain/failure.ts";
import type { Scope } from "../sdk/scope.ts";

type RetryOn = ((error: unknown, attempt: number) => boolean | Promise<boolean>) | undefined;

/** An attempt that failed: what it threw, which it was, and who writes its log. */
interface FailedAttempt {
  readonly what: "run" | "task";
  readonly thrown: unknown;
  readonly attempt: number;
  readonly write: Scope["write"];
}

/** Whether the `retryOn` of a flow or task makes a failure final. One that throws itself does not. */
export async function isFinal(
  retryOn: RetryOn,
  { what, thrown, attempt, write }: FailedAttempt,
): Promise<boolean> {
  if (retryOn === undefined) return false;
  try {
    return (await retryOn(thrown, attempt)) === false;
  } catch (cause) {
    write("warn", `retryOn threw, so the ${what} is retried: ${errorInfo(cause).message}`);
    return false;
  }
}
