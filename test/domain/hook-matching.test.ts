import { describe, expect, test } from "bun:test";
import { advance } from "../../src/domain/advance.ts";
import type { HookModuleSpec, HookSpec, Manifest, Moment } from "../../src/domain/flow.ts";
import { hookBook, momentsOf } from "../../src/domain/hook-matching.ts";
import type { FlowName, HookKey, TaskRunId } from "../../src/domain/ids.ts";
import type { Run, TaskRun, Transition } from "../../src/domain/run.ts";
import type { Signal } from "../../src/domain/signal.ts";
import type { StateName } from "../../src/domain/state.ts";
import { aFlow, aGeneration } from "../support/manifests.ts";
import { aRun, NOON, SIGNALS, STATES } from "./subjects.ts";

const REPORT = "nightly-report" as FlowName;

function step(from: StateName, signal: Signal, changes: Partial<Run> = {}): Transition<Run> {
  return advance(aRun({ state: STATES[from], attempt: 1, ...changes }), signal, NOON);
}

function aHook(name: string, ...moments: Moment[]): HookSpec {
  return { key: `test:${name}` as HookKey, name, moments, timeoutMs: 30_000, retryMs: [] };
}

function aModule(name: string, filter: Partial<HookModuleSpec> = {}): HookModuleSpec {
  return { ...aHook(name, "onFailure"), module: `./hooks/${name}.ts`, ...filter };
}

function bookOf({ hooks = [], ...parts }: Partial<Manifest> & { hooks?: readonly HookSpec[] }) {
  return hookBook(aGeneration([aFlow({ name: REPORT, hooks })], parts).manifest);
}

describe("momentsOf()", () => {
  const MOMENTS_OF: readonly (readonly [StateName, Signal, readonly Moment[]])[] = [
    ["Scheduled", SIGNALS.submit, []],
    ["Pending", SIGNALS.start, ["onRunning"]],
    ["Running", SIGNALS.again, ["onRunning"]],
    ["Running", SIGNALS.succeed, ["onCompletion", "onAnyEnd"]],
    ["Pending", SIGNALS.reuse, ["onCompletion", "onAnyEnd"]],
    ["Running", SIGNALS.fail, ["onFailure", "onAnyEnd"]],
    ["Pending", SIGNALS.fail, ["onFailure", "onAnyEnd"]],
    ["Running", SIGNALS["time-out"], ["onFailure", "onAnyEnd"]],
    ["Running", SIGNALS.crash, ["onCrashed", "onAnyEnd"]],
    ["Running", SIGNALS.retry, ["onRetry"]],
    ["Running", SIGNALS.cancel, ["onCancellation"]],
    ["Cancelling", SIGNALS.cancelled, ["onAnyEnd"]],
    ["Scheduled", SIGNALS.cancel, ["onCancellation", "onAnyEnd"]],
    ["Running", SIGNALS.pause, []],
    ["Paused", SIGNALS.resume, []],
    ["Failed", SIGNALS.rerun, []],
    ["Scheduled", SIGNALS["be-late"], ["onLate"]],
    ["Pending", SIGNALS.release, []],
    ["Pending", { ...SIGNALS.release, isLate: true }, []],
  ];
  for (const [from, signal, moments] of MOMENTS_OF) {
    test(`${from}, ${signal.type}: ${moments.join(", ") || "none"}`, () => {
      expect(momentsOf(step(from, signal))).toEqual(moments);
    });
  }

  test("a run that is created rings nothing", () => {
    expect(momentsOf({ before: undefined, after: aRun() })).toEqual([]);
  });
});

describe("a hook book", () => {
  const failed = step("Running", SIGNALS.fail);
  const namesOf = (rings: readonly { readonly hook: HookSpec }[]) =>
    rings.map(({ hook }) => hook.name);

  test("rings the flow's own hooks first, in their order, then the modules'", () => {
    const book = bookOf({
      hooks: [aHook("second", "onFailure"), aHook("first", "onFailure")],
      hookModules: [aModule("audit"), aModule("count")],
    });

    expect(namesOf(book.ofRun(failed))).toEqual(["second", "first", "audit", "count"]);
  });

  test("says at which moment each is rung; the particular one before onAnyEnd", () => {
    const book = bookOf({
      hooks: [aHook("both", "onAnyEnd", "onFailure"), aHook("end", "onAnyEnd")],
    });

    expect(book.ofRun(failed).map(({ hook, moment }) => `${moment} ${hook.name}`)).toEqual([
      "onFailure both",
      "onAnyEnd both",
      "onAnyEnd end",
    ]);
  });

  test("rings nothing that listens to another moment", () => {
    const book = bookOf({ hooks: [aHook("done", "onCompletion")] });

    expect(book.ofRun(failed)).toEqual([]);
  });

  test("lets a module's filter decide by flow and by tag", () => {
    const book = bookOf({
      hookModules: [
        aModule("every"),
        aModule("ours", { flows: [REPORT] }),
        aModule("theirs", { flows: ["other" as FlowName] }),
        aModule("prod", { tags: ["prod", "live"] }),
        aModule("none", { tags: [] }),
      ],
    });

    expect(namesOf(book.ofRun(failed))).toEqual(["every", "ours"]);
    expect(namesOf(book.ofRun(step("Running", SIGNALS.fail, { tags: ["live"] })))).toEqual([
      "every",
      "ours",
      "prod",
    ]);
  });

  test("rings only the modules for a flow that is no longer in the config", () => {
    const book = bookOf({ hooks: [aHook("own", "onFailure")], hookModules: [aModule("audit")] });

    const gone = step("Running", SIGNALS.fail, { flow: "gone" as FlowName });

    expect(namesOf(book.ofRun(gone))).toEqual(["audit"]);
  });

  test("rings a task's hooks for its task runs, and neither the flow's nor a module", () => {
    const taskRun: TaskRun = {
      id: "019728d5-4a00-7000-8000-000000000002" as TaskRunId,
      task: "extract",
      call: 0,
      createdAt: NOON,
      rev: 2,
      attempt: 1,
      state: STATES.Running,
    };
    const book = bookOf({
      hooks: [aHook("flow", "onFailure")],
      tasks: [{ name: "extract", hooks: [aHook("task", "onFailure")] }],
      hookModules: [aModule("audit")],
    });

    const rings = book.ofTaskRun(aRun(), advance(taskRun, SIGNALS.fail, NOON));

    expect(namesOf(rings)).toEqual(["task"]);
  });
});
