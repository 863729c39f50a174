import { describe, expect, test } from "bun:test";
import type { Ringing, Rung } from "../../src/domain/delivery.ts";
import { MOMENTS } from "../../src/domain/flow.ts";
import type { FlowName, HookKey, ScheduleKey } from "../../src/domain/ids.ts";
import { systemRandom } from "../../src/domain/ids.ts";
import { instant, isoOf, later } from "../../src/domain/instant.ts";
import type { Run } from "../../src/domain/run.ts";
import { type StateView, stateView } from "../../src/domain/run-view.ts";
import type { State } from "../../src/domain/state.ts";
import type { TrialAnswer, TrialRequest, TrialView } from "../../src/domain/trial.ts";
import type { TrialHistory } from "../../src/engine/trial-subject.ts";
import { tryHook } from "../../src/engine/try-hook.ts";
import type { TransitionView } from "../../src/store/run-history.ts";
import { aFlow, aGeneration, aHook, aSchedule } from "../support/manifests.ts";
import { NOON, aRun as runIn, temporaryStore } from "../support/stores.ts";

const hourly = aSchedule(
  { kind: "every", everyMs: 3_600_000, anchor: NOON },
  { key: "hourly" as ScheduleKey },
);
const named = (name: string, key: string, moments: Parameters<typeof aHook>[1] = {}) =>
  aHook(name, { key: key as HookKey, ...moments });

const report = aFlow({
  name: "report" as FlowName,
  tags: ["prod"],
  schedules: [hourly],
  hooks: [
    named("slack", "flow:report/onFailure/slack", { moments: ["onFailure"] }),
    named("slack", "flow:report/onCompletion/slack", { moments: ["onCompletion"] }),
    named("all", "flow:report/onAnyEnd/all", { moments: MOMENTS, timeoutMs: 7_000 }),
    named("skips", "flow:report/onSkipped/skips", { moments: ["onSkipped"] }),
  ],
});
const backup = aFlow({
  name: "backup" as FlowName,
  hooks: [named("slack", "flow:backup/onFailure/slack", { moments: ["onFailure"] })],
});
const generation = aGeneration([backup, report], {
  tasks: [
    {
      name: "extract",
      hooks: [named("own", "task:extract/onFailure/own", { moments: ["onFailure"] })],
    },
  ],
  tagHooks: [
    {
      tag: "prod",
      hooks: [named("tagged", "tag:prod/onFailure/tagged", { moments: ["onFailure"] })],
    },
  ],
  hookModules: [
    {
      ...named("audit", "module:./audit.ts", { moments: ["onFailure", "onMissed"] }),
      module: "./audit.ts",
      flows: ["report" as FlowName],
    },
    {
      ...named("nightly", "module:./nightly.ts", { moments: ["onFailure"] }),
      module: "./nightly.ts",
      tags: ["night"],
    },
  ],
});

const at = (seconds: number) => later(NOON, seconds * 1_000);
const store = temporaryStore();
const aRun = (changes: Partial<Run> = {}) => runIn(store, changes);
const PENDING: State = { type: "PENDING", name: "Pending", message: "", at: at(1) };
const RUNNING: State = { type: "RUNNING", name: "Running", message: "", at: at(2) };
const FAILED: State = {
  type: "FAILED",
  name: "Failed",
  message: "no disk",
  at: at(9),
  error: { name: "Error", message: "no disk" },
};

function history(
  run: Run,
  transitions: readonly (readonly [State, Partial<TransitionView>?])[] = [],
): TrialHistory {
  const views = transitions.map(([state, more], index) => ({
    seq: index + 1,
    attempt: 1,
    state: stateView(state),
    ...more,
  }));
  return {
    findRun: async (reference) => {
      if (reference === "several") return "ambiguous";
      return [run.id, run.name].includes(reference) ? run : undefined;
    },
    listTransitions: async () => views,
    listTaskRuns: async () => [
      {
        id: "task-run",
        task: "extract",
        call: 0,
        state: stateView(RUNNING),
        attempt: 3,
        createdAt: isoOf(NOON),
        result: 1,
      },
    ],
    newestDecision: (kind, flows) =>
      kind === "missed" && flows.includes("report")
        ? {
            flow: "report",
            schedule: "hourly",
            dueAt: isoOf(NOON),
            kind,
            reason: "was down",
            decidedAt: isoOf(NOON),
          }
        : undefined,
  };
}

async function asked(
  request: Partial<TrialRequest>,
  past?: TrialHistory,
  { timedOut = false, ...rung }: Partial<Rung> & { readonly timedOut?: boolean } = {},
) {
  const rings: (Ringing & { readonly send: boolean })[] = [];
  const answer: TrialAnswer = await tryHook(
    { hook: "all", send: false, ...request },
    {
      clock: () => at(60),
      random: systemRandom,
      generation: () => generation,
      history: past,
      publicUrl: () => "http://page",
      async tryIn(ringing, { send }) {
        rings.push({ ...ringing, send });
        const outcome = { type: "delivered" } as const;
        const { deliveryId } = ringing;
        return {
          timedOut,
          rung: { deliveryId, outcome, startedAt: at(60), endedAt: at(61), log: [], ...rung },
        };
      },
    },
  );
  return { answer, ringing: rings[0], rings };
}

