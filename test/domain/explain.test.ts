import { describe, expect, test } from "bun:test";
import type { Decision } from "../../src/domain/decision.ts";
import type { ExplainFacts, ScheduleFacts, Verdict } from "../../src/domain/explain.ts";
import { explain } from "../../src/domain/explain-flow.ts";
import type { FlowName, RunId, ScheduleKey } from "../../src/domain/ids.ts";
import { type Instant, instant } from "../../src/domain/instant.ts";
import type { JsonText } from "../../src/domain/json.ts";
import type { Run } from "../../src/domain/run.ts";
import type { State } from "../../src/domain/state.ts";

const DUE = instant(Date.UTC(2026, 5, 1, 12));
const NOW = instant(Date.UTC(2026, 5, 1, 18));
const HOUR = 3_600_000;
const FLOW = "report" as FlowName;
const KEY = "hourly" as ScheduleKey;
const TIMING = { kind: "cron", cron: "0 * * * *", timezone: "UTC", dst: "once" } as const;
const RULE = { timing: TIMING, paused: false };
const NAMED = { schedule: KEY, words: "Every hour, UTC" };
const LIFE = { schedule: KEY, rule: RULE, generation: 1, beganAt: hour(-48) };

function hour(hours: number): Instant {
  return instant(DUE + hours * HOUR);
}

function aRun(state: State, changes: Partial<Run> = {}): Run {
  return {
    ...{ id: "run-1" as RunId, no: 1, name: "brave-otter", flow: FLOW, rev: 1, state, attempt: 1 },
    ...{ failures: 0, crashes: 0, parameters: "{}" as JsonText, tags: [], generation: 1 },
    ...{ priority: 0, exclusive: true, createdAt: DUE, scheduledFor: DUE, schedule: KEY },
    ...changes,
  };
}

const COMPLETED = aRun(
  { type: "COMPLETED", name: "Completed", message: "", at: instant(DUE + 90_000) },
  { startedAt: instant(DUE + 2_500), endedAt: instant(DUE + 90_000) },
);
const { schedule: _, scheduledFor: __, ...BY_HAND } = COMPLETED;
const RUNNING = aRun(
  { type: "RUNNING", name: "Running", message: "", at: DUE },
  { startedAt: DUE },
);
const WAITING = aRun({
  ...{ type: "SCHEDULED", name: "AwaitingConcurrencySlot", at: DUE, dueAt: DUE },
  message: "limit of tag db",
});

function aDecision(changes: Partial<Decision>): Decision {
  const reason = "the run before it was still open";
  return {
    flow: FLOW,
    schedule: KEY,
    dueAt: DUE,
    kind: "skipped",
    reason,
    decidedAt: DUE,
    ...changes,
  };
}

const MISSED = aDecision({
  kind: "missed",
  reason: "the daemon could not start it in time",
  decidedAt: hour(4),
});
const PAUSE = { flow: FLOW, since: hour(-1), by: "anna", reason: "the database moves" };

function facts(of: Partial<ScheduleFacts>, changes: Partial<ExplainFacts> = {}): ExplainFacts {
  const schedule: ScheduleFacts = { ...NAMED, life: LIFE, ...of };
  return {
    ...{ flow: FLOW, inConfig: true, at: DUE, now: NOW, schedules: [schedule], pauses: [] },
    pausesNow: [],
    ...{ byHand: [], overlap: "skip", keptSince: hour(-24 * 90) },
    config: { generation: 3, acceptedAt: hour(-2) },
    ...changes,
  };
}

