import { describe, expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { advance } from "../../src/domain/advance.ts";
import type { FlowName, ScheduleKey } from "../../src/domain/ids.ts";
import type { Run } from "../../src/domain/run.ts";
import type { Signal } from "../../src/domain/signal.ts";
import { createMetrics, type MetricsParts } from "../../src/metrics/metrics.ts";
import { createCounter, createHistogram, gaugeText } from "../../src/metrics/text-format.ts";
import type { Store } from "../../src/store/open-store.ts";
import { aFlow } from "../support/manifests.ts";
import { aRun, at, NOON, temporaryStore } from "../support/stores.ts";
import { type Family, readExposition } from "./prometheus.ts";

const STRANGE = 'a "quoted" \\ flow\nof two lines';

function partsOf(store: Store, flows: readonly string[]): MetricsParts {
  const manifest = {
    ...{ tasks: [], tagHooks: [], hookModules: [], limits: {}, settings: {}, blockTypes: [] },
    flows: flows.map((name) => aFlow({ name: name as FlowName })),
  };
  return {
    ...{ store, clock: () => at(3_600_000), version: "1.2.3", startedAt: NOON },
    generation: () => ({
      ...{ number: 4, configPath: "/x.ts", acceptedAt: NOON, manifest },
      sources: { files: {}, links: {} },
    }),
    isConfigAccepted: () => false,
    threads: () => ({ threads: 8, busy: 3, stuck: 1 }),
    nextDueAt: () => at(7_200_000),
    hooksDown: () => 2,
    eventClients: () => 5,
    wrongTokens: () => 7,
  };
}

/** Takes a run from its birth through signals, each so many milliseconds after noon. */
async function live(store: Store, run: Run, signals: readonly (readonly [Signal, number])[]) {
  await store.saveRunStep({ before: undefined, after: run });
  let now = run;
  for (const [signal, ms] of signals) {
    const step = advance(now, signal, at(ms));
    await store.saveRunStep(step);
    now = step.after;
  }
}

const COMPLETES = (startMs: number, endMs: number): readonly (readonly [Signal, number])[] => [
  [{ type: "submit" }, startMs],
  [{ type: "start" }, startMs],
  [{ type: "succeed" }, endMs],
];

function sampleOf(families: ReadonlyMap<string, Family>, name: string, labels: object = {}) {
  const wanted = Object.entries(labels);
  return [...families.values()]
    .flatMap(({ samples }) => samples)
    .find(
      (sample) =>
        sample.name === name && wanted.every(([label, value]) => sample.labels[label] === value),
    )?.value;
}

describe("GET /metrics", () => {
  test("is valid by the rules of the text format, whatever flows are called", async () => {
    const store = temporaryStore();
    const metrics = createMetrics(store);
    await live(store, aRun(store, { flow: STRANGE as FlowName }), COMPLETES(0, 2_000));

    const families = readExposition(await metrics.text(partsOf(store, [STRANGE, "report"])));

    expect(sampleOf(families, "tocsin_runs_total", { flow: STRANGE, state: "COMPLETED" })).toBe(1);
    expect(sampleOf(families, "tocsin_build_info", { version: "1.2.3" })).toBe(1);
    await store.close(NOON);
  });

  test("counts runs by flow and state, how long they took and how late they began", async () => {
    const store = temporaryStore();
    const metrics = createMetrics(store);
    const due = { schedule: "hourly" as ScheduleKey, scheduledFor: NOON };
    await live(store, aRun(store, due), COMPLETES(700, 3_700));
    await live(store, aRun(store), COMPLETES(0, 400_000));

    const families = readExposition(await metrics.text(partsOf(store, ["report", "idle"])));
    const of = (name: string, labels: object = {}) =>
      sampleOf(families, name, { flow: "report", ...labels });

    expect(of("tocsin_runs_total", { state: "COMPLETED" })).toBe(2);
    expect(of("tocsin_runs_total", { state: "FAILED" })).toBe(0);
    expect(sampleOf(families, "tocsin_runs_total", { flow: "idle", state: "CRASHED" })).toBe(0);
    expect(of("tocsin_run_duration_seconds_count")).toBe(2);
    expect(of("tocsin_run_duration_seconds_sum")).toBe(403);
    expect(of("tocsin_run_duration_seconds_bucket", { le: "1" })).toBe(0);
    expect(of("tocsin_run_duration_seconds_bucket", { le: "5" })).toBe(1);
    expect(of("tocsin_run_duration_seconds_bucket", { le: "+Inf" })).toBe(2);
    expect(of("tocsin_schedule_lag_seconds_count")).toBe(1);
    expect(of("tocsin_schedule_lag_seconds_sum")).toBe(0.7);
    expect(of("tocsin_flow_last_success_timestamp_seconds")).toBe((NOON + 400_000) / 1_000);
    expect(sampleOf(families, "tocsin_commit_duration_seconds_count")).toBe(8);
    expect(sampleOf(families, "tocsin_runs", { state: "COMPLETED" })).toBe(2);
    await store.close(NOON);
  });

  test("knows of successes and of the queue from before it began to count", async () => {
    const store = temporaryStore();
    await live(store, aRun(store), COMPLETES(0, 60_000));
    await live(store, aRun(store), []);
    await live(store, aRun(store, { flow: "later" as FlowName }), []);

    const families = readExposition(await createMetrics(store).text(partsOf(store, ["report"])));

    expect(
      sampleOf(families, "tocsin_flow_last_success_timestamp_seconds", { flow: "report" }),
    ).toBe((NOON + 60_000) / 1_000);
    expect(sampleOf(families, "tocsin_queue_depth", { for: "thread" })).toBe(2);
    expect(sampleOf(families, "tocsin_queue_depth", { for: "slot" })).toBe(0);
    await store.close(NOON);
  });

  test("has no series of flows that the config has no longer", async () => {
    const store = temporaryStore();
    const metrics = createMetrics(store);
    for (let no = 0; no < 30; no += 1) {
      await live(store, aRun(store, { flow: `old-${no}` as FlowName }), COMPLETES(0, 1));
    }

    expect(await metrics.text(partsOf(store, ["report"]))).not.toContain("old-");
    await store.close(NOON);
  });

  test("says how threads, hooks, config, clients and the process are", async () => {
    const store = temporaryStore();

    const families = readExposition(await createMetrics(store).text(partsOf(store, [])));
    const of = (name: string) => sampleOf(families, name);

    expect(of("tocsin_threads")).toBe(8);
    expect(of("tocsin_threads_busy")).toBe(3);
    expect(of("tocsin_threads_stuck")).toBe(1);
    expect(of("tocsin_hooks_down")).toBe(2);
    expect(of("tocsin_event_clients")).toBe(5);
    expect(of("tocsin_wrong_tokens_total")).toBe(7);
    expect([of("tocsin_config_generation"), of("tocsin_config_accepted")]).toEqual([4, 0]);
    expect(of("tocsin_store_writable")).toBe(1);
    expect(of("process_resident_memory_bytes")).toBeGreaterThan(1e6);
    await store.close(NOON);
  });
});

describe("docs/monitoring.md", () => {
  const paper = () => readFile("docs/monitoring.md", "utf8");

  test("lists exactly the metrics that there are, with their types", async () => {
    const store = temporaryStore();
    const families = readExposition(await createMetrics(store).text(partsOf(store, ["report"])));
    const rows = [...(await paper()).matchAll(/^\| `(\w+)` +\| (counter|gauge|histogram) +\|/gm)];

    expect(rows.map(([, name, type]) => `${name} ${type}`).toSorted()).toEqual(
      [...families.values()].map(({ name, type }) => `${name} ${type}`).toSorted(),
    );
    await store.close(NOON);
  });

  test("has alert rules over metrics that there are, with labels that they have", async () => {
    const store = temporaryStore();
    const metrics = createMetrics(store);
    const due = { schedule: "hourly" as ScheduleKey, scheduledFor: NOON };
    await live(store, aRun(store, due), COMPLETES(0, 1));
    const samples = [
      ...readExposition(await metrics.text(partsOf(store, ["report"]))).values(),
    ].flatMap((family) => family.samples);
    const rules = [...(await paper()).matchAll(/^ +expr: (.+)$/gm)].map(([, rule = ""]) => rule);

    expect(rules.length).toBeGreaterThan(5);
    for (const rule of rules) {
      for (const [, name = "", labels = ""] of rule.matchAll(
        /\b((?:tocsin|process)_\w+)(?:\{([^}]*)\})?/g,
      )) {
        const named = samples.filter((sample) => sample.name === name);
        const wanted = [...labels.matchAll(/(\w+)=~?"/g)].map(([, label = ""]) => label);
        expect([name, named.length > 0]).toEqual([name, true]);
        for (const label of wanted) {
          expect([name, label, label in (named[0]?.labels ?? {})]).toEqual([name, label, true]);
        }
      }
    }
    await store.close(NOON);
  });
});

describe("the text format", () => {
  test("keeps numbers and labels that are no plain ones", () => {
    const text = gaugeText({ name: "x", help: "a\\b\nc", labels: ["l"] }, [
      [['"'], Number.POSITIVE_INFINITY],
      [["\\"], Number.NaN],
      [["\n"], 1e21],
      [["\ud800"], -0.5],
    ]);

    const samples = readExposition(text).get("x")?.samples ?? [];

    expect(samples.map(({ labels }) => labels["l"])).toEqual(['"', "\\", "\n", "\ufffd"]);
    expect(samples.map(({ value }) => value)).toEqual([
      Number.POSITIVE_INFINITY,
      Number.NaN,
      1e21,
      -0.5,
    ]);
  });

  test("an empty histogram, a counter at 0 and a value on a bound are what they should be", () => {
    const histogram = createHistogram({ name: "h", help: "" }, [1, 2]);
    const empty = readExposition(histogram.text()).get("h");
    histogram.observe([], 1);
    histogram.observe([], 2.5);
    const counter = createCounter({ name: "c_total", help: "", labels: ["a"] });
    counter.begin(["x"]);

    const families = readExposition(histogram.text() + counter.text());

    expect(empty?.samples).toEqual([]);
    expect(families.get("h")?.samples.map(({ value }) => value)).toEqual([1, 1, 2, 3.5, 2]);
    expect(families.get("c_total")?.samples[0]?.value).toBe(0);
  });

  test.each([
    ["x 1\n", "No TYPE"],
    ["# HELP x y\n# TYPE x gauge\nx 1", "line feed"],
    ["# HELP x y\n# TYPE x gauge\nx 1\nx 1\n", "twice"],
    ['# HELP x y\n# TYPE x gauge\nx{a="\\q"} 1\n', "labels"],
    ["# HELP x y\n# TYPE x gauge\nx one\n", "No sample"],
    ["# HELP x y\n# TYPE x counter\nx 1\n", "counter named"],
    ['# HELP h y\n# TYPE h histogram\nh_bucket{le="+Inf"} 2\nh_sum 1\nh_count 1\n', "+Inf is not"],
    ["# HELP x y\n# TYPE x gauge\ny 1\n", "apart"],
  ])("the reader of this test refuses %j", (text, why) => {
    expect(() => readExposition(text)).toThrow(why);
  });
});
