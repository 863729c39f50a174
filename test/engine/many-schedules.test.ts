import { describe, expect, test } from "bun:test";
import type { FlowSpec } from "../../src/domain/flow.ts";
import type { FlowName, ScheduleKey } from "../../src/domain/ids.ts";
import type { Run } from "../../src/domain/run.ts";
import { createTick } from "../../src/engine/tick.ts";
import { aFlow, aGeneration, aSchedule } from "../support/manifests.ts";
import { at, NOON, temporaryStore } from "../support/stores.ts";
import { virtualClock } from "../support/virtual-clock.ts";
import { birthOn } from "./support/birth.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const HOURLY = { kind: "cron", cron: "0 * * * *", timezone: "UTC", dst: "once" } as const;

function manyFlows(count: number, changes: (no: number) => Partial<FlowSpec> = () => ({})) {
  return Array.from({ length: count }, (_, no) =>
    aFlow({ name: `flow-${no}` as FlowName, schedules: [aSchedule(HOURLY)], ...changes(no) }),
  );
}

function ticking(flows: readonly FlowSpec[]) {
  const store = temporaryStore();
  const clock = virtualClock(NOON);
  const born: Run[][] = [];
  const onBorn = (runs: readonly Run[]) => void born.push([...runs]);
  const deps = { ...birthOn(store), clock: clock.now, missedGraceMs: MINUTE, onBorn };
  const tick = createTick(deps);
  void tick.useGeneration(aGeneration(flows));
  const count = (sql: string) => store.reader.all<{ count: number }>(sql)[0]?.count;
  return { store, clock, tick, born, count, deps };
}

const RUNS = "SELECT count(*) AS count FROM run";
const DUE_TIMES = "SELECT count(DISTINCT flow || schedule_key || scheduled_for) AS count FROM run";

describe("ten thousand schedules that are due together", () => {
  test("get one run each, and are all due again an hour later", async () => {
    const { clock, tick, count } = ticking(manyFlows(10_000));

    clock.advance(HOUR);
    expect(await tick.pass()).toBe(at(2 * HOUR));
    expect(await tick.pass()).toBe(at(2 * HOUR));

    expect(count(RUNS)).toBe(10_000);
    expect(count(DUE_TIMES)).toBe(10_000);
  }, 60_000);

  test("are taken over by the next config as they stand", async () => {
    const flows = manyFlows(10_000);
    const { clock, tick, count } = ticking(flows);

    clock.advance(30 * MINUTE);
    await tick.useGeneration(aGeneration(flows.slice(1)));

    expect(count("SELECT count(*) AS count FROM schedule")).toBe(9_999);
    expect(count(`SELECT count(*) AS count FROM schedule WHERE cursor = ${NOON}`)).toBe(9_999);
    expect(tick.nextDueAt()).toBe(at(HOUR));
  }, 20_000);
});

describe("schedules that are due together", () => {
  test("are skipped where a run of their flow is open, and only there", async () => {
    const often = { ...HOURLY, cron: "*/30 * * * *" };
    const { store, clock, tick } = ticking(
      manyFlows(3, (no) => (no === 1 ? { schedules: [aSchedule(often)] } : {})),
    );
    clock.advance(30 * MINUTE);
    await tick.pass();
    clock.advance(30 * MINUTE);
    await tick.pass();

    const flows = (sql: string) => store.reader.all<{ flow: string }>(sql).map(({ flow }) => flow);
    expect(flows("SELECT flow FROM run ORDER BY flow")).toEqual(["flow-0", "flow-1", "flow-2"]);
    expect(flows("SELECT flow FROM decision WHERE kind = 'skipped'")).toEqual(["flow-1"]);
  });

  test("see the runs of their own flow that are made in the same turn", async () => {
    const schedules = ["one", "two", "three"].map((key) =>
      aSchedule(HOURLY, { key: key as ScheduleKey }),
    );
    const { clock, tick, count } = ticking(manyFlows(2, () => ({ schedules })));

    clock.advance(HOUR);
    await tick.pass();

    expect(count(RUNS)).toBe(2);
    expect(count("SELECT count(*) AS count FROM decision WHERE kind = 'skipped'")).toBe(4);
  });

  test("are offered together, the most urgent first", async () => {
    const { clock, tick, born } = ticking(manyFlows(4, (no) => ({ priority: no % 2 })));

    clock.advance(HOUR);
    await tick.pass();

    expect(born.map((runs) => runs.map(({ priority }) => priority))).toEqual([[1, 1, 0, 0]]);
  });

  test("have one run each when a new config comes while they are dealt with", async () => {
    const flows = manyFlows(2_000);
    const { clock, tick, count } = ticking(flows);

    clock.advance(HOUR);
    const passing = tick.pass();
    await tick.useGeneration({ ...aGeneration(flows), number: 2 });
    await passing;
    await tick.pass();

    expect(count(RUNS)).toBe(2_000);
    expect(count(DUE_TIMES)).toBe(2_000);
    expect(count("SELECT count(*) AS count FROM decision")).toBe(0);
    expect(tick.nextDueAt()).toBe(at(2 * HOUR));
  }, 20_000);

  test("do not keep each other from their runs when one cannot be dealt with", async () => {
    const { clock, count, deps, store } = ticking([]);
    const broken = (flow: string) => {
      if (flow === "flow-7") throw new Error("no open runs can be told");
    };
    const { openRuns } = deps;
    const tick = createTick({
      ...deps,
      openRuns: {
        ...openRuns,
        ofMany: (flows) => {
          const of = openRuns.ofMany(flows);
          return (flow, rule, now) => {
            broken(flow.name);
            return of(flow, rule, now);
          };
        },
      },
    });
    await tick.useGeneration(aGeneration(manyFlows(600)));

    clock.advance(HOUR);
    await expect(tick.pass()).rejects.toThrow("no open runs can be told");

    expect(count(RUNS)).toBe(599);
    expect(tick.nextDueAt()).toBe(at(HOUR));
    expect(store.reader.all("SELECT no FROM run WHERE flow = 'flow-7'")).toEqual([]);
  });
});
