import type { Json } from "../domain/json.ts";
import type { TaskRunView } from "../domain/run-view.ts";
import type { Family, FamilyRun } from "./family.ts";
import type { Printer } from "./printer.ts";
import { type Call, type Calls, callsOf, type Group, groupOf, groupsOf } from "./task-groups.ts";
import { cutTo, spanOf, widthOf } from "./text.ts";

/** More calls of one task than this are counted, and only those that went wrong or go on are listed. */
const CALLS_LISTED = 20;
const DEPTH_MAX = 8;
/** Of a result that was kept so much is shown; --json has it whole. */
const RESULT_WIDTH = 60;

/** The tasks and child runs of a run as lines: name, state, duration, attempts, why it failed or what was kept. */
export function taskLines(printer: Printer, family: Family): readonly string[] {
  return aligned(printer, rowsBelow(family, 0));
}

interface Row {
  readonly depth: number;
  readonly name: string;
  readonly state: string;
  readonly type: string;
  readonly took: string;
  readonly rest: string;
}

/** What a run has below it, in the order in which it began to be. */
function rowsBelow({ tasks, children }: Family, depth: number): readonly Row[] {
  const calls = callsOf(tasks);
  const runs = [...Map.groupBy(children, ({ run }) => run.flow)];
  const entries = [
    ...groupsOf(calls.ofFlow).map((group) => ({
      since: group.calls[0]?.createdAt ?? "",
      rows: taskRows(group, calls, depth),
    })),
    ...runs.map(([flow, families]) => ({
      since: families[0]?.run.createdAt ?? "",
      rows: childRows(flow, families, depth),
    })),
  ];
  return entries
    .toSorted((one, other) => one.since.localeCompare(other.since))
    .flatMap(({ rows }) => rows);
}

function taskRows(group: Group<TaskRunView>, calls: Calls, depth: number): readonly Row[] {
  if (depth >= DEPTH_MAX) return [];
  const numbered = group.calls.length > 1 || (group.calls[0]?.call ?? 0) > 0;
  const rowsOf = (one: TaskRunView) => [
    callRow(numbered ? `${one.task}[${one.call}]` : one.task, one, depth),
    ...groupsOf(calls.within(one)).flatMap((inner) => taskRows(inner, calls, depth + 1)),
  ];
  return listed(group, depth).flatMap((one) => ("state" in one ? rowsOf(one) : [one.summary]));
}

function childRows(flow: string, families: readonly Family[], depth: number): readonly Row[] {
  const byId = new Map(families.map((family) => [family.run.id, family]));
  const group = groupOf(
    flow,
    families.map(({ run }) => run),
  );
  const rowsOf = (run: FamilyRun) => [
    callRow(`${flow} ${run.name}`, run, depth),
    ...rowsBelow(byId.get(run.id) ?? { run, tasks: [], children: [] }, depth + 1),
  ];
  return listed(group, depth).flatMap((one) => ("state" in one ? rowsOf(one) : [one.summary]));
}

/** All calls; or, where there are too many, a row that counts them and those that are worth telling. */
function listed<One extends Call>(
  group: Group<One>,
  depth: number,
): readonly (One | { readonly summary: Row })[] {
  if (group.calls.length <= CALLS_LISTED) return group.calls;
  const told = group.calls.filter(({ state }) => state.type !== "COMPLETED");
  return [{ summary: summaryRow(group, depth) }, ...told.slice(0, CALLS_LISTED)];
}

function callRow(name: string, call: Call & { readonly result?: Json }, depth: number): Row {
  const { state, attempt, startedAt, endedAt, result } = call;
  const attempts = attempt > 1 ? `${attempt} attempts` : "";
  const answer = result === undefined ? "" : cutTo(JSON.stringify(result), RESULT_WIDTH, "…");
  return {
    depth,
    name,
    state: state.name,
    type: state.type,
    took: spanOf(startedAt, endedAt),
    rest: [attempts, state.message, answer].filter((part) => part !== "").join("  "),
  };
}

function summaryRow(group: Group, depth: number): Row {
  const { name, calls, done, failed, cached, startedAt, endedAt } = group;
  const parts = [failed > 0 ? `${failed} failed` : "", cached > 0 ? `${cached} cached` : ""];
  return {
    depth,
    name,
    state: `${done}/${calls.length}`,
    type: failed > 0 ? "FAILED" : done === calls.length ? "COMPLETED" : "RUNNING",
    took: spanOf(startedAt, endedAt),
    rest: parts.filter((part) => part !== "").join("  "),
  };
}

function aligned(printer: Printer, rows: readonly Row[]): readonly string[] {
  const safe = rows.map((row) => ({
    ...row,
    name: "  ".repeat(row.depth) + printer.safe(row.name),
  }));
  const most = (text: (row: Row) => string) =>
    safe.reduce((widest, row) => Math.max(widest, widthOf(text(row))), 0);
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
