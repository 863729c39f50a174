import { durationInWords } from "../domain/duration.ts";
import type { RunView, TaskRunView } from "../domain/run-view.ts";
import { isTerminal } from "../domain/state.ts";
import type { Style } from "./printer.ts";
import { type Call, type Group, groupsOf, type Standing, standingOf } from "./task-groups.ts";
import { cutTo, printable, widthOf } from "./text.ts";

/** What a run and its tasks are doing. */
export interface Scene {
  readonly run: Pick<RunView, "name" | "flow" | "state" | "startedAt" | "endedAt">;
  /** In the order in which they were created. */
  readonly tasks: readonly TaskRunView[];
}

/** What the lines must fit, in columns and lines, and how they may look. */
export interface Canvas {
  readonly width: number;
  readonly height: number;
  readonly now: Date;
  readonly unicode: boolean;
  readonly paint: (style: Style, text: string) => string;
}

interface Signs {
  readonly marks: Readonly<Record<Standing, string>>;
  readonly branch: string;
  readonly lastBranch: string;
  readonly more: string;
}

const UNICODE: Signs = {
  marks: { waiting: "○", running: "●", done: "✓", failed: "✗", cancelled: "–" },
  branch: "├─",
  lastBranch: "└─",
  more: "…",
};
const ASCII: Signs = {
  marks: { waiting: ".", running: "*", done: "+", failed: "x", cancelled: "-" },
  branch: "|-",
  lastBranch: "`-",
  more: "...",
};
const STYLES: Readonly<Record<Standing, Style>> = {
  waiting: "dim",
  running: "cyan",
  done: "green",
  failed: "red",
  cancelled: "yellow",
};

/** The run with its tasks below it, one line for all calls of a task; no line is wider than the canvas. */
export function taskTree({ run, tasks }: Scene, canvas: Canvas): readonly string[] {
  const signs = canvas.unicode ? UNICODE : ASCII;
  const groups = groupsOf(tasks);
  const shown = fitting(groups, Math.max(0, canvas.height - 1));
  const hidden = groups.length - shown.length;
  const rows: readonly Row[] = [
    ...shown.map((group) => groupRow(group, canvas.now)),
    ...(hidden === 0 ? [] : [{ text: `${signs.more} and ${hidden} more`, aside: "" }]),
  ];
  return [
    lineOf("", runRow(run, canvas.now), { canvas, signs }),
    ...rows.map((row, index) => {
      const branch = index === rows.length - 1 ? signs.lastBranch : signs.branch;
      return lineOf(`${branch} `, row, { canvas, signs });
    }),
  ].slice(0, Math.max(1, canvas.height));
}

interface Row {
  readonly standing?: Standing;
  readonly text: string;
  /** Said more quietly after the text. */
  readonly aside: string;
}

function runRow({ name, flow, state, startedAt, endedAt }: Scene["run"], now: Date): Row {
  const end = isTerminal(state.type) ? endedAt : undefined;
  const waits = state.type === "SCHEDULED" || state.type === "PAUSED" ? state.name : "";
  return {
    standing: standingOf(state.type),
    text: `${flow} ${name}`,
    aside: joined([waits, took({ startedAt, endedAt: end }, now)]),
  };
}

function groupRow(group: Group, now: Date): Row {
  const { calls, done, failed, cached, retrying, standing } = group;
  const only = calls.length === 1 ? calls[0] : undefined;
  const many = only === undefined;
  return {
    standing,
    text: many ? `${group.task} ${done}/${calls.length}` : group.task,
    aside: joined([
      took(group, now),
      many && failed > 0 ? `${failed} failed` : "",
      cached === 0 ? "" : many ? `${cached} cached` : "cached",
      many && retrying > 0 ? `${retrying} retrying` : "",
      only === undefined ? "" : howItGoes(only),
    ]),
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

/** As many as fit, with one line left to say how many do not; what has ended goes first, oldest first. */
function fitting(groups: readonly Group[], lines: number): readonly Group[] {
  if (groups.length <= lines) return groups;
  const rank: Readonly<Record<Standing, number>> = {
    running: 0,
    failed: 1,
    cancelled: 2,
    done: 2,
    waiting: 3,
  };
  const best = groups
    .toReversed()
    .toSorted((one, other) => rank[one.standing] - rank[other.standing])
    .slice(0, Math.max(0, lines - 1));
  return groups.filter((group) => best.includes(group));
}

interface Look {
  readonly canvas: Canvas;
  readonly signs: Signs;
}

/** One line, cut before it is painted: colours take no columns. */
function lineOf(branch: string, { standing, text, aside }: Row, { canvas, signs }: Look): string {
  const { paint, width } = canvas;
  const mark = standing === undefined ? "" : `${signs.marks[standing]} `;
  const room = width - widthOf(branch) - widthOf(mark);
  if (room < 1) return "";
  const name = cutTo(printable(text), room, signs.more);
  const left = room - widthOf(name) - 2;
  const quiet = left > 0 && aside !== "" ? cutTo(printable(aside), left, signs.more) : "";
  const painted = standing === undefined ? mark : paint(STYLES[standing], mark);
  return `${paint("dim", branch)}${painted}${name}${quiet === "" ? "" : `  ${paint("dim", quiet)}`}`;
}
