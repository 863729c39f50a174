import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { advance, fits, IllegalTransition } from "../../src/domain/advance.ts";
import { later } from "../../src/domain/instant.ts";
import type { Run } from "../../src/domain/run.ts";
import type { Signal, SignalType } from "../../src/domain/signal.ts";
import { isTerminal, STATE_NAMES, type StateName } from "../../src/domain/state.ts";
import { aRun, NOON, SIGNALS, STATES } from "./subjects.ts";

type Arrows = Partial<Record<SignalType, StateName>>;

/** What befalls a run that an executor holds. */
const CLAIMED: Arrows = {
  fail: "Failed",
  "time-out": "TimedOut",
  crash: "Crashed",
  retry: "AwaitingRetry",
  cancel: "Cancelling",
};
const WAITING: Arrows = {
  submit: "Pending",
  "await-slot": "AwaitingConcurrencySlot",
  cancel: "Cancelled",
};
const RUNNING: Arrows = { ...CLAIMED, succeed: "Completed", again: "Retrying", pause: "Paused" };
const ENDED: Arrows = { rerun: "Scheduled" };

/** Every arrow there is; what is not here is refused. */
const ARROWS: Record<StateName, Arrows> = {
  Scheduled: { ...WAITING, "be-late": "Late" },
  Late: WAITING,
  AwaitingConcurrencySlot: WAITING,
  AwaitingRetry: { ...WAITING, again: "Retrying", crash: "Crashed" },
  Pending: { ...CLAIMED, start: "Running", reuse: "Cached", release: "Scheduled" },
  Running: RUNNING,
  Retrying: RUNNING,
  Rerunning: RUNNING,
  Cancelling: { cancelled: "Cancelled", crash: "Crashed" },
  Paused: { resume: "Scheduled", cancel: "Cancelled", fail: "Failed", "time-out": "TimedOut" },
  Completed: ENDED,
  Cached: ENDED,
  Failed: ENDED,
  TimedOut: ENDED,
  Crashed: ENDED,
  Cancelled: ENDED,
};

/** States in which no attempt has begun, unless a test says so. */
const BEFORE_AN_ATTEMPT: readonly StateName[] = [
  "Scheduled",
  "Late",
  "AwaitingConcurrencySlot",
  "Pending",
];

const LATER = later(NOON, 60_000);

function runIn(name: StateName, changes: Partial<Run> = {}): Run {
  const attempt = BEFORE_AN_ATTEMPT.includes(name) ? 0 : 1;
  return aRun({ state: STATES[name], attempt, rev: 5, ...changes });
}

function after(run: Run, signal: Signal): Run {
  return advance(run, signal, LATER).after;
}

describe("advance()", () => {
  for (const [from, state] of Object.entries(STATES)) {
    for (const signal of Object.values(SIGNALS)) {
      const to = ARROWS[state.name][signal.type];
      const run = runIn(state.name);

      if (to === undefined) {
        test(`refuses to ${signal.type} a run that is ${from}`, () => {
          expect(() => advance(run, signal, LATER)).toThrow(IllegalTransition);
          expect(fits(run, signal, LATER)).toBe(false);
        });
      } else {
        test(`takes a ${from} run to ${to} on ${signal.type}`, () => {
          const { state: reached } = after(run, signal);

          expect(reached.name).toBe(to);
          expect(STATE_NAMES[reached.type]).toContain(reached.name);
          expect(reached.at).toBe(LATER);
          expect(fits(run, signal, LATER)).toBe(true);
        });
      }
    }
  }

  test("names the state and the signal in its refusal", () => {
    const run = runIn("Completed");

    expect(() => advance(run, SIGNALS.start, NOON)).toThrow(
      'Cannot start a run in state "Completed" (COMPLETED)',
    );
  });

  test("crashes a waiting run only when an attempt of it has begun", () => {
    for (const name of STATE_NAMES.SCHEDULED) {
      expect(fits(runIn(name, { attempt: 0 }), SIGNALS.crash, LATER)).toBe(false);
      expect(after(runIn(name, { attempt: 1 }), SIGNALS.crash).state.name).toBe("Crashed");
    }
  });

  test("answers the run as it was beside the run as it is, and changes neither the old one nor its id", () => {
    const run = runIn("Running");
    const copy = structuredClone(run);

    const step = advance(run, SIGNALS.succeed, LATER);

    expect(step.before).toBe(run);
    expect(run).toEqual(copy);
    expect(step.after.id).toBe(run.id);
  });

  test("counts one revision per step", () => {
    expect(after(runIn("Pending"), SIGNALS.start).rev).toBe(6);
    expect(after(runIn("Completed"), SIGNALS.rerun).rev).toBe(6);
  });
});

