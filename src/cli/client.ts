import type { Rekeyed } from "../domain/blocks.ts";
import type { ConfigProblem, OverlapPolicy } from "../domain/flow.ts";
import type { Json } from "../domain/json.ts";
import type { RunView, TaskRunView } from "../domain/run-view.ts";
import type { TrialRequest, TrialView } from "../domain/trial.ts";
import type { Redelivered } from "../engine/commands.ts";
import type { StatusView } from "../http/api-deps.ts";
import type { BlockView } from "../http/block-routes.ts";
import type { FlowView } from "../http/flow-view.ts";
import type { HookView } from "../http/hook-view.ts";
import type { ManifestView } from "../http/manifest-route.ts";
import type { UpcomingView } from "../http/upcoming-view.ts";
import type { DeliveryEntry, DeliveryView, LogView, TransitionView } from "../store/run-history.ts";
import type { Send } from "./connect.ts";
import { CliFailure, EXIT, type ExitCode } from "./failure.ts";
import { problemLine } from "./problem-line.ts";

export interface Items<Item> {
  readonly items: readonly Item[];
  readonly next?: string;
}

export interface TriggerBody {
  readonly parameters?: Json;
  readonly tags?: readonly string[];
  readonly at?: string;
  readonly overlap?: OverlapPolicy;
  readonly priority?: number;
}

export interface Reloaded {
  readonly generation: number;
  readonly changed: boolean;
  readonly flows: number;
}

type Query = Readonly<Record<string, string | undefined>>;

/** The daemon's HTTP API as functions. Each rejects with a `CliFailure` that carries the right exit code. */
export interface Api {
  status(): Promise<StatusView>;
  listFlows(): Promise<Items<FlowView>>;
  /** Of one flow, or of all. */
  listUpcoming(flow: string | undefined, query: Query): Promise<Items<UpcomingView>>;
  /** The config that is in force. */
  findManifest(): Promise<ManifestView>;
  listRuns(query: Query): Promise<Items<RunView>>;
  findRun(run: string): Promise<RunView>;
  listTransitions(run: string): Promise<Items<TransitionView>>;
  listTaskRuns(run: string): Promise<Items<TaskRunView>>;
  listDeliveries(run: string): Promise<Items<DeliveryView>>;
  /** Without their attempts. */
  pageDeliveries(query: Query): Promise<Items<DeliveryEntry>>;
  findDelivery(delivery: string): Promise<DeliveryView>;
  redeliver(delivery: string): Promise<DeliveryView>;
  redeliverMany(body: RedeliverBody): Promise<Redelivered>;
  listHooks(): Promise<Items<HookView>>;
  listLogs(run: string, query: Query): Promise<Items<LogView>>;
  trigger(flow: string, body: TriggerBody, idempotencyKey?: string): Promise<RunView>;
  cancel(run: string): Promise<RunView>;
  retry(run: string): Promise<RunView>;
  /** Without an input, the run is resumed with none. */
  resume(run: string, input: Json | undefined): Promise<RunView>;
  reload(): Promise<Reloaded>;
  listBlocks(): Promise<Items<BlockView>>;
  findBlock(type: string, name: string): Promise<BlockView>;
  saveBlock(block: BlockToSave): Promise<void>;
  deleteBlock(type: string, name: string): Promise<void>;
  /** With the key that is given, or with a new one. */
  rekeyBlocks(key: string | undefined): Promise<Rekeyed>;
  /** Performs a hook against a past or made-up run; by default without sending anything. */
  testHook(hook: string, asked: Omit<TrialRequest, "hook">): Promise<TrialView>;
}

/** Which deliveries are to be rung again; at least one field that narrows them down. */
export interface RedeliverBody {
  readonly status?: readonly string[];
  readonly hook?: string;
  readonly run?: string;
  readonly flow?: string;
  readonly since?: string;
  readonly until?: string;
  readonly dryRun: boolean;
}

export interface BlockToSave {
  readonly type: string;
  readonly name: string;
  readonly value: Json;
  readonly overwrite: boolean;
}

