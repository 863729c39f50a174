import type { Generation } from "../domain/flow.ts";
import type { Clock, Instant } from "../domain/instant.ts";
import { STATE_TYPES } from "../domain/state.ts";
import type { Store } from "../store/open-store.ts";
import { type Counted, createCounted } from "./counted.ts";
import { lastSuccessOf, waitingRuns } from "./store-numbers.ts";
import { counterText, gaugeText, type Sample } from "./text-format.ts";

export interface MetricsParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly version: string;
  readonly startedAt: Instant;
  generation(): Generation;
  /** Whether the newest edit of the config was accepted. */
  isConfigAccepted(): boolean;
  threads(): { readonly threads: number; readonly busy: number; readonly stuck: number };
  nextDueAt(): Instant | undefined;
  /** Hooks whose receiver does not answer. */
  hooksDown(): number;
  eventClients(): number;
  wrongTokens(): number;
}

/** What is counted from the store's opening on, and what is only looked at when somebody asks. */
export interface Metrics {
  /** In Prometheus' text format. */
  text(parts: MetricsParts): Promise<string>;
}

/** Begins to count at once: what an earlier daemon left is recovered before there is an API to ask. */
export function createMetrics(store: Store): Metrics {
  const counted = createCounted();
  store.watch(counted.watcher);
  const successes = new Map<string, Instant | undefined>();
  return {
    async text(parts) {
      // Counted in small steps the first time: nothing else waits for it.
      await store.tally.ready(store.reader);
      const flows = parts.generation().manifest.flows.map(({ name }) => name as string);
      return [
        buildText(parts),
        counted.text(flows),
        lastSuccessText({ ...parts, counted, successes }, flows),
        standingText(parts),
        configText(parts),
        threadText(parts),
        processText(),
      ].join("");
    },
  };
}

function buildText({ version, startedAt }: MetricsParts): string {
  const build = { name: "tocsin_build_info", help: "Always 1.", labels: ["version", "runtime"] };
  const runtime = `${process.versions["bun"] === undefined ? "deno" : "bun"}`;
  return (
    gaugeText(build, [[[version, runtime], 1]]) +
    gaugeText(
      { name: "process_start_time_seconds", help: "When the daemon started, in Unix time." },
      [[[], startedAt / 1_000]],
    )
  );
}

interface Successes extends MetricsParts {
  readonly counted: Counted;
  /** What the store said when a flow was first asked for. */
  readonly successes: Map<string, Instant | undefined>;
}

function lastSuccessText(
  { counted, successes, store }: Successes,
  flows: readonly string[],
): string {
  const samples = flows.flatMap((flow): readonly Sample[] => {
    if (!successes.has(flow)) successes.set(flow, lastSuccessOf(store.reader, flow));
    const at = counted.lastSuccess(flow) ?? successes.get(flow);
    return at === undefined ? [] : [[[flow], at / 1_000]];
  });
  const meta = {
    name: "tocsin_flow_last_success_timestamp_seconds",
    help: "When a run of the flow last completed, in Unix time; absent while none has.",
    labels: ["flow"],
  };
  return gaugeText(meta, samples);
}

/** How runs and deliveries stand: counted once, and kept up to date by what is committed. */
function standingText({ store, clock, hooksDown }: MetricsParts): string {
  const { runs, deliveries } = store.tally.read(store.reader);
  const waiting = waitingRuns(store.reader, clock());
  const one = (name: string, help: string, value: number) =>
    gaugeText({ name, help }, [[[], value]]);
  return [
    gaugeText(
      { name: "tocsin_runs", help: "Runs that are in a state now.", labels: ["state"] },
      STATE_TYPES.map((type): Sample => [[type], runs[type] ?? 0]),
    ),
    gaugeText(
      {
        name: "tocsin_queue_depth",
        help: "Runs that are due and wait: for a thread, or for a slot of a limit.",
        labels: ["for"],
      },
      [
        [["thread"], waiting.forThread],
        [["slot"], waiting.forSlot],
      ],
    ),
    one(
      "tocsin_deliveries_waiting",
      "Hook deliveries that wait for their next attempt.",
      deliveries.pending + deliveries.retrying,
    ),
    one("tocsin_deliveries_dead", "Hook deliveries that were given up.", deliveries.dead),
    one("tocsin_hooks_down", "Hooks whose receiver does not answer.", hooksDown()),
    one(
      "tocsin_store_writable",
      "1 while the store can be written, 0 while it cannot.",
      store.trouble() === undefined ? 1 : 0,
    ),
  ].join("");
}

function configText({ generation, isConfigAccepted, nextDueAt }: MetricsParts): string {
  const next = nextDueAt();
  const gauge = (name: string, help: string, value: number | undefined) =>
    gaugeText({ name, help }, value === undefined ? [] : [[[], value]]);
  return [
    gauge("tocsin_config_generation", "The config in force.", generation().number),
    gauge(
      "tocsin_config_accepted",
      "1 where the newest edit of the config is in force, 0 where it was refused.",
      isConfigAccepted() ? 1 : 0,
    ),
    gauge(
      "tocsin_next_due_timestamp_seconds",
      "When a schedule is due next, in Unix time; absent where none is.",
      next === undefined ? undefined : next / 1_000,
    ),
  ].join("");
}

function threadText({ threads, eventClients, wrongTokens }: MetricsParts): string {
  const { threads: all, busy, stuck } = threads();
  const gauge = (name: string, help: string, value: number) =>
    gaugeText({ name, help }, [[[], value]]);
  return [
    gauge("tocsin_threads", "Threads and processes that execute runs.", all),
    gauge("tocsin_threads_busy", "Those of them that execute a run.", busy),
    gauge("tocsin_threads_stuck", "Threads that could not be stopped.", stuck),
    gauge("tocsin_event_clients", "Clients that listen to events.", eventClients()),
    counterText({ name: "tocsin_wrong_tokens_total", help: "Requests with a wrong token." }, [
      [[], wrongTokens()],
    ]),
  ].join("");
}

function processText(): string {
  const { user, system } = process.cpuUsage();
  return (
    counterText({ name: "process_cpu_seconds_total", help: "Processor time used." }, [
      [[], (user + system) / 1e6],
    ]) +
    gaugeText({ name: "process_resident_memory_bytes", help: "Memory in use." }, [
      [[], process.memoryUsage.rss()],
    ])
  );
}