describe("what a step keeps and counts", () => {
  test("the first start is attempt 1 and Running", () => {
    const run = after(runIn("Pending"), SIGNALS.start);

    expect([run.attempt, run.state.name]).toEqual([1, "Running"]);
  });

  test("a further start is the next attempt and Retrying", () => {
    const run = after(runIn("Pending", { attempt: 1 }), SIGNALS.start);

    expect([run.attempt, run.state.name]).toEqual([2, "Retrying"]);
  });

  test("a start after the run had ended is the next attempt and Rerunning", () => {
    const run = after(runIn("Pending", { attempt: 2, endedAt: NOON }), SIGNALS.start);

    expect([run.attempt, run.state.name]).toEqual([3, "Rerunning"]);
  });

  test("again is the next attempt, from Running and from AwaitingRetry", () => {
    expect(after(runIn("Running"), SIGNALS.again).attempt).toBe(2);
    expect(after(runIn("AwaitingRetry"), SIGNALS.again).attempt).toBe(2);
  });

  test("nothing else changes the attempt", () => {
    const others = Object.values(SIGNALS).filter(
      ({ type }) => type !== "start" && type !== "again",
    );
    for (const name of Object.keys(STATES) as StateName[]) {
      const run = runIn(name);
      for (const signal of others.filter((other) => fits(run, other, LATER))) {
        expect(after(run, signal).attempt).toBe(run.attempt);
      }
    }
  });

  test("a retry counts what it follows: a failure or a crash", () => {
    const run = runIn("Running", { failures: 1, crashes: 2 });

    const failed = after(run, { ...SIGNALS.retry, after: "failure" });
    const crashed = after(run, { ...SIGNALS.retry, after: "crash" });

    expect([failed.failures, failed.crashes]).toEqual([2, 2]);
    expect([crashed.failures, crashed.crashes]).toEqual([1, 3]);
    expect(failed.state).toMatchObject({ name: "AwaitingRetry", dueAt: SIGNALS.retry.dueAt });
  });

  test("the last failure counts as none: nothing follows it", () => {
    expect(after(runIn("Running", { failures: 1 }), SIGNALS.fail).failures).toBe(1);
  });

  test("a rerun gives both allowances back and keeps the attempt", () => {
    const run = after(runIn("Failed", { attempt: 3, failures: 2, crashes: 1 }), SIGNALS.rerun);

    expect([run.failures, run.crashes, run.attempt]).toEqual([0, 0, 3]);
  });

  test("startedAt is the first start and stays", () => {
    expect(after(runIn("Pending"), SIGNALS.start).startedAt).toBe(LATER);
    expect(after(runIn("Pending", { attempt: 1, startedAt: NOON }), SIGNALS.start).startedAt).toBe(
      NOON,
    );
  });

  test("endedAt is set on entering a terminal state, and by nothing else", () => {
    for (const name of Object.keys(STATES) as StateName[]) {
      const run = runIn(name);
      for (const signal of Object.values(SIGNALS).filter((one) => fits(run, one, LATER))) {
        const next = after(run, signal);
        expect(next.endedAt).toBe(isTerminal(next.state.type) ? LATER : undefined);
      }
    }
  });

  test("the result of the body is kept, and a run without one has none", () => {
    expect(after(runIn("Running"), SIGNALS.succeed).result).toBe(SIGNALS.succeed.result);
    expect(after(runIn("Pending"), SIGNALS.reuse).result).toBe(SIGNALS.reuse.result);
    expect("result" in after(runIn("Running"), { type: "succeed" })).toBe(false);
  });

  test("a run that has its slot says no longer why it waited for it", () => {
    const saying = (name: "Scheduled" | "AwaitingConcurrencySlot", message: string) => {
      const run = runIn(name);
      return after({ ...run, state: { ...run.state, message } }, SIGNALS.submit).state.message;
    };

    expect(saying("AwaitingConcurrencySlot", 'limit "tag:db" is full')).toBe("");
    expect(saying("Scheduled", "due 02:30, moved to 03:00")).toBe("due 02:30, moved to 03:00");
  });

  test("the message of the signal is the message of the state", () => {
    expect(after(runIn("Running"), SIGNALS.succeed).state.message).toBe("7 rows");
    expect(after(runIn("Running"), SIGNALS.fail).state).toMatchObject({
      message: "no disk",
      error: SIGNALS.fail.error,
    });
    expect(after(runIn("Running"), SIGNALS.cancel).state.message).toBe("by Ada");
    expect("error" in after(runIn("Running"), SIGNALS.crash).state).toBe(false);
  });
});

describe("any sequence of signals", () => {
  const anySignals = fc.array(fc.constantFrom(...Object.values(SIGNALS)), { maxLength: 60 });

  test("grows the revision by one each, never takes an attempt back, and leaves an end only by rerun", () => {
    fc.assert(
      fc.property(anySignals, (signals) => {
        const reached = signals.reduce(checkedStep, aRun());

        expect(reached.rev).toBeGreaterThanOrEqual(aRun().rev);
      }),
      { numRuns: 300 },
    );
  });

  /** Takes the step that the signal asks for, if it fits, and checks what holds for every step. */
  function checkedStep(run: Run, signal: Signal): Run {
    if (!fits(run, signal, LATER)) {
      expect(() => advance(run, signal, LATER)).toThrow(IllegalTransition);
      return run;
    }
    const next = after(run, signal);

    expect(next.rev).toBe(run.rev + 1);
    expect(next.attempt).toBeGreaterThanOrEqual(run.attempt);
    expect(isTerminal(run.state.type)).toBe(signal.type === "rerun");
    if (isTerminal(next.state.type)) expect(next.endedAt).toBe(LATER);
    return next;
  }

  test("never leaves a run without a way on", () => {
    fc.assert(
      fc.property(anySignals, (signals) => {
        const run = signals.reduce(
          (now, signal) => (fits(now, signal, LATER) ? after(now, signal) : now),
          aRun(),
        );

        expect(Object.values(SIGNALS).some((signal) => fits(run, signal, LATER))).toBe(true);
      }),
    );
  });
});