/** What is known, what is said of it in a word, and what must be among the sentences. */
const CASES: readonly (readonly [string, ExplainFacts, Verdict, readonly string[]])[] = [
  [
    "a due time that has run",
    facts({ dueAt: DUE, run: COMPLETED }),
    "ran",
    [
      'Schedule "hourly" (Every hour, UTC) was due at 2026-06-01T12:00:00.000Z.',
      'Run "brave-otter" was started at 2026-06-01T12:00:02.500Z, 2.5s after the due time, and ended Completed at 2026-06-01T12:01:30.000Z.',
    ],
  ],
  ["a run that goes on", facts({ dueAt: DUE, run: RUNNING }), "runs", ["is Running."]],
  [
    "a run that waits",
    facts({ dueAt: DUE, run: { ...WAITING, attempt: 0 } }),
    "waits",
    ["waits to be started (AwaitingConcurrencySlot: limit of tag db)."],
  ],
  [
    "a run that was cancelled before it began",
    facts({
      dueAt: DUE,
      run: aRun({ type: "CANCELLED", name: "Cancelled", message: "by request", at: hour(1) }),
    }),
    "cancelled",
    ["was not started and is Cancelled since 2026-06-01T13:00:00.000Z: by request."],
  ],
  [
    "a missed due time that a backfill has run",
    facts({ dueAt: DUE, run: { ...COMPLETED, backfill: "b-1" }, decision: MISSED }),
    "ran",
    [
      "It was made by backfill b-1.",
      "Before that it was missed: the daemon could not start it in time.",
    ],
  ],
  [
    "a due time that was skipped for a run that went on",
    facts({ dueAt: DUE, decision: aDecision({ blockedBy: RUNNING.id }), blockedBy: RUNNING }),
    "skipped",
    [
      "It was skipped: the run before it was still open",
      'Run "brave-otter" was started at 2026-06-01T12:00:00.000Z, and is Running.',
    ],
  ],
  [
    "one whose blocking run is no longer kept",
    facts({ dueAt: DUE, decision: aDecision({ blockedBy: RUNNING.id }) }),
    "skipped",
    ["Run run-1 stood in the way; it is no longer kept."],
  ],
  [
    "one missed while the daemon was stopped",
    facts({
      dueAt: DUE,
      decision: MISSED,
      absence: { kind: "down", from: hour(-1), to: hour(4), clean: true },
    }),
    "missed",
    [
      "The daemon was down from 2026-06-01T11:00:00.000Z to 2026-06-01T16:00:00.000Z (it was stopped).",
    ],
  ],
  [
    "one missed after the daemon was killed",
    facts({
      dueAt: DUE,
      decision: MISSED,
      absence: { kind: "down", from: hour(-1), to: hour(4), clean: false },
    }),
    "missed",
    ["(it was last known to live then)"],
  ],
  [
    "one missed while the machine slept",
    facts({ dueAt: DUE, decision: MISSED, absence: { kind: "jump", from: hour(-1), to: hour(4) } }),
    "missed",
    ["The clock jumped from 2026-06-01T11:00:00.000Z to 2026-06-01T16:00:00.000Z"],
  ],
  [
    "one while the flow is paused",
    facts({ dueAt: DUE }, { pauses: [PAUSE] }),
    "paused",
    ["The flow is paused by anna since 2026-06-01T11:00:00.000Z (the database moves)."],
  ],
  [
    "one while its schedule was paused, and not for another's pause",
    facts(
      { dueAt: DUE },
      {
        pauses: [
          { ...PAUSE, schedule: KEY, until: hour(2), resumedBy: "bob" },
          { ...PAUSE, schedule: "daily" as ScheduleKey },
        ],
      },
    ),
    "paused",
    [
      'Schedule "hourly" was paused by anna from 2026-06-01T11:00:00.000Z to 2026-06-01T14:00:00.000Z (the database moves), resumed by bob.',
    ],
  ],
  [
    "one while the config paused it",
    facts({ dueAt: DUE, life: { ...LIFE, rule: { ...RULE, paused: true } } }),
    "paused-in-config",
    ["The config says paused: true of this schedule since 2026-05-30T12:00:00.000Z."],
  ],
  [
    "a due time of a schedule that was changed while the daemon was down",
    facts({
      dueAt: DUE,
      life: { ...LIFE, endedAt: hour(4) },
      absence: { kind: "down", from: hour(-1), to: hour(4), clean: true },
    }),
    "changed",
    [
      "The daemon was down",
      "The config changed or removed this schedule at 2026-06-01T16:00:00.000Z",
    ],
  ],
  [
    "a time before the schedule was in the config",
    facts({}, { schedules: [{ ...NAMED, firstBeganAt: hour(2), nextDueAt: hour(7) }] }),
    "not-in-force",
    [
      "it is in force since 2026-06-01T14:00:00.000Z",
      "It is due next at 2026-06-01T19:00:00.000Z.",
    ],
  ],
  [
    "a time after the schedule was in the config",
    facts({}, { schedules: [{ ...NAMED, firstBeganAt: hour(-9), lastEndedAt: hour(-2) }] }),
    "not-in-force",
    [
      "was not in the config then: it was in force between 2026-06-01T03:00:00.000Z and 2026-06-01T10:00:00.000Z.",
    ],
  ],
  [
    "one before a schedule was in the config that is paused now",
    facts(
      {},
      {
        schedules: [{ ...NAMED, firstBeganAt: hour(2), nextDueAt: hour(7) }],
        pausesNow: [{ ...PAUSE, since: hour(3) }],
      },
    ),
    "not-in-force",
    [
      "It would be due next at 2026-06-01T19:00:00.000Z.",
      "The flow is paused by anna since 2026-06-01T15:00:00.000Z (the database moves).",
    ],
  ],
  [
    "one before a schedule was in the config that the config pauses now",
    facts(
      {},
      {
        schedules: [{ ...NAMED, firstBeganAt: hour(2), nextDueAt: hour(7), restsInConfig: true }],
      },
    ),
    "not-in-force",
    [
      "It would be due next at 2026-06-01T19:00:00.000Z.",
      "The config says paused: true of this schedule.",
    ],
  ],
  [
    "one before a schedule was in the config that is over",
    facts({}, { schedules: [{ ...NAMED, firstBeganAt: hour(2), previousDueAt: hour(-9) }] }),
    "not-in-force",
    ["It is not due any more: its last due time was 2026-06-01T03:00:00.000Z."],
  ],
  [
    "a time at which nothing was due, of a schedule that was paused since",
    facts({ previousDueAt: hour(-1), nextDueAt: hour(7) }, { pausesNow: [PAUSE] }),
    "not-due",
    ["after it 2026-06-01T19:00:00.000Z.", "The flow is paused by anna"],
  ],
  [
    "a start of the daemon that found the flow paused",
    facts(
      {
        life: { ...LIFE, rule: { ...RULE, timing: { kind: "start" } } },
        lastStart: { at: hour(-1) },
      },
      { pauses: [PAUSE] },
    ),
    "paused",
    ["There is no run of that start on record.", "The flow is paused by anna"],
  ],
  [
    "a time at which nothing was due",
    facts({ previousDueAt: hour(-1), nextDueAt: hour(1) }),
    "not-due",
    [
      "was not due at 2026-06-01T12:00:00.000Z; the nearest due times are before it 2026-06-01T11:00:00.000Z and after it 2026-06-01T13:00:00.000Z.",
    ],
  ],
  [
    "one on the day of a change of the clocks",
    facts({ clockChange: { at: hour(-3), timezone: "Europe/Vienna", byMs: HOUR } }),
    "not-due",
    ["The clocks of Europe/Vienna are put forward by 1h at 2026-06-01T09:00:00.000Z"],
  ],
  [
    "a due time that was moved out of a gap",
    facts({ dueAt: DUE, run: COMPLETED, dst: "moved", standsFor: ["2026-06-01T02:30:00"] }),
    "ran",
    ["It stands for the local time 2026-06-01T02:30:00, which the clocks left out."],
  ],
  [
    "a time after its until",
    facts({ life: { ...LIFE, rule: { ...RULE, until: hour(-2) } } }),
    "over",
    ["was over: it was due until 2026-06-01T10:00:00.000Z."],
  ],
  [
    "a time after its last date",
    facts({
      life: { ...LIFE, rule: { timing: { kind: "at", at: [hour(-5)] }, paused: false } },
      previousDueAt: hour(-5),
    }),
    "over",
    ["its last date was 2026-06-01T07:00:00.000Z"],
  ],
  [
    "a flow without a schedule",
    facts({}, { schedules: [] }),
    "no-schedule",
    ["It has no schedule"],
  ],
  [
    "a flow that is gone from the config",
    facts({ dueAt: DUE, run: COMPLETED }, { inConfig: false }),
    "ran",
    ['The config has no flow "report" now.'],
  ],
  [
    "a due time that is just being dealt with",
    facts({ dueAt: DUE, dealtUntil: hour(-1) }, { now: instant(DUE + 1_000) }),
    "pending",
    ["It is being dealt with, for 1s now."],
  ],
  [
    "one whose records are deleted",
    facts({ dueAt: DUE }, { keptSince: hour(1) }),
    "forgotten",
    ["have been deleted"],
  ],
  [
    "one that nothing is known of",
    facts({ dueAt: DUE }),
    "no-record",
    ["There is no record of it."],
  ],
  [
    "a due time ahead",
    facts({ dueAt: hour(7), startsAt: instant(hour(7) + 5_000) }, { at: hour(7) }),
    "will-run",
    [
      "is due at 2026-06-01T19:00:00.000Z; its jitter lets the run start at 2026-06-01T19:00:05.000Z.",
      "Nothing stands in its way",
    ],
  ],
  [
    "a due time ahead that an open run may block",
    facts({ dueAt: hour(7) }, { at: hour(7), openRun: RUNNING }),
    "may-be-skipped",
    ["If it is still open then, this due time is skipped (overlap: skip)."],
  ],
  [
    "a due time ahead that would wait",
    facts({ dueAt: hour(7) }, { at: hour(7), openRun: RUNNING, overlap: "queue-all" }),
    "will-run",
    ["this one waits for it"],
  ],
  [
    "a due time ahead while the flow is paused",
    facts({ dueAt: hour(7) }, { at: hour(7), pauses: [PAUSE] }),
    "paused",
    ["is paused by anna"],
  ],
  [
    "a run that somebody asked for by hand",
    facts(
      {},
      {
        byHand: [BY_HAND],
      },
    ),
    "not-due",
    ['Somebody asked for a run. Run "brave-otter" was started at'],
  ],
];