async function trial(
  ...given: Parameters<typeof asked>
): Promise<{ trial: TrialView; ringing: Ringing & { send: boolean } }> {
  const { answer, ringing } = await asked(...given);
  if (answer.type !== "tried" || ringing === undefined) throw new Error(JSON.stringify(answer));
  return { trial: answer.trial, ringing };
}

function told({ about }: Ringing) {
  if (about.kind !== "run") throw new Error("it is told of a decision");
  return about;
}

describe("a trial without a run", () => {
  test.each([
    ["onRunning", "Running", "Pending"],
    ["onCompletion", "Completed", "Running"],
    ["onFailure", "Failed", "Running"],
    ["onCancellation", "Cancelling", "Running"],
    ["onCrashed", "Crashed", "Running"],
    ["onRetry", "AwaitingRetry", "Running"],
    ["onAnyEnd", "Completed", "Running"],
    ["onRecovered", "Completed", "Running"],
    ["onRegressed", "Failed", "Running"],
    ["onLate", "Late", "Scheduled"],
    ["onRunningLong", "Running", "Pending"],
  ] as const)("makes up one for %s that is %s, and was %s", async (moment, state, previous) => {
    const { trial: tried, ringing } = await trial({ moment });
    const { run, ...about } = told(ringing);

    expect([about.state.name, about.previous?.name, run.state.name]).toEqual([
      state,
      previous,
      state,
    ]);
    expect(run).toMatchObject({ flow: "report", tags: ["prod"], schedule: "hourly" });
    expect(ringing.urls.run).toBe(`http://page/runs/${run.id}`);
    expect(tried).toMatchObject({ moment, madeUp: "all", outcome: "delivered", sent: false });
  });

  test("is of the hook's first moment, with the hook's timeout", async () => {
    const { ringing } = await trial({ hook: "all" });

    expect(ringing).toMatchObject({
      moment: "onRunning",
      timeoutMs: 7_000,
      attempt: 1,
      send: false,
    });
  });

  test.each([
    ["tagged", ["prod"], undefined],
    ["audit", ["prod"], undefined],
    ["nightly", ["night"], undefined],
    ["own", [], "extract"],
  ])("is of a flow that %s is told of", async (hook, tags, task) => {
    const { trial: tried, ringing } = await trial({ hook });
    const { run, taskRun, state } = told(ringing);

    expect(run.tags).toEqual(tags);
    expect([taskRun?.task, tried.task]).toEqual([task, task]);
    expect(taskRun?.state ?? run.state).toEqual(state);
  });

  test("tells of the newest decision of its kind, or makes one up", async () => {
    const past = history(aRun());
    const missed = await trial({ hook: "audit", moment: "onMissed" }, past);
    const skipped = await trial({ hook: "skips" }, past);

    expect(missed.trial).toMatchObject({ madeUp: "nothing", decision: { reason: "was down" } });
    expect(skipped.trial).toMatchObject({
      madeUp: "all",
      decision: { kind: "skipped", flow: "report", schedule: "hourly" },
    });
    expect(skipped.ringing.urls.api).toBe("http://page/api/flows/report");
    expect(skipped.trial).not.toHaveProperty("run");
  });
});

