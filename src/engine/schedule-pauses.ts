import type { FlowSpec } from "../domain/flow.ts";
import type { FlowName, ScheduleKey } from "../domain/ids.ts";
import type { Clock } from "../domain/instant.ts";
import {
  type PauseAnswer,
  type PauseRequest,
  type SchedulePause,
  schedulePauseView,
} from "../domain/schedule-pause.ts";
import type { Store } from "../store/open-store.ts";
import { endPause, insertPause, listPausesNow } from "../store/schedule-pauses.ts";
import { saveCursors } from "../store/schedule-store.ts";
import type { Tick } from "./tick.ts";

// In: what somebody wants to rest, or to go on. Out: pauses, kept with who and why, and a tick that follows them.

export interface SchedulePauses {
  isPaused(flow: FlowName, schedule: ScheduleKey): boolean;
  /** The pauses of a flow and of its schedules that go on. */
  of(flow: string): readonly SchedulePause[];
  all(): readonly SchedulePause[];
}

/** The pauses that go on. They are read once: nobody else changes them. */
export function openSchedulePauses(store: Pick<Store, "reader">): KnownPauses {
  const byFlow = new Map<string, Map<string, SchedulePause>>();
  const find = ({ flow, schedule = WHOLE_FLOW }: Named) => byFlow.get(flow)?.get(schedule);
  const add = (pause: SchedulePause) => {
    const known = byFlow.get(pause.flow) ?? new Map<string, SchedulePause>();
    byFlow.set(pause.flow, known.set(pause.schedule ?? WHOLE_FLOW, pause));
  };
  for (const pause of listPausesNow(store.reader)) add(pause);
  return {
    find,
    add,
    remove({ flow, schedule = WHOLE_FLOW }) {
      const known = byFlow.get(flow);
      known?.delete(schedule);
      if (known?.size === 0) byFlow.delete(flow);
    },
    isPaused: (flow, schedule) =>
      find({ flow }) !== undefined || find({ flow, schedule }) !== undefined,
    of: (flow) => [...(byFlow.get(flow)?.values() ?? [])],
    all: () => [...byFlow.values()].flatMap((known) => [...known.values()]),
  };
}

/** No schedule has this key. */
const WHOLE_FLOW = "";

interface Named {
  readonly flow: string;
  readonly schedule?: string;
}

interface KnownPauses extends SchedulePauses {
  find(named: Named): SchedulePause | undefined;
  add(pause: SchedulePause): void;
  remove(named: Named): void;
}

export interface PausingDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly tick: Tick;
  readonly pauses: KnownPauses;
  readonly flowNamed: (name: string) => FlowSpec | undefined;
}

/** Puts a flow, or one of its schedules, to rest. What is due before that is dealt with first. */
export async function pauseSchedules(
  { flow: name, schedule, by, reason = "" }: PauseRequest,
  deps: PausingDeps,
): Promise<PauseAnswer> {
  const target = targetOf(name, schedule, deps);
  if ("type" in target) return target;
  const { store, clock, tick, pauses } = deps;
  if (pauses.find(target) !== undefined) return answerFor(target.flow, deps, false);
  const dueNow = () => (tick.nextDueAt() ?? Number.POSITIVE_INFINITY) <= clock();
  while (dueNow()) await tick.pass();
  // Another request may have come first while that was saved.
  if (pauses.find(target) !== undefined) return answerFor(target.flow, deps, false);
  const pause: SchedulePause = { ...target, since: clock(), by, reason };
  // A second request finds it from now on.
  pauses.add(pause);
  try {
    await store.write((connection) => insertPause(connection, pause));
  } catch (error) {
    pauses.remove(pause);
    throw error;
  }
  tick.rest(pause.flow);
  return answerFor(pause.flow, deps, true);
}

/** Lets them go on from now: what was due meanwhile is not made up for. */
export async function resumeSchedules(
  { flow: name, schedule, by }: PauseRequest,
  deps: PausingDeps,
): Promise<PauseAnswer> {
  const target = targetOf(name, schedule, deps);
  if ("type" in target) return target;
  const { store, clock, tick, pauses } = deps;
  const pause = pauses.find(target);
  if (pause === undefined) return answerFor(target.flow, deps, false);
  const now = clock();
  pauses.remove(pause);
  const going = tick
    .cursorsOf(pause.flow)
    .filter((cursor) => isOf(cursor, pause) && !pauses.isPaused(cursor.flow, cursor.schedule))
    .map((cursor) => ({ ...cursor, at: now }));
  try {
    await store.write((connection) => {
      endPause(connection, pause, { until: now, by });
      saveCursors(connection, going);
    });
  } catch (error) {
    pauses.add(pause);
    throw error;
  }
  tick.takeUp(pause.flow, now);
  return answerFor(pause.flow, deps, true);
}

interface Target {
  readonly flow: FlowName;
  readonly schedule?: ScheduleKey;
}

/** Only what the config has can be paused. */
function targetOf(
  name: string,
  key: string | undefined,
  { flowNamed }: PausingDeps,
): Target | Exclude<PauseAnswer, { type: "done" }> {
  const flow = flowNamed(name);
  if (flow === undefined) return { type: "no-such-flow" };
  if (key === undefined) return { flow: flow.name };
  const schedule = flow.schedules.find((one) => one.key === key);
  if (schedule !== undefined) return { flow: flow.name, schedule: schedule.key };
  return { type: "no-such-schedule", known: flow.schedules.map((one) => one.key) };
}

function answerFor(
  name: FlowName,
  { pauses, flowNamed }: PausingDeps,
  changed: boolean,
): PauseAnswer {
  const schedules = flowNamed(name)?.schedules ?? [];
  return {
    type: "done",
    changed,
    pauses: pauses.of(name).map(schedulePauseView),
    pausedInConfig: schedules.filter(({ paused }) => paused).map(({ key }) => key),
  };
}

function isOf({ schedule }: { readonly schedule: ScheduleKey }, pause: SchedulePause): boolean {
  return pause.schedule === undefined || pause.schedule === schedule;
}
