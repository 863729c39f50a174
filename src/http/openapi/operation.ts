import type * as v from "valibot";
import type { Json } from "../../domain/json.ts";
import type { ProblemStatus } from "../problems.ts";
import type { QuerySchema } from "../query-schema.ts";

export const TAGS = {
  Runs: "What was, is and will be executed.",
  Flows: "What the config defines, when it is due, and why it did or did not run.",
  Hooks: "What rings when a run changes its state, and every delivery of it.",
  Blocks: "Stored values: webhook addresses, secrets, texts.",
  Daemon: "How it stands, and its config.",
  Store: "Care for the file that everything is kept in.",
  Access: "Who may ask.",
  Page: "Documents for people. They hold no data: what they show they ask the API for.",
} as const;
type Tag = keyof typeof TAGS;

/** Headers of requests that a route looks at, besides those that all do. */
export type RequestHeader = "Idempotency-Key" | "Last-Event-ID" | "Prefer" | "If-None-Match";
export type AnswerHeader =
  | "ETag"
  | "Idempotency-Replayed"
  | "Link"
  | "Location"
  | "Set-Cookie"
  | "Tocsin-Copy-Bytes"
  | "Tocsin-Scope";

/** One answer that is no problem. */
export interface AnswerSpec {
  readonly text: string;
  /** JSON, unless `type` says otherwise; without either there is no body. */
  readonly schema?: v.GenericSchema;
  readonly type?: string;
  readonly headers?: readonly AnswerHeader[];
}

/** What can be asked, and what is answered: the same schemas that the route reads its requests with. */
export interface Operation {
  readonly id: string;
  /** `GET /api/runs/{run}` */
  readonly route: `${"GET" | "POST" | "PUT" | "DELETE"} /${string}`;
  readonly tag: Tag;
  /** One line, for tables. */
  readonly summary: string;
  /** Anybody may ask. */
  readonly isOpen?: true;
  readonly query?: QuerySchema;
  readonly headers?: readonly RequestHeader[];
  readonly body?: v.GenericSchema;
  readonly answers: Readonly<Record<number, AnswerSpec>>;
  /** Those of its own; what every route may refuse is added. */
  readonly problems?: readonly ProblemStatus[];
  readonly example: OperationExample;
}

/** A request that is answered with `status`; the first of the operation's answers, unless it is given. */
interface OperationExample {
  /** `?limit=10` or the whole address, with names in place of `{run}`; the route's own without it. */
  readonly path?: string;
  readonly body?: Json;
  readonly status?: number;
}

/** 200 with JSON; a GET has an ETag. */
export function ok(text: string, schema: v.GenericSchema): Operation["answers"] {
  return { 200: { text, schema } };
}

/** 204: it is done, and there is nothing to say. */
export function done(text: string): Operation["answers"] {
  return { 204: { text } };
}

/** A page of a list. */
export function paged(text: string, schema: v.GenericSchema): Operation["answers"] {
  return { 200: { text, schema, headers: ["Link"] } };
}

/** What is not JSON, and is described by its type alone. */
export function textAnswer(text: string, type: string): Operation["answers"] {
  return { 200: { text, type } };
}
