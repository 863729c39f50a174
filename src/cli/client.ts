import type { Rekeyed } from "../domain/blocks.ts";
import type { ConfigProblem, OverlapPolicy } from "../domain/flow.ts";
import type { Json } from "../domain/json.ts";
import type { RunView, TaskRunView } from "../domain/run-view.ts";
import type { TrialRequest, TrialView } from "../domain/trial.ts";
import type { StatusView } from "../http/api-deps.ts";
import type { BlockView } from "../http/block-routes.ts";
import type { DeliveryView, LogView, TransitionView } from "../store/run-history.ts";
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
  listRuns(query: Query): Promise<Items<RunView>>;
  findRun(run: string): Promise<RunView>;
  listTransitions(run: string): Promise<Items<TransitionView>>;
  listTaskRuns(run: string): Promise<Items<TaskRunView>>;
  listDeliveries(run: string): Promise<Items<DeliveryView>>;
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

export interface BlockToSave {
  readonly type: string;
  readonly name: string;
  readonly value: Json;
  readonly overwrite: boolean;
}

export function apiOver(send: Send, server: string): Api {
  const ask = asker(send, server);
  const run = (reference: string) => `/api/runs/${encodeURIComponent(reference)}`;
  const block = (type: string, name: string) =>
    `/api/blocks/${encodeURIComponent(type)}/${encodeURIComponent(name)}`;
  return {
    status: () => ask("GET", "/api/status"),
    listRuns: (query) => ask("GET", `/api/runs${searchOf(query)}`),
    findRun: (reference) => ask("GET", run(reference)),
    listTransitions: (reference) => ask("GET", `${run(reference)}/transitions`),
    listTaskRuns: (reference) => ask("GET", `${run(reference)}/tasks`),
    listDeliveries: (reference) => ask("GET", `${run(reference)}/deliveries`),
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

function asker(send: Send, server: string) {
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

function failureOf(response: Response, text: string, server: string): CliFailure {
  const type = response.headers.get("content-type") ?? "";
  if (!type.startsWith("application/problem+json")) return notOurs(response, server);
  const body = parsed(text, response, server) as ProblemBody;
  const lines = (body.problems ?? []).map(problemLine);
  const message = body.detail ?? `${response.status}`;
  const failure = new CliFailure(message, exitCodeOf(response.status, lines), lines);
  failure.answer = body;
  return failure;
}

function notOurs(response: Response, server: string): CliFailure {
  return new CliFailure(
    `Cannot understand the answer of "${server}": it is not a tocsin daemon (status ${response.status})`,
    EXIT.unreachable,
  );
}

function exitCodeOf(status: number, problems: readonly string[]): ExitCode {
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
