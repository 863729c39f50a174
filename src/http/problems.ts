import type { Context } from "hono";
import {
  BadBlock,
  BlockExists,
  BlockKeyWrong,
  NoSuchBlock,
  RekeyRefused,
} from "../domain/blocks.ts";
import { StoreCareRefused } from "../domain/store-care.ts";
import type { ApiDeps } from "./api-deps.ts";

const TITLES = {
  400: "Bad request",
  401: "No valid token",
  403: "Forbidden",
  404: "Not found",
  405: "Method not allowed",
  409: "Conflict",
  413: "Too large",
  415: "Not JSON",
  421: "Wrong host",
  422: "Cannot be done",
  429: "Too many tries",
  500: "Internal error",
  503: "Not ready",
} as const;
export type ProblemStatus = keyof typeof TITLES;

/** Members of the answer beyond those of RFC 9457. */
export type ProblemExtras = Readonly<Record<string, unknown>>;

/** An answer other than success, thrown by whoever finds that out; `answerError` words it (RFC 9457). */
export class Problem extends Error {
  readonly status: ProblemStatus;
  readonly extras: ProblemExtras;

  constructor(status: ProblemStatus, detail: string, extras: ProblemExtras = {}) {
    super(detail);
    this.name = "Problem";
    this.status = status;
    this.extras = extras;
  }
}

/** The one place where something thrown becomes an answer. What is not a problem is a bug: logged, not told. */
export function answerError(deps: Pick<ApiDeps, "log">) {
  return (error: Error, c: Context): Response => {
    const problem = problemOf(error);
    if (problem !== undefined) return answerProblem(c, problem);
    deps.log?.error(`Cannot answer ${c.req.method} "${c.req.path}"`, { error });
    const detail = `Cannot answer ${c.req.method} ${quoted(c.req.path)}: the daemon failed, its log says how`;
    return answerProblem(c, new Problem(500, detail));
  };
}

export function answerProblem(c: Context, { status, message, extras }: Problem): Response {
  const type = `urn:tocsin:problem:${TITLES[status].toLowerCase().replaceAll(" ", "-")}`;
  const body = { type, title: TITLES[status], status, detail: message, ...extras };
  return c.body(JSON.stringify(body), status, { "content-type": "application/problem+json" });
}

/** A text from outside in double quotes, cut so that an answer stays short. */
export function quoted(text: string): string {
  const cut = text.length > 120 ? `${text.slice(0, 120)}…` : text;
  return `"${cut.toWellFormed()}"`;
}

function problemOf(error: Error): Problem | undefined {
  if (error instanceof Problem) return error;
  if (error instanceof NoSuchBlock) return new Problem(404, error.message);
  if (error instanceof BlockExists) return new Problem(409, error.message);
  if (error instanceof BadBlock) return new Problem(400, error.message);
  if (error instanceof RekeyRefused) return new Problem(422, error.message);
  if (error instanceof StoreCareRefused) return new Problem(409, error.message);
  if (error instanceof BlockKeyWrong) return new Problem(500, error.message);
  return undefined;
}