describe("explain", () => {
  test.each(CASES)("tells of %s", (...[, known, verdict, wanted]) => {
    const answer = explain(known);

    expect(answer.verdict).toBe(verdict);
    const text = answer.sentences.join("\n");
    for (const part of wanted) expect(text).toContain(part);
  });

  test("answers with the schedule that has its run, where others were due without one", () => {
    const other = { ...facts({ dueAt: DUE }).schedules[0], schedule: "daily" as ScheduleKey };
    const both = facts({ dueAt: DUE, run: COMPLETED });
    const schedules = [{ ...NAMED, life: LIFE, ...other }, ...both.schedules];

    expect(explain({ ...both, schedules }).verdict).toBe("ran");
  });

  test.each([
    ["skip", 1, "this one is skipped for it."],
    ["queue-all", 1, "this one waits for it."],
    ["cancel-running", 0, "this one is cancelled for it."],
  ] as const)(
    "says which of two schedules that are due together comes first, under %s",
    (...[overlap, second, end]) => {
      const both = facts({ dueAt: hour(7) }, { at: hour(7), overlap });
      const daily = { schedule: "daily" as ScheduleKey, words: "Every day", life: LIFE };
      const schedules = [...both.schedules, { ...daily, dueAt: hour(7) }];

      const told = explain({ ...both, schedules });

      expect(told.verdict).toBe("will-run");
      expect(told.sentences).toHaveLength(4);
      expect(told.sentences[1 + 2 * second]).toEndWith(end);
      expect(told.sentences[3 - 2 * second]).toStartWith("Nothing stands in its way");
    },
  );

  test("says of a schedule that is due with one that rests that nothing stands in its way", () => {
    const both = facts({ dueAt: hour(7) }, { at: hour(7) });
    const rule = { ...RULE, paused: true };
    const rests = { ...NAMED, schedule: "daily" as ScheduleKey, life: { ...LIFE, rule } };
    const schedules = [{ ...rests, dueAt: hour(7) }, ...both.schedules];

    expect(explain({ ...both, schedules }).sentences[3]).toStartWith("Nothing stands in its way");
  });

  test("speaks of the schedules that were due, and not of the others", () => {
    const other = { schedule: "daily" as ScheduleKey, words: "Every day", life: LIFE };
    const both = facts({ dueAt: DUE, run: COMPLETED });

    const { sentences } = explain({ ...both, schedules: [other, ...both.schedules] });

    expect(sentences.join("\n")).not.toContain("daily");
  });
});
