import type { Json } from "../../src/domain/json.ts";
import type { RunView, TaskRunView } from "../../src/domain/run-view.ts";
import type { StatusView } from "../../src/http/api-deps.ts";
import type { DeliveryView, LogView, TransitionView } from "../../src/store/run-history.ts";
import { until } from "./until.ts";

export interface Answer {
  readonly status: number;
  readonly text: string;
}

/** The API of a daemon, as the tests ask it. Every question has an end. */
export interface Api {
  readonly url: string;
  get(path: string): Promise<Answer>;
  post(path: string, body?: unknown): Promise<Answer>;
  /** What a path answers with 200, as JSON. */
  json<Body>(path: string): Promise<Body>;
  status(): Promise<StatusView>;
  /** Asks for a run; fails unless it is created. */
  trigger(flow: string, parameters?: Readonly<Record<string, Json>>): Promise<RunView>;
  run(id: string): Promise<RunView>;
  /** Waits until a run is as wanted. */
  untilRun(id: string, isWanted: (run: RunView) => boolean): Promise<RunView>;
  /** The states of a run itself, in order: `["Scheduled", "Pending", …]`. */
  states(id: string): Promise<readonly string[]>;
  transitions(id: string): Promise<readonly TransitionView[]>;
  tasks(id: string): Promise<readonly TaskRunView[]>;
  lines(id: string): Promise<readonly LogView[]>;
  deliveries(id: string): Promise<readonly DeliveryView[]>;
}

const ANSWER_MAX_MS = 20_000;

/** `log` is shown when a wait is in vain. */
export function apiAt(url: string, log: () => string): Api {
  const get = (path: string) => ask(url + path, {}, log);
  const post = (path: string, body: unknown = {}) =>
    ask(
      url + path,
      {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      },
      log,
    );
  const json = async <Body>(path: string) => expected<Body>(await get(path), 200, path);
  const items = async <Item>(path: string) => (await json<{ items: readonly Item[] }>(path)).items;
  const run = (id: string) => json<RunView>(`/api/runs/${id}`);
  const transitions = (id: string) => items<TransitionView>(`/api/runs/${id}/transitions`);
  return {
    url,
    get,
    post,
    json,
    run,
    transitions,
    status: () => json("/api/status"),
    trigger: async (flow, parameters = {}) => {
      const path = `/api/flows/${flow}/runs`;
      return expected<RunView>(await post(path, { parameters }), 201, path);
    },
    async untilRun(id, isWanted) {
      let last: RunView | undefined;
      const isThere = async () => {
        last = await run(id);
        return isWanted(last) ? last : undefined;
      };
      const seen = () => `last seen: ${JSON.stringify(last)}\n${log()}`;
      return await until("the run is as wanted", isThere, { log: seen });
    },
    async states(id) {
      const steps = await transitions(id);
      return steps.filter(({ taskRun }) => taskRun === undefined).map(({ state }) => state.name);
    },
    tasks: (id) => items(`/api/runs/${id}/tasks`),
    lines: (id) => items(`/api/runs/${id}/logs`),
    deliveries: (id) => items(`/api/runs/${id}/deliveries`),
  };
}

async function ask(url: string, init: RequestInit, log: () => string): Promise<Answer> {
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(ANSWER_MAX_MS) });
    return { status: response.status, text: await response.text() };
  } catch (cause) {
    throw new Error(`No answer from ${url}: ${cause}\n${log()}`, { cause });
  }
}

function expected<Body>({ status, text }: Answer, wanted: number, path: string): Body {
  if (status !== wanted) throw new Error(`${path} answered ${status}: ${text}`);
  return JSON.parse(text) as Body;
}
