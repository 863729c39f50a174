import { LoginBody } from "../login-routes.ts";
import { NoBody } from "../read-body.ts";
import { VerboseQuery } from "../status-routes.ts";
import { PruneBody } from "../store-routes.ts";
import { TokenBody } from "../token-routes.ts";
import { AnyJson, listOf } from "./answer-schema.ts";
import {
  NewToken,
  Pruned,
  ReadinessAnswer,
  Reloaded,
  Stats,
  Status,
  StoreChecked,
  Token,
  VacuumedAnswer,
} from "./daemon-answers.ts";
import { ManifestAnswer } from "./flow-answers.ts";
import { done, type Operation, ok, textAnswer } from "./operation.ts";

const PLAIN = "text/plain";

/** `ok`, or why not, in lines; with `verbose` every check. */
const READY: Operation["answers"] = {
  200: { text: "It can do its work.", schema: ReadinessAnswer, type: `${PLAIN}, application/json` },
  503: { text: "It cannot, and why.", schema: ReadinessAnswer, type: `${PLAIN}, application/json` },
};

export const DAEMON_OPERATIONS: readonly Operation[] = [
  {
    id: "getLivez",
    route: "GET /livez",
    tag: "Daemon",
    summary: "whether the process answers",
    isOpen: true,
    answers: textAnswer("It does: `ok`.", PLAIN),
    example: {},
  },
  {
    id: "getReadyz",
    route: "GET /readyz",
    tag: "Daemon",
    summary: "whether it can do its work: 503 and why if not; `?verbose` for every check",
    isOpen: true,
    query: VerboseQuery,
    answers: READY,
    example: { path: "/readyz?verbose" },
  },
  {
    id: "getHealthz",
    route: "GET /healthz",
    tag: "Daemon",
    summary: "the same as `/readyz`",
    isOpen: true,
    query: VerboseQuery,
    answers: READY,
    example: {},
  },
  {
    id: "getMetrics",
    route: "GET /metrics",
    tag: "Daemon",
    summary: "what the daemon counts, as Prometheus reads it",
    answers: textAnswer("In Prometheus' text format, version 0.0.4.", PLAIN),
    example: {},
  },
  {
    id: "getStatus",
    route: "GET /api/status",
    tag: "Daemon",
    summary: "version, uptime, counts, threads, next due time, config and its last problems, store",
    answers: ok("How it stands.", Status),
    example: {},
  },
  {
    id: "reloadConfig",
    route: "POST /api/config/reload",
    tag: "Daemon",
    summary:
      "reads the config again: its generation, or 422 with `problems`, and the old one stays",
    body: NoBody,
    answers: ok("The config is in force.", Reloaded),
    problems: [422],
    example: {},
  },
  {
    id: "getManifest",
    route: "GET /api/config/manifest",
    tag: "Daemon",
    summary:
      "the config in force as data, without its settings: what `tocsin check --diff` compares with",
    answers: ok("The config.", ManifestAnswer),
    example: {},
  },
  {
    id: "getOpenApi",
    route: "GET /openapi.json",
    tag: "Daemon",
    summary: "all of this as OpenAPI 3.1, for programs",
    answers: ok("The document.", AnyJson),
    example: {},
  },
];

export const ACCESS_OPERATIONS: readonly Operation[] = [
  {
    id: "login",
    route: "POST /api/login",
    tag: "Access",
    summary: "a token for a cookie, for the page",
    isOpen: true,
    body: LoginBody,
    answers: { 204: { text: "The cookie is set.", headers: ["Set-Cookie"] } },
    problems: [401, 429],
    example: { body: { token: "toc_page" } },
  },
  {
    id: "logout",
    route: "POST /api/logout",
    tag: "Access",
    summary: "ends the cookie's session",
    isOpen: true,
    body: NoBody,
    answers: { 204: { text: "The cookie is gone.", headers: ["Set-Cookie"] } },
    example: {},
  },
  {
    id: "listTokens",
    route: "GET /api/tokens",
    tag: "Access",
    summary: "the tokens by name, never themselves",
    answers: ok("The tokens.", listOf(Token)),
    example: {},
  },
  {
    id: "makeToken",
    route: "POST /api/tokens",
    tag: "Access",
    summary:
      "makes a token with a `name` and a `scope`, `read` (the default) or `write`; `token` is answered this once; 409 for a name that there is",
    body: TokenBody,
    answers: { 201: { text: "The token.", schema: NewToken } },
    problems: [409],
    example: { body: { name: "ci", scope: "write" } },
  },
  {
    id: "revokeToken",
    route: "DELETE /api/tokens/{name}",
    tag: "Access",
    summary: "revokes a token",
    answers: done("It is revoked."),
    problems: [404],
    example: { path: "/api/tokens/page" },
  },
];

export const STORE_OPERATIONS: readonly Operation[] = [
  {
    id: "getStore",
    route: "GET /api/store",
    tag: "Store",
    summary: "rows, sizes and flows of the store",
    answers: ok("The store.", Stats),
    problems: [409],
    example: {},
  },
  {
    id: "checkStore",
    route: "POST /api/store/check",
    tag: "Store",
    summary: "checks the store's file and what its rows promise each other: `ok`, `faults`",
    body: NoBody,
    answers: ok("What was found.", StoreChecked),
    problems: [409],
    example: {},
  },
  {
    id: "backUpStore",
    route: "POST /api/store/backup",
    tag: "Store",
    summary:
      "answers a copy of the store as it is at this moment, itself a store; header `tocsin-copy-bytes` says how large it is",
    body: NoBody,
    answers: {
      200: {
        text: "The copy.",
        type: "application/vnd.sqlite3",
        headers: ["Tocsin-Copy-Bytes"],
      },
    },
    problems: [409],
    example: {},
  },
  {
    id: "pruneStore",
    route: "POST /api/store/prune",
    tag: "Store",
    summary:
      "deletes runs that ended longer ago than `olderThan`, a line of JSON for each step: `deleted`, `total`, `done`; with `dryRun` it counts",
    body: PruneBody,
    answers: {
      200: { text: "A line for each step.", schema: Pruned, type: "application/x-ndjson" },
    },
    problems: [409],
    example: { body: { olderThan: "90d" } },
  },
  {
    id: "vacuumStore",
    route: "POST /api/store/vacuum",
    tag: "Store",
    summary: "409: a daemon's own store is not made smaller while it serves",
    body: NoBody,
    answers: ok("By how much it was made smaller.", VacuumedAnswer),
    problems: [409],
    example: { status: 409 },
  },
];
