import { Database } from "bun:sqlite";
import { join } from "node:path";
import type { Scene } from "./daemon.ts";
import { type Executed, HOOKS, type KillStory, type Told } from "./kill-story.ts";
import type { Walked } from "./kill-walk.ts";
import type { Request } from "./receiver.ts";

export interface Witnesses {
  readonly scene: Scene;
  readonly story: KillStory;
  readonly walked: Walked;
  /** What the receiver got. */
  readonly requests: readonly Request[];
}

interface DeliveryRow {
  readonly id: string;
  readonly hook: string;
  readonly moment: string;
  readonly status: string;
  readonly attempts: number;
  readonly replays: number;
  readonly recorded: number;
  readonly failed: number;
  readonly lastFailed: number;
  readonly run: string | null;
  readonly seq: number | null;
  readonly decision: number | null;
}

interface TransitionRow {
  readonly seq: number;
  readonly run: string;
  readonly flow: string;
  readonly task: string | null;
  readonly type: string;
  readonly name: string;
}

interface DecisionRow {
  readonly no: number;
  readonly kind: string;
  readonly dueAt: number;
}

interface RunRow {
  readonly id: string;
  readonly flow: string;
  readonly key: string | null;
  readonly dueAt: number | null;
  readonly state: string;
}

/** Everything that is not as promised, in words; nothing, if all is well. To be asked once no daemon runs. */
export function findingsOf(witnesses: Witnesses): readonly string[] {
  const rows = rowsIn(witnesses.scene);
  const told = [
    ...linesOf<Told>(witnesses, witnesses.story.told),
    ...witnesses.requests.map(toldBy),
  ];
  const toldOf = Map.groupBy(told, ({ id }) => id);
  return [
    ...runFindings(rows, witnesses),
    ...dueFindings(rows, witnesses),
    ...rows.transitions.flatMap((step) => ringFindings(rows, step)),
    ...rows.decisions.flatMap((decision) => decisionFindings(rows, decision)),
    ...rows.deliveries.flatMap((row) => deliveryFindings(row, toldOf.get(row.id) ?? [])),
    ...rows.deliveries.flatMap((row) => successFindings(row, witnesses.walked)),
    ...strangeFindings(rows, told),
  ];
}

type Rows = ReturnType<typeof rowsIn>;

function rowsIn({ folder }: Scene) {
  using database = new Database(join(folder, ".tocsin/state.db"), { readonly: true });
  const all = <Row>(sql: string) => database.query<Row, []>(sql).all();
  const deliveries = all<DeliveryRow>(
    `SELECT d.id, h.key AS hook, d.moment, d.status, d.attempts, d.replays, d.seq, d.decision_no AS decision,
         (SELECT r.id FROM run r WHERE r.no = d.run_no) AS run,
         EXISTS (SELECT 1 FROM delivery_attempt a WHERE a.delivery_no = d.no AND a.attempt = d.attempts AND a.error IS NOT NULL) AS lastFailed,
         (SELECT count(*) FROM delivery_attempt a WHERE a.delivery_no = d.no) AS recorded,
         (SELECT count(*) FROM delivery_attempt a WHERE a.delivery_no = d.no AND a.error IS NOT NULL) AS failed
       FROM delivery d JOIN hook h ON h.no = d.hook_no`,
  );
  return {
    runs: all<RunRow>(
      "SELECT id, flow, idempotency_key AS key, scheduled_for AS dueAt, state_type AS state FROM run",
    ),
    transitions: all<TransitionRow>(
      `SELECT t.seq, r.id AS run, r.flow, k.task, t.type, t.name FROM transition t
       JOIN run r ON r.no = t.run_no LEFT JOIN task_run k ON k.no = t.task_no`,
    ),
    decisions: all<DecisionRow>("SELECT no, kind, due_at AS dueAt FROM decision"),
    deliveries,
    ofTransition: Map.groupBy(deliveries, ({ seq }) => seq),
  };
}

/** What was acknowledged is there and has ended; what was not is there whole or not at all; no attempt ran twice. */
function runFindings({ runs }: Rows, witnesses: Witnesses): readonly string[] {
  const { acknowledged, asked } = witnesses.walked;
  const byId = new Map(runs.map((run) => [run.id, run]));
  const executions = linesOf<Executed>(witnesses, witnesses.story.executed);
  const executed = Map.groupBy(executions, ({ run, attempt }) => `${run} ${attempt}`);
  const perKey = Map.groupBy(runs, ({ key }) => key ?? "");
  const { flows } = witnesses.story;
  return [
    ...acknowledged
      .filter((id) => !byId.has(id))
      .map((id) => `run ${id} was acknowledged and is lost`),
    ...asked
      .filter((key) => ![0, flows.length].includes(perKey.get(key)?.length ?? 0))
      .map((key) => `request ${key} was taken by half`),
    ...runs
      .filter(({ state }) => !["COMPLETED", "FAILED", "CRASHED"].includes(state))
      .map(({ id, flow, state }) => `run ${id} of ${flow} ended ${state}`),
    ...[...executed]
      .filter(([, times]) => times.length > 1)
      .map(([what]) => `${what} was executed twice`),
    ...runs
      .filter(({ id, state }) => state !== "CRASHED" && !executed.has(`${id} 1`))
      .map(({ id, state }) => `run ${id} is ${state} and was not executed`),
  ];
}

/** Each due time from the first to the last that was dealt with has one run or one decision. */
function dueFindings({ runs, decisions }: Rows, { story }: Witnesses): readonly string[] {
  const dealt = [...runs, ...decisions].flatMap(({ dueAt }) => dueAt ?? []);
  const counts = Map.groupBy(dealt, (at) => at);
  const [first, last] = [Math.min(...dealt), Math.max(...dealt)];
  return story.dues
    .filter((at) => at >= first && at <= last && counts.get(at)?.length !== 1)
    .map((at) => `due time ${at} ended ${counts.get(at)?.length ?? 0} times`);
}

