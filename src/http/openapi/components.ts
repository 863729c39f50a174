import type * as v from "valibot";
import type { JsonObject } from "../../domain/json.ts";
import { TOKEN_SCOPES } from "../../domain/tokens.ts";
import { LastEventId } from "../event-routes.ts";
import { BODY_MAX_BYTES } from "../read-body.ts";
import { IdempotencyKey } from "../trigger-body.ts";
import { AnyJson, Text } from "./answer-schema.ts";
import * as daemon from "./daemon-answers.ts";
import { Flow, ManifestAnswer } from "./flow-answers.ts";
import { Delivery, DeliveryListed, Hook, Trial } from "./hook-answers.ts";
import type { AnswerHeader, RequestHeader } from "./operation.ts";
import { ProblemAnswer } from "./problem-answer.ts";
import {
  ErrorAnswer,
  LogLine,
  OutcomesAnswer,
  RecentRun,
  Run,
  State,
  TaskRun,
  Transition,
} from "./run-answers.ts";
import {
  Backfill,
  BackfillDue,
  Decision,
  DueTime,
  Explanation,
  SchedulePause,
} from "./schedule-answers.ts";

/** The schemas that have a name; what is not among them is written out where it is used. */
export const SCHEMAS: Readonly<Record<string, v.GenericSchema>> = {
  ...{ Run, State, Error: ErrorAnswer, Transition, TaskRun, LogLine, RecentRun },
  ...{ Outcomes: OutcomesAnswer, Flow, SchedulePause, DueTime, Explanation, Decision },
  ...{ Backfill, BackfillDue, Hook, Delivery, DeliveryListed, Trial },
  ...{ Status: daemon.Status, Readiness: daemon.ReadinessAnswer, Manifest: ManifestAnswer },
  ...{ Token: daemon.Token, NewToken: daemon.NewToken, Block: daemon.Block },
  ...{ ConfigProblem: daemon.ConfigProblemAnswer, StoreStats: daemon.Stats },
  ...{ StoreCheck: daemon.StoreChecked, Problem: ProblemAnswer, Json: AnyJson },
};

interface HeaderNotes {
  readonly description: string;
  readonly schema: v.GenericSchema;
}

/** What the document says of a header of a request. */
export const REQUEST_HEADERS: Readonly<Record<RequestHeader, HeaderNotes>> = {
  "Idempotency-Key": {
    description:
      "Makes it safe to ask again: the same key with the same request answers the run that is there; with another request it is refused with 422.",
    schema: IdempotencyKey,
  },
  "Last-Event-ID": {
    description: "The last `id` that was read: everything after it is told.",
    schema: LastEventId,
  },
  Prefer: {
    description: "`wait=600`: the connection stays until the answer comes; without it a minute.",
    schema: Text,
  },
  "If-None-Match": {
    description: "An `ETag` of before: 304 without a body where the answer is the same.",
    schema: Text,
  },
};

const TEXT = { type: "string" } as const;

export const ANSWER_HEADERS: Readonly<Record<AnswerHeader, JsonObject>> = {
  ETag: { description: "Changes with the answer; send it as `If-None-Match`.", schema: TEXT },
  "Idempotency-Replayed": {
    description: "`true` where the run had been made with this key before.",
    schema: { const: "true" },
  },
  Link: { description: 'Where there is more: the next page, `rel="next"`.', schema: TEXT },
  Location: { description: "Where what was made can be asked for.", schema: TEXT },
  "Set-Cookie": { description: "The page's cookie, or its end.", schema: TEXT },
  "Tocsin-Copy-Bytes": { description: "How large the copy is.", schema: { type: "string" } },
  "Tocsin-Scope": {
    description: "Whether whoever asks may only `read`, or `write` too.",
    schema: { enum: [...TOKEN_SCOPES] },
  },
};

/** The answers that are problems, by status: when they come, whoever asks. */
const PROBLEMS: Readonly<Record<number, string>> = {
  400: "Something does not fit: `field` names it.",
  401: "It needs a token, or the one that was sent is none of the daemon's.",
  403: "The token may only read, or the request comes from a page that is not the daemon's own.",
  404: "There is no such thing; `nearest` is what was probably meant.",
  409: "It cannot be done as things stand; `state`, `blockedBy` or the text says what is in the way.",
  413: `The body is larger than ${BODY_MAX_BYTES} bytes.`,
  415: "The body is not said to be JSON.",
  421: "`Host` is not one of the daemon's names.",
  422: "It was understood, and cannot be done.",
  429: "Too many wrong tokens; `Retry-After` says for how long to wait.",
  500: "The daemon failed; its log says how.",
  503: "Not at present: ask again later.",
};

/** The same answer, wherever it comes from. */
export const PROBLEM_ANSWERS: JsonObject = Object.fromEntries(
  Object.entries(PROBLEMS).map(([status, description]) => [
    `Problem${status}`,
    {
      description,
      content: {
        "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } },
      },
    },
  ]),
);

export const SECURITY_SCHEMES: JsonObject = {
  bearer: {
    type: "http",
    scheme: "bearer",
    description:
      "A token: `tocsin token new NAME`. Programs on the daemon's own machine need none until there is one.",
  },
  cookie: {
    type: "apiKey",
    in: "cookie",
    name: "tocsin_session",
    description: "What the page gets for a token from `POST /api/login`.",
  },
};
