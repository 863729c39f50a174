import type { DeliveryStatus } from "../domain/delivery.ts";
import type { Instant } from "../domain/instant.ts";
import type { Run, Transition } from "../domain/run.ts";
import { isTerminal, STATE_TYPES } from "../domain/state.ts";
import type { StoreWatcher } from "../store/watchers.ts";
import { createCounter, createHistogram } from "./text-format.ts";

const FLOW = ["flow"] as const;
const RUN_SECONDS = [0.1, 0.5, 1, 5, 15, 60, 300, 900, 3_600, 14_400];
const LAG_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 3_600];
const COMMIT_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5];
const OUTCOMES: readonly DeliveryStatus[] = ["delivered", "retrying", "dead", "dropped"];

/** What is counted while it is committed. */
export interface Counted {
  readonly watcher: StoreWatcher;
  /** When a run of a flow last completed, as far as this process saw. */
  lastSuccess(flow: string): Instant | undefined;
  /** The text of all of it, with series of these flows and no others. */
  text(flows: readonly string[]): string;
}

/** Counts transitions, durations, deliveries and commits: a look into memory per commit. */
export function createCounted(): Counted {
  const instruments = makeInstruments();
  const { deliveries, commits } = instruments;
  const successes = new Map<string, Instant>();
  return {
    watcher: {
      runMoved(step) {
        countRun(instruments, step);
        const { flow, state } = step.after;
        if (state.type === "COMPLETED") successes.set(flow, state.at);
      },
      deliveryMoved: (_, status) => deliveries.add([status]),
      committed: (ms) => commits.observe([], ms / 1_000),
    },
    lastSuccess: (flow) => successes.get(flow),
    text(flows) {
      const known = new Set(flows);
      for (const flow of successes.keys()) if (!known.has(flow)) successes.delete(flow);
      keepFlows(instruments, known);
      return Object.values(instruments)
        .map((metric) => metric.text())
        .join("");
    },
  };
}

type Instruments = ReturnType<typeof makeInstruments>;

function countRun({ runs, lag, duration }: Instruments, step: Transition<Run>): void {
  const { flow, state } = step.after;
  runs.add([flow, state.type]);
  const late = lagOf(step);
  if (late !== undefined) lag.observe([flow], late);
  const lasted = durationOf(step);
  if (lasted !== undefined) duration.observe([flow], lasted);
}

/** Series of these flows and no others; each flow has its ends from the beginning. */
function keepFlows({ runs, duration, lag }: Instruments, known: ReadonlySet<string>): void {
  const isKnown = ([flow = ""]: readonly string[]) => known.has(flow);
  for (const metric of [runs, duration, lag]) metric.keep(isKnown);
  for (const flow of known) for (const type of ENDS) runs.begin([flow, type]);
}

const ENDS = STATE_TYPES.filter(isTerminal);

function makeInstruments() {
  const deliveries = createCounter({
    name: "tocsin_delivery_outcomes_total",
    help: "Attempts of hook deliveries by what came of them; retrying is one that failed and is made again.",
    labels: ["outcome"],
  });
  for (const outcome of OUTCOMES) deliveries.begin([outcome]);
  return {
    deliveries,
    runs: createCounter({
      name: "tocsin_runs_total",
      help: "Runs that entered a state, by flow and state type.",
      labels: ["flow", "state"],
    }),
    duration: createHistogram(
      {
        name: "tocsin_run_duration_seconds",
        help: "Time from the first start of a run to its end, waits between attempts included, reruns not.",
        labels: FLOW,
      },
      RUN_SECONDS,
    ),
    lag: createHistogram(
      {
        name: "tocsin_schedule_lag_seconds",
        help: "Time from the due time of a scheduled run to the start of its first attempt, jitter included.",
        labels: FLOW,
      },
      LAG_SECONDS,
    ),
    commits: createHistogram(
      { name: "tocsin_commit_duration_seconds", help: "Time that a commit of the store took." },
      COMMIT_SECONDS,
    ),
  };
}

/** Seconds; of runs that began and are over. One that was over before, and asked for again, took no days. */
function durationOf({ before, after }: Transition<Run>): number | undefined {
  const { state, startedAt, endedAt } = after;
  if (!isTerminal(state.type) || before?.endedAt !== undefined) return undefined;
  if (startedAt === undefined || endedAt === undefined) return undefined;
  return Math.max(0, endedAt - startedAt) / 1_000;
}

/** Seconds; of the first start of a run that a schedule asked for when it was due. */
function lagOf({ before, after }: Transition<Run>): number | undefined {
  const { state, attempt, scheduledFor, backfill } = after;
  const begins = state.type === "RUNNING" && attempt === 1 && before?.state.type === "PENDING";
  if (!begins || scheduledFor === undefined || backfill !== undefined) return undefined;
  return Math.max(0, state.at - scheduledFor) / 1_000;
}
