import { CliFailure, EXIT } from "./failure.ts";
import type { Globals } from "./globals.ts";

/** Sends one request of the API and answers what came back. */
export type Send = (request: Request) => Promise<Response>;

const ANSWER_MAX_MS = 30_000;

/** The way to the daemon for every command that reads or asks: over HTTP to `--server`. */
export async function connect({ server }: Globals): Promise<Send> {
  return async (request) => {
    try {
      return await fetch(request, { signal: AbortSignal.timeout(ANSWER_MAX_MS) });
    } catch (error) {
      const failure = new CliFailure(
        `Cannot reach the daemon at "${server}": ${reasonOf(error)}; start it with "tocsin serve", or say with --server where it listens`,
        EXIT.unreachable,
      );
      failure.cause = error;
      throw failure;
    }
  };
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError") return `it gave no answer within ${ANSWER_MAX_MS / 1_000} s`;
  const code = "code" in error ? String(error.code) : "";
  if (/refused/i.test(`${code} ${error.message}`)) return "nothing listens there";
  // Deno says "fetch failed", and why in the cause.
  return error.cause === undefined ? error.message : reasonOf(error.cause);
}