describe("a trial of a past run", () => {
  const run = aRun({ flow: "report" as FlowName, tags: ["prod"], state: FAILED, attempt: 2 });

  test("tells of its newest transition that rings the hook, as the run was then", async () => {
    const steps = [[PENDING], [RUNNING, { attempt: 1 }], [FAILED, { attempt: 2 }]] as const;
    const past = history(run, steps);
    const failed = await trial({ hook: "slack", run: run.name, moment: "onFailure" }, past);
    const running = await trial({ run: run.id, moment: "onRunning" }, past);

    expect(failed.trial).toMatchObject({ hook: "flow:report/onFailure/slack", madeUp: "nothing" });
    expect(told(failed.ringing)).toMatchObject({
      state: { message: "no disk" },
      previous: { name: "Running" },
    });
    expect(told(running.ringing)).toMatchObject({
      run: { id: run.id, attempt: 1, state: { name: "Running" } },
      previous: { name: "Pending" },
    });
    expect(told(running.ringing).run).not.toHaveProperty("endedAt");
  });

  test("picks the moment that the run's newest fitting transition is", async () => {
    const { trial: tried } = await trial({ run: run.name }, history(run, [[RUNNING], [FAILED]]));

    expect([tried.moment, tried.state?.name]).toEqual(["onFailure", "Failed"]);
  });

  test("makes up the state where the run has had none that fits", async () => {
    const { trial: tried, ringing } = await trial(
      { run: run.name, moment: "onCompletion" },
      history(run, [[FAILED]]),
    );

    expect(tried).toMatchObject({
      madeUp: "state",
      run: { name: run.name },
      state: { name: "Completed" },
    });
    expect(told(ringing).run.state.name).toBe("Completed");
  });

  test("tells a task's hook of the task run", async () => {
    const ofTask = { task: "extract", taskRun: "task-run" };
    const steps = [
      [RUNNING],
      [RUNNING, ofTask],
      [FAILED, { ...ofTask, attempt: 3 }],
      [FAILED],
    ] as const;
    const { trial: tried, ringing } = await trial(
      { hook: "own", run: run.name },
      history(run, steps),
    );
    const without = await trial({ hook: "own", run: run.name }, history(run, [[FAILED]]));

    expect(tried).toMatchObject({ task: "extract", madeUp: "nothing" });
    expect(told(ringing)).toMatchObject({
      taskRun: { id: "task-run", attempt: 3, state: { name: "Failed" } },
      previous: { name: "Running" },
    });
    expect(without.trial).toMatchObject({ task: "extract", madeUp: "state", run: { id: run.id } });
  });

  test.each([
    [{ hook: "flow:backup/onFailure/slack" }, 'it is a hook of flow "backup", and run'],
    [{ hook: "nightly" }, "its filter lets through the tags night, and run"],
    [{ hook: "skips" }, "it is told of due times that became no run"],
    [{ hook: "slack", moment: "onLate" }, undefined],
    [{ hook: "own", moment: "onLate" }, "it is rung at onFailure, and not at onLate"],
  ] as const)("is refused where the hook would never be told of it: %o", async (request, why) => {
    const { answer, rings } = await asked({ ...request, run: run.name }, history(run, [[FAILED]]));

    if (why === undefined) expect(answer.type).toBe("ambiguous-hook");
    else expect(answer).toMatchObject({ type: "unfit", why: expect.stringContaining(why) });
    expect(rings).toEqual([]);
  });
});

describe("what a trial names", () => {
  const run = aRun({ flow: "backup" as FlowName });

  test("is a hook by key, by a name that one hook has, or that one hook has which is told of such a run", async () => {
    const byKey = await trial({ hook: "flow:report/onCompletion/slack" });
    const byRun = await trial({ hook: "slack", run: run.name }, history(run));

    expect(byKey.trial.hook).toBe("flow:report/onCompletion/slack");
    expect(byRun.trial.hook).toBe("flow:backup/onFailure/slack");
  });

  test("is refused with keys where several hooks have the name, and with names where none has it", async () => {
    const several = await asked({ hook: "slack" });
    const none = await asked({ hook: "slck" });

    expect(several.answer).toEqual({
      type: "ambiguous-hook",
      keys: [
        "flow:backup/onFailure/slack",
        "flow:report/onFailure/slack",
        "flow:report/onCompletion/slack",
      ],
    });
    expect(none.answer).toMatchObject({
      type: "no-such-hook",
      known: expect.arrayContaining(["all", "flow:report/onFailure/slack", "audit"]),
    });
  });

  test("is refused where the run is not there, or there is no store", async () => {
    const past = history(run);
    const answers = [
      await asked({ run: "nobody" }, past),
      await asked({ run: "several" }, past),
      await asked({ run: run.name }),
    ];

    expect(answers.map(({ answer }) => answer.type)).toEqual([
      "no-such-run",
      "ambiguous-run",
      "no-such-run",
    ]);
  });
});

test("a trial answers what came of it, with times for people", async () => {
  const error = { name: "HookRejection", message: "busy" };
  const failed = { type: "failed", error, retryAfterMs: 5_000 } as const;
  const startedAt = instant(0);
  const exchange = {
    request: "POST https://x",
    answer: "429 Too Many Requests",
    startedAt,
    endedAt: startedAt,
  };
  const log = [{ at: startedAt, level: "info", text: "begins" } as const];
  const one = await trial({ send: true }, undefined, {
    outcome: failed,
    exchanges: [exchange],
    log,
  });
  const late = await trial({}, undefined, { timedOut: true, outcome: failed });

  expect(one.ringing.send).toBe(true);
  expect(one.trial).toMatchObject({
    sent: true,
    outcome: "failed",
    error,
    retryAfterMs: 5_000,
    exchanges: [
      { ...exchange, startedAt: "1970-01-01T00:00:00.000Z", endedAt: "1970-01-01T00:00:00.000Z" },
    ],
    log: [{ at: "1970-01-01T00:00:00.000Z", level: "info", text: "begins" }],
  });
  expect(late.trial.outcome).toBe("timed out");
});

// What a state is made of is the same for all kinds of trials.
test("a made-up failure has an error that says it is made up", async () => {
  const { ringing } = await trial({ moment: "onFailure" });
  const state: StateView = told(ringing).state;

  expect(state.error?.message).toBe("made up by tocsin hooks test");
});
