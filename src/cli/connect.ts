import { readFile } from "node:fs/promises";
import { CliFailure, EXIT } from "./failure.ts";
import { fileReason } from "./file-reason.ts";
import type { Globals } from "./globals.ts";
import { userName } from "./user-name.ts";

/** Sends one request of the API and answers what came back. */
export type Send = (request: Request) => Promise<Response>;

const ANSWER_MAX_MS = 30_000;

export type Destination = Pick<Globals, "server" | "tokenFile"> & {
  /** What the daemon wrote beside its store, for whoever may read that. */
  readonly ownToken?: string | undefined;
  /** The process that wrote itself down as the daemon there. */
  readonly pid?: number | undefined;
};

/** The way to the daemon for every command that reads or asks: over HTTP to `--server`. */
export async function connect(destination: Destination): Promise<Send> {
  const { tokenFile, ownToken } = destination;
  const token = tokenFile === undefined ? ownToken : await readToken(tokenFile);
  const user = userName();
  return async (request) => {
    if (token !== undefined) request.headers.set("authorization", `Bearer ${token}`);
    if (user !== undefined) request.headers.set("tocsin-user", user);
    try {
      const late = AbortSignal.timeout(waitFor(request));
      return await fetch(request, { signal: AbortSignal.any([request.signal, late]) });
    } catch (error) {
      const failure = new CliFailure(unreachable(destination, error), EXIT.unreachable);
      failure.cause = error;
      throw failure;
    }
  };
}

function unreachable({ server, pid }: Destination, error: unknown): string {
  const cannot = `Cannot reach the daemon at "${server}": ${reasonOf(error)}`;
  return pid === undefined
    ? `${cannot}; start it with "tocsin serve", or say with --server where it listens`
    : `${cannot}; process ${pid} works on the store here: look at its log, or start it again`;
}

const TOKEN = /^[\w.~+/-]+=*$/;

/** From a file, since everybody on the machine sees the arguments of a command. */
async function readToken(file: string): Promise<string> {
  const cannot = `Cannot use token file "${file}"`;
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    const failure = new CliFailure(`${cannot}: ${fileReason(cause)}`, EXIT.usage);
    failure.cause = cause;
    throw failure;
  });
  const token = text.trim();
  if (TOKEN.test(token)) return token;
  throw new CliFailure(`${cannot}: there is no token in it, or more than that`, EXIT.usage);
}

/** As long as the request itself says (RFC 7240), for what takes its time. */
function waitFor({ headers }: Request): number {
  const [, seconds] = /\bwait=(\d{1,4})\b/.exec(headers.get("prefer") ?? "") ?? [];
  return seconds === undefined ? ANSWER_MAX_MS : Number(seconds) * 1_000;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError") return "it gave no answer in time";
  const code = "code" in error ? String(error.code) : "";
  if (/refused/i.test(`${code} ${error.message}`)) return "nothing listens there";
  // Deno says "fetch failed", and why in the cause.
  return error.cause === undefined ? error.message : reasonOf(error.cause);
}
