import type { TaskRunView } from "../domain/run-view.ts";
import { isTerminal } from "../domain/state.ts";
import type { Printer } from "./printer.ts";
import { groupsOf } from "./task-groups.ts";
import { spanOf, widthOf } from "./text.ts";

/** More calls of one task than this are counted, and only those that went wrong or go on are listed. */
const CALLS_LISTED = 20;

/** The tasks of a run as lines: name, state, duration, attempts, and why it failed. */
export function taskLines(printer: Printer, tasks: readonly TaskRunView[]): readonly string[] {
  const calls = callsOf(tasks);
  const many = new Set([...calls].filter(([, { size }]) => size > 1).map(([task]) => task));
  const rows = [...calls.values()].flatMap((byCall) => {
    const all = [...byCall.values()];
    if (all.length <= CALLS_LISTED) return all.map((call) => callRow(call, many));
    const told = all.filter(({ state }) => state.type !== "COMPLETED").slice(0, CALLS_LISTED);
    return [summaryRow(all), ...told.map((call) => callRow(call, many))];
  });
  return aligned(printer, rows);
}

/** Of a call in several attempts of the run the last counts. */
function callsOf(tasks: readonly TaskRunView[]): ReadonlyMap<string, Map<number, TaskRunView>> {
  const calls = new Map<string, Map<number, TaskRunView>>();
  for (const one of tasks) {
    calls.set(one.task, (calls.get(one.task) ?? new Map()).set(one.call, one));
  }
  return calls;
}

interface Row {
  readonly name: string;
  readonly state: string;
  readonly type: string;
  readonly took: string;
  readonly rest: string;
}

function callRow(run: TaskRunView, many: ReadonlySet<string>): Row {
  const { task, call, state, attempt, startedAt, endedAt } = run;
  const attempts = attempt > 1 ? `${attempt} attempts` : "";
  return {
    name: many.has(task) ? `${task}[${call}]` : task,
    state: state.name,
    type: state.type,
    took: spanOf(startedAt, endedAt),
    rest: [attempts, state.message].filter((part) => part !== "").join("  "),
  };
}

function summaryRow(all: readonly TaskRunView[]): Row {
  const [group] = groupsOf(all);
  const over = all.filter(({ state }) => isTerminal(state.type)).length;
  const failed = group?.failed ?? 0;
  const cached = group?.cached ?? 0;
  const parts = [failed > 0 ? `${failed} failed` : "", cached > 0 ? `${cached} cached` : ""];
  return {
    name: all[0]?.task ?? "",
    state: `${over}/${all.length}`,
    type: failed > 0 ? "FAILED" : over === all.length ? "COMPLETED" : "RUNNING",
    took: spanOf(group?.startedAt, group?.endedAt),
    rest: parts.filter((part) => part !== "").join("  "),
  };
}

function aligned(printer: Printer, rows: readonly Row[]): readonly string[] {
  const safe = rows.map((row) => ({ ...row, name: printer.safe(row.name) }));
  const most = (text: (row: Row) => string) =>
    Math.max(0, ...safe.map((row) => widthOf(text(row))));
  const [names, states, spans] = [
    most(({ name }) => name),
    most(({ state }) => state),
    most(({ took }) => took),
  ] as const;
  return safe.map(({ name, state, type, took, rest }) => {
    const gap = " ".repeat(states - widthOf(state));
    const painted = `${printer.state(state, type)}${gap}`;
    const line = `${padded(name, names)}  ${painted}  ${padded(took, spans)}  ${printer.safe(rest)}`;
    return line.trimEnd();
  });
}

function padded(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - widthOf(text)));
}