/** A transition has exactly the deliveries that the config says. */
function ringFindings({ ofTransition }: Rows, step: TransitionRow): readonly string[] {
  const owner = step.task === null ? step.flow : `${step.flow}/${step.task}`;
  const wanted = momentsOf(step).flatMap((moment) => ringsOf(owner, moment));
  const found = (ofTransition.get(step.seq) ?? []).map(ringOf);
  return sameSet(wanted, found, `transition ${step.seq} (${owner} ${step.name})`);
}

function decisionFindings({ deliveries }: Rows, { no, kind }: DecisionRow): readonly string[] {
  const wanted = ringsOf("timed", kind === "missed" ? "onMissed" : "onSkipped");
  const found = deliveries.filter(({ decision }) => decision === no).map(ringOf);
  return sameSet(wanted, found, `decision ${no} (${kind})`);
}

function momentsOf({ type, name }: TransitionRow): readonly string[] {
  const entering: Readonly<Record<string, string>> = {
    RUNNING: "onRunning",
    COMPLETED: "onCompletion",
    FAILED: "onFailure",
    CRASHED: "onCrashed",
  };
  if (name === "AwaitingRetry") return ["onRetry"];
  const moment = entering[type];
  if (moment === undefined) return [];
  return type === "RUNNING" ? [moment] : [moment, "onAnyEnd"];
}

function ringsOf(owner: string, moment: string): readonly string[] {
  return (HOOKS[owner]?.[moment] ?? []).map((hook) => `${moment} ${hook}`);
}

function ringOf({ hook, moment }: DeliveryRow): string {
  return `${moment} ${nameIn(hook)}`;
}

function nameIn(hook: string): string {
  return (hook.split("/").at(-1) ?? "").replace(/#\d+$/, "");
}

function sameSet(
  wanted: readonly string[],
  found: readonly string[],
  whose: string,
): readonly string[] {
  const [one, other] = [wanted.toSorted().join(", "), found.toSorted().join(", ")];
  return one === other ? [] : [`${whose} rings [${other}], expected [${one}]`];
}

/**
 * Delivered, once: each attempt on record, the last one good. It was told at each of them, and once more at the
 * most for each life that was cut off before the record, always with the same id and never twice in one life.
 */
function deliveryFindings(row: DeliveryRow, mine: readonly ToldOnce[]): readonly string[] {
  const { id, status, attempts, recorded } = row;
  const lives = new Set(mine.map(({ life }) => life));
  const unrecorded = mine.length - recorded;
  const twice = Map.groupBy(
    mine.filter(({ attempt }) => attempt !== undefined),
    ({ attempt, life }) => `${attempt} in life ${life}`,
  );
  const strange = mine.filter((one) => one.moment !== row.moment || one.hook !== nameIn(row.hook));
  const found = [
    ...(status === "delivered" ? [] : [`is ${status}`]),
    ...(attempts === recorded ? [] : [`has records of ${recorded} of ${attempts} attempts`]),
    ...(row.lastFailed === 0 ? [] : ["is delivered by an attempt that failed"]),
    ...(unrecorded < 0 ? ["has attempts that told nobody"] : []),
    ...(unrecorded > lives.size - 1
      ? [`was told ${mine.length} times, recorded ${recorded} times, in ${lives.size} lives`]
      : []),
    ...[...twice]
      .filter(([, times]) => times.length > 1)
      .map(([what]) => `was told twice at attempt ${what}`),
    ...(strange.length === 0 ? [] : ["was told as another one"]),
  ];
  return found.map((what) => `delivery ${id} (${row.moment} ${nameIn(row.hook)}) ${what}`);
}

/** It succeeded once, and once more for each time that it was asked for again. */
function successFindings(row: DeliveryRow, { redelivered }: Walked): readonly string[] {
  const { id, moment, replays, recorded, failed } = row;
  const acknowledged = row.run !== null && redelivered.includes(row.run);
  const wanted = 1 + replays;
  return [
    ...(recorded - failed === wanted
      ? []
      : [`succeeded ${recorded - failed} times, asked for ${wanted}`]),
    ...(acknowledged && replays !== 1 ? ["was asked for again, and that is lost"] : []),
  ].map((what) => `delivery ${id} (${moment} ${nameIn(row.hook)}) ${what}`);
}

/** Nothing was told that is not on record. */
function strangeFindings({ deliveries }: Rows, told: readonly ToldOnce[]): readonly string[] {
  const known = new Set(deliveries.map(({ id }) => id));
  return told
    .filter(({ id }) => !known.has(id))
    .map(({ id }) => `delivery ${id} was told and is not on record`);
}

interface ToldOnce extends Omit<Told, "attempt"> {
  readonly attempt?: number;
}

function toldBy({ headers, body }: Request): ToldOnce {
  const { data } = JSON.parse(body) as {
    data: { moment: string; run?: { id: string }; decision?: { dueAt: string } };
  };
  return {
    id: headers.get("webhook-id") ?? "",
    life: Number(headers.get("life")),
    moment: data.moment,
    hook: "posted",
    about: data.run?.id ?? data.decision?.dueAt ?? "",
  };
}

/** A line that a kill cut in two is none. */
function linesOf<Line>({ scene }: Witnesses, path: string): readonly Line[] {
  const name = path.slice(scene.folder.length + 1);
  return scene
    .read(name)
    .split("\n")
    .filter((line) => line.endsWith("}"))
    .map((line) => JSON.parse(line) as Line);
}
