import type { FlowSpec, Manifest, ScheduleSpec } from "../domain/flow.ts";
import { hooksOf } from "../domain/hook-list.ts";
import { type Instant, isoOf, later } from "../domain/instant.ts";
import { duesBetween } from "../schedule/due-times.ts";
import { type FindFirst, type FirstDifference, firstDifferences } from "./first-difference.ts";

/** What of a config is compared. */
export type Comparable = Pick<Manifest, "flows" | "tasks" | "tagHooks" | "hookModules" | "limits">;

export type Change = "added" | "removed" | "changed";

/** What an edited config changes. What the bodies of flows, tasks and hooks do is not compared. */
export interface ConfigDiff {
  readonly flows: readonly OptionsChange[];
  readonly schedules: readonly ScheduleChange[];
  readonly hooks: readonly OptionsChange[];
  readonly limits: readonly LimitChange[];
}

export interface OptionsChange {
  /** A flow's name; a hook's key. */
  readonly name: string;
  readonly change: Change;
  /** Of one that changed: what is not as it was. */
  readonly options?: readonly string[];
}

export interface ScheduleChange {
  readonly flow: string;
  readonly schedule: string;
  readonly change: Change;
  readonly options?: readonly string[];
  /** What of the timing is not as it was: `cron`, `dst`, `anchor` … */
  readonly timing?: readonly string[];
  /** Absent where it was not there, or is not there any more. */
  readonly before?: ScheduleSpec["timing"];
  readonly after?: ScheduleSpec["timing"];
  /** Due times of the next 24 hours, oldest first, in ISO 8601. */
  readonly appearing: readonly string[];
  readonly disappearing: readonly string[];
  /** Where none of that day does: the first due time later on that appears or disappears. */
  readonly first?: FirstDifference;
}

export interface LimitChange {
  readonly tag: string;
  readonly change: Change;
  readonly before?: number;
  readonly after?: number;
}

const DAY_MS = 86_400_000;
/** One a second. */
const DUES_MAX = 86_400;

export function diffOf(before: Comparable, after: Comparable, now: Instant): ConfigDiff {
  const flows = paired(byName(before.flows), byName(after.flows));
  const moment = { now, findFirst: firstDifferences(now) };
  return {
    flows: flows.flatMap(({ name, ...pair }) => optionsChange(name, pair, OTHERWISE_COMPARED)),
    schedules: flows.flatMap(({ name, before, after }) =>
      paired(byKey(before?.schedules), byKey(after?.schedules)).flatMap((pair) =>
        scheduleChange(name, pair, moment),
      ),
    ),
    hooks: paired(byKey(hooksOf(before)), byKey(hooksOf(after))).flatMap(({ name, ...pair }) =>
      optionsChange(name, pair, []),
    ),
    limits: paired(limitsOf(before), limitsOf(after)).flatMap(({ name, before, after }) =>
      before === after
        ? []
        : { tag: name, change: changeOf({ before, after }), ...given({ before, after }) },
    ),
  };
}

/** Whether the edited config says the same. */
export function isSame(diff: ConfigDiff): boolean {
  return Object.values(diff).every((changes) => changes.length === 0);
}

/** Options of a flow that have a place of their own, or that an edit elsewhere in the file changes. */
const OTHERWISE_COMPARED: readonly (keyof FlowSpec)[] = ["schedules", "hooks", "definedAt"];

interface Pair<Item> {
  readonly before: Item | undefined;
  readonly after: Item | undefined;
}

/** What there is under the same name on either side, in the order of the edited config, then what went. */
function paired<Item>(before: ReadonlyMap<string, Item>, after: ReadonlyMap<string, Item>) {
  const names = new Set([...after.keys(), ...before.keys()]);
  return [...names].map((name) => ({ name, before: before.get(name), after: after.get(name) }));
}

function changeOf({ before, after }: Pair<unknown>): Change {
  return before === undefined ? "added" : after === undefined ? "removed" : "changed";
}

function given<Item>({ before, after }: Pair<Item>): { before?: Item; after?: Item } {
  return { ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) };
}

function optionsChange(
  name: string,
  { before, after }: Pair<object>,
  apart: readonly string[],
): readonly OptionsChange[] {
  const change = changeOf({ before, after });
  if (change !== "changed") return [{ name, change }];
  const options = changedFields(before, after).filter((field) => !apart.includes(field));
  return options.length === 0 ? [] : [{ name, change, options }];
}

function scheduleChange(
  flow: string,
  { name, before, after }: Pair<ScheduleSpec> & { readonly name: string },
  { now, findFirst }: { readonly now: Instant; readonly findFirst: FindFirst },
): readonly ScheduleChange[] {
  const options = changedFields(before, after);
  const change = changeOf({ before, after });
  if (change === "changed" && options.length === 0) return [];
  const [old, fresh] = [duesOfDay(before, now), duesOfDay(after, now)];
  const [appearing, disappearing] = [without(fresh, old), without(old, fresh)];
  const isLater = appearing.length + disappearing.length === 0 && options.some(decidesDues);
  const first = isLater ? findFirst(before, after) : undefined;
  return [
    {
      flow,
      schedule: name,
      change,
      ...(change === "changed" ? { options } : {}),
      ...given({ before: before?.timing, after: after?.timing }),
      ...(options.includes("timing") && change === "changed"
        ? { timing: changedFields(before?.timing, after?.timing) }
        : {}),
      appearing,
      disappearing,
      ...(first === undefined ? {} : { first }),
    },
  ];
}

/** Whether the option of a schedule has a say in when it is due. */
function decidesDues(option: string): boolean {
  return option === "timing" || option === "until" || option === "paused";
}

function duesOfDay(schedule: ScheduleSpec | undefined, now: Instant): readonly Instant[] {
  if (schedule === undefined || schedule.paused) return [];
  const { timing, until } = schedule;
  const range = { after: now, until: later(now, DAY_MS), max: DUES_MAX };
  return duesBetween(timing, range).filter((due) => until === undefined || due <= until);
}

function without(dues: readonly Instant[], others: readonly Instant[]): readonly string[] {
  const known = new Set(others);
  return dues.filter((due) => !known.has(due)).map(isoOf);
}

function changedFields(before: object = {}, after: object = {}): readonly string[] {
  const [old, fresh] = [fieldsOf(before), fieldsOf(after)];
  return [...new Set([...old.keys(), ...fresh.keys()])]
    .filter((field) => old.get(field) !== fresh.get(field))
    .map(optionNamed);
}

/** Whoever writes a config does not know the units that it is kept in: `jitterMs`, `memoryLimitBytes`. */
function optionNamed(field: string): string {
  return field.replace(/(?:Ms|Bytes)$/, "");
}

function fieldsOf(value: object): ReadonlyMap<string, string | undefined> {
  return new Map(Object.entries(value).map(([name, field]) => [name, jsonOf(field)]));
}

/** The order in which options were given means nothing. */
function jsonOf(value: unknown): string | undefined {
  return JSON.stringify(value, (_, part) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([one], [other]) => (one < other ? -1 : 1)))
      : part,
  );
}

function byName(flows: readonly FlowSpec[]): ReadonlyMap<string, FlowSpec> {
  return new Map(flows.map((flow) => [flow.name, flow]));
}

function byKey<Item extends { readonly key: string }>(
  items: readonly Item[] = [],
): ReadonlyMap<string, Item> {
  return new Map(items.map((item) => [item.key, item]));
}

function limitsOf({ limits }: Comparable): ReadonlyMap<string, number> {
  return new Map(Object.entries(limits));
}