export function apiOver(send: Send, server: string): Api {
  const ask = asker(send, server);
  const run = (reference: string) => `/api/runs/${encodeURIComponent(reference)}`;
  const delivery = (reference: string) => `/api/deliveries/${encodeURIComponent(reference)}`;
  const block = (type: string, name: string) =>
    `/api/blocks/${encodeURIComponent(type)}/${encodeURIComponent(name)}`;
  return {
    status: () => ask("GET", "/api/status"),
    listFlows: () => ask("GET", "/api/flows"),
    listUpcoming: (flow, query) =>
      flow === undefined
        ? ask("GET", `/api/upcoming${searchOf(query)}`)
        : ask("GET", `/api/flows/${encodeURIComponent(flow)}/upcoming${searchOf(query)}`),
    findManifest: () => ask("GET", "/api/config/manifest"),
    listRuns: (query) => ask("GET", `/api/runs${searchOf(query)}`),
    findRun: (reference) => ask("GET", run(reference)),
    listTransitions: (reference) => ask("GET", `${run(reference)}/transitions`),
    listTaskRuns: (reference) => ask("GET", `${run(reference)}/tasks`),
    listDeliveries: (reference) => ask("GET", `${run(reference)}/deliveries`),
    pageDeliveries: (query) => ask("GET", `/api/deliveries${searchOf(query)}`),
    findDelivery: (reference) => ask("GET", delivery(reference)),
    redeliver: (reference) => ask("POST", `${delivery(reference)}/redeliver`),
    redeliverMany: (body) => ask("POST", "/api/deliveries/redeliver", { body }),
    listHooks: () => ask("GET", "/api/hooks"),
    listLogs: (reference, query) => ask("GET", `${run(reference)}/logs${searchOf(query)}`),
    trigger: (flow, body, key) =>
      ask("POST", `/api/flows/${encodeURIComponent(flow)}/runs`, {
        body,
        ...(key === undefined ? {} : { headers: { "idempotency-key": key } }),
      }),
    cancel: (reference) => ask("POST", `${run(reference)}/cancel`),
    retry: (reference) => ask("POST", `${run(reference)}/retry`),
    resume: (reference, input) => ask("POST", `${run(reference)}/resume`, { body: { input } }),
    reload: () => ask("POST", "/api/config/reload"),
    listBlocks: () => ask("GET", "/api/blocks"),
    findBlock: (type, name) => ask("GET", block(type, name)),
    saveBlock: ({ type, name, ...body }) => ask("PUT", block(type, name), { body }),
    deleteBlock: (type, name) => ask("DELETE", block(type, name)),
    rekeyBlocks: (key) => ask("POST", "/api/blocks/rekey", { body: { key } }),
    testHook: (hook, body) =>
      ask("POST", `/api/hooks/${encodeURIComponent(hook)}/test`, {
        body,
        // A hook may take as long as its timeout says (RFC 7240).
        headers: { prefer: "wait=900" },
      }),
  };
}

interface Asked {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Asks for one JSON document after another. */
export function asker(send: Send, server: string) {
  return async <Answer>(method: string, path: string, asked: Asked = {}): Promise<Answer> => {
    const headers: Record<string, string> = { ...asked.headers };
    if (method !== "GET") headers["content-type"] = "application/json";
    const body = asked.body === undefined ? {} : { body: JSON.stringify(asked.body) };
    const response = await send(new Request(`${server}${path}`, { method, headers, ...body }));
    const text = await response.text();
    if (!response.ok) throw failureOf(response, text, server);
    // The one place where the API's answers become our types: the daemon is of the same version family.
    return (text === "" ? undefined : parsed(text, response, server)) as Answer;
  };
}

function parsed(text: string, response: Response, server: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const failure = notOurs(response, server);
    failure.cause = cause;
    throw failure;
  }
}

interface ProblemBody {
  readonly detail?: string;
  readonly problems?: readonly ConfigProblem[];
}

/** What an answer that is no success means. */
export function failureOf(response: Response, text: string, server: string): CliFailure {
  const type = response.headers.get("content-type") ?? "";
  if (!type.startsWith("application/problem+json")) return notOurs(response, server);
  const body = parsed(text, response, server) as ProblemBody;
  const lines = (body.problems ?? []).map(problemLine);
  const message = asOnCommandLine(body.detail ?? `${response.status}`);
  const failure = new CliFailure(message, exitCodeOf(response.status, lines), lines);
  failure.answer = body;
  return failure;
}

/** Options that go by another name in the API. */
const OPTIONS: Readonly<Record<string, string>> = { q: "search" };

/** Fields that a command takes as arguments or from a file. */
const ARGUMENTS: ReadonlySet<string> = new Set(["name", "value", "parameters", "input"]);

/** What the API reads from a query or a body is an option for whoever is at a command line, or an argument. */
function asOnCommandLine(detail: string): string {
  return detail.replace(/^Cannot read (?:query|body field) "(\w+)[^"]*"/, (_, field: string) => {
    if (ARGUMENTS.has(field)) return `Cannot read ${field}`;
    const words = (OPTIONS[field] ?? field).replace(
      /[A-Z]/g,
      (letter) => `-${letter.toLowerCase()}`,
    );
    return `Cannot read --${words}`;
  });
}

function notOurs(response: Response, server: string): CliFailure {
  return new CliFailure(
    `Cannot understand the answer of "${server}": it is not a tocsin daemon (status ${response.status})`,
    EXIT.unreachable,
  );
}

function exitCodeOf(status: number, problems: readonly string[]): ExitCode {
  if (status === 400) return EXIT.usage;
  if (status === 404) return EXIT.notFound;
  if (status === 401 || status === 403) return EXIT.authentication;
  return problems.length > 0 ? EXIT.configInvalid : EXIT.failed;
}

function searchOf(query: Query): string {
  const given = Object.entries(query).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, value]],
  );
  return given.length === 0 ? "" : `?${new URLSearchParams(given)}`;
}
