import { durationInWords } from "../domain/duration.ts";
import type { TaskRunView } from "../domain/run-view.ts";
import { isTerminal } from "../domain/state.ts";
import type { Family, FamilyRun } from "./family.ts";
import {
  type Call,
  type Calls,
  callsOf,
  type Group,
  groupOf,
  groupsOf,
  type Standing,
  standingOf,
} from "./task-groups.ts";

/** A line of the tree, and the lines that belong below it. */
export interface Row {
  readonly standing?: Standing;
  readonly text: string;
  /** Said more quietly after the text. */
  readonly aside: string;
  readonly below: readonly Row[];
}

/** More child runs of one flow than this are counted, not listed. */
const CHILDREN_LISTED = 8;
/** Tasks that call tasks that call tasks are shown so deep. */
const DEPTH_MAX = 8;

/** A run, with its tasks and child runs below it in the order in which they began to be. */
export function familyRow({ run, tasks, children }: Family, now: Date): Row {
  const calls = callsOf(tasks);
  const below = [
    ...taskEntries(calls.ofFlow, { calls, now, depth: 0 }),
    ...childEntries(children, now),
  ].toSorted((one, other) => one.since.localeCompare(other.since));
  return { ...runRow(run, now), below: below.map(({ row }) => row) };
}

interface Entry {
  readonly since: string;
  readonly row: Row;
}

interface Level {
  readonly calls: Calls;
  readonly now: Date;
  readonly depth: number;
}

/** One row for all calls of a task, with what they called below it. */
function taskEntries(made: readonly TaskRunView[], level: Level): readonly Entry[] {
  const { calls, now, depth } = level;
  if (depth >= DEPTH_MAX) return [];
  return groupsOf(made).map((group) => {
    const inner = group.calls.flatMap((call) => calls.within(call));
    const below = taskEntries(inner, { ...level, depth: depth + 1 });
    const row = { ...groupRow(group, now), below: below.map((entry) => entry.row) };
    return { since: group.calls[0]?.createdAt ?? "", row };
  });
}

function childEntries(children: readonly Family[], now: Date): readonly Entry[] {
  const byFlow = Map.groupBy(children, ({ run }) => run.flow);
  return [...byFlow].flatMap(([flow, families]) => {
    const since = families[0]?.run.createdAt ?? "";
    if (families.length > CHILDREN_LISTED) {
      const runs = families.map(({ run }) => run);
      return [{ since, row: groupRow(groupOf(flow, runs), now) }];
    }
    return families.map((family) => ({
      since: family.run.createdAt,
      row: familyRow(family, now),
    }));
  });
}

function runRow({ name, flow, state, startedAt, endedAt }: FamilyRun, now: Date): Row {
  const end = isTerminal(state.type) ? endedAt : undefined;
  const waits = state.type === "SCHEDULED" || state.type === "PAUSED" ? state.name : "";
  return {
    standing: standingOf(state.type),
    text: `${flow} ${name}`,
    aside: joined([waits, took({ startedAt, endedAt: end }, now)]),
    below: [],
  };
}

function groupRow(group: Group, now: Date): Row {
  const { name, calls, done, failed, cached, retrying, standing } = group;
  const only = calls.length === 1 ? calls[0] : undefined;
  const many = only === undefined;
  return {
    standing,
    text: many ? `${name} ${done}/${calls.length}` : name,
    aside: joined([
      took(group, now),
      many && failed > 0 ? `${failed} failed` : "",
      cached === 0 ? "" : many ? `${cached} cached` : "cached",
      many && retrying > 0 ? `${retrying} retrying` : "",
      only === undefined ? "" : howItGoes(only),
    ]),
    below: [],
  };
}

function howItGoes({ attempt, state }: Call): string {
  const why = state.type === "FAILED" || state.type === "CRASHED" ? state.message : "";
  const waits = state.name === "AwaitingRetry" ? "waits for its retry" : "";
  return joined([attempt > 1 ? `attempt ${attempt}` : "", waits, why]);
}

function took(
  { startedAt, endedAt }: { startedAt?: string | undefined; endedAt?: string | undefined },
  now: Date,
): string {
  if (startedAt === undefined) return "";
  if (endedAt !== undefined) return durationInWords(gap(startedAt, Date.parse(endedAt)));
  // Milliseconds of something that goes on are noise.
  return durationInWords(Math.floor(gap(startedAt, now.getTime()) / 100) * 100);
}

function gap(from: string, toMs: number): number {
  return Math.max(0, toMs - Date.parse(from));
}

function joined(parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join(", ");
}
