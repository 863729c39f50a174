import type { FlowView } from "../../http/flow-view.ts";
import { SearchField, SelectField } from "./fields.tsx";
import { isPaused } from "./flow-actions.ts";
import { place } from "./router.ts";

/** A flow, or the name of the group that begins here. */
export type FlowRow = FlowView | string;

const NO_TAG = "without a tag";
const SPANS = [
  ["runs", "Last 40 runs"],
  ["6h", "6 hours"],
  ["24h", "24 hours"],
  ["7d", "7 days"],
] as const;
const ORDERS = [
  ["", "As in the config"],
  ["trouble", "Trouble first"],
  ["due", "Next due first"],
  ["name", "By name"],
  ["tag", "In groups, by tag"],
] as const;
const STATES = [
  ["", "Any state"],
  ["bad", "Failed or crashed"],
  ["open", "Running or waiting"],
  ["never", "Never ran"],
  ["paused", "Paused"],
] as const;

export function hasOrder(query: URLSearchParams, order: string): boolean {
  return query.get("order") === order;
}

/** Search, state, tag, order, and what the charts show: all of it in the address. */
export function FlowFilters({ flows }: { readonly flows: readonly FlowView[] }) {
  const { query } = place.value;
  const tags = [...new Set(flows.flatMap((flow) => flow.tags))].toSorted();
  const span = query.get("span") ?? "runs";
  return (
    <div class="filters">
      <SearchField name="q" label="Search flows" />
      <SelectField name="is" label="State" options={STATES} />
      {tags.length === 0 ? null : (
        <SelectField
          name="tag"
          label="Tag"
          options={[["", "Any tag"], ...tags.map((tag) => [tag, tag] as const)]}
        />
      )}
      <SelectField name="order" label="Order" options={ORDERS} />
      <SelectField name="span" label="Chart" options={SPANS} value={span} />
    </div>
  );
}

/** What of the address decides which flows are shown, and in which order. */
export const ARRANGED_BY = ["q", "is", "tag", "order"] as const;

/** The flows that the address asks for, in its order. */
export function arrange(flows: readonly FlowView[], query: URLSearchParams): readonly FlowRow[] {
  const text = (query.get("q") ?? "").toLowerCase();
  const tag = query.get("tag");
  const is = query.get("is") ?? "";
  const found = flows.filter(
    (flow) =>
      (text === "" || `${flow.name} ${flow.description}`.toLowerCase().includes(text)) &&
      (tag === null || flow.tags.includes(tag)) &&
      isAsked(flow, is),
  );
  return ordered(found, query.get("order") ?? "");
}

function isAsked(flow: FlowView, is: string): boolean {
  const type = flow.lastRun?.state.type;
  switch (is) {
    case "bad":
      return isBad(type);
    case "open":
      return type !== undefined && isOpen(type);
    case "never":
      return type === undefined;
    case "paused":
      return isPaused(flow);
    default:
      return true;
  }
}

function isBad(type: string | undefined): boolean {
  return type === "FAILED" || type === "CRASHED";
}

function isOpen(type: string): boolean {
  return !["COMPLETED", "FAILED", "CRASHED", "CANCELLED"].includes(type);
}

function ordered(flows: readonly FlowView[], order: string): readonly FlowRow[] {
  const due = (flow: FlowView) => flow.nextDueAt ?? "9";
  const trouble = (flow: FlowView) => (isBad(flow.lastRun?.state.type) ? "0" : "1");
  switch (order) {
    case "due":
      return flows.toSorted((one, other) => due(one).localeCompare(due(other)));
    case "trouble":
      return flows.toSorted((one, other) => trouble(one).localeCompare(trouble(other)));
    case "name":
      return flows.toSorted((one, other) => one.name.localeCompare(other.name));
    case "tag":
      return grouped(flows);
    default:
      return flows;
  }
}

/** Each group's name and then its flows, by their first tag; those without one come last. */
function grouped(flows: readonly FlowView[]): readonly FlowRow[] {
  const groups = [...Map.groupBy(flows, ({ tags }) => tags[0] ?? NO_TAG)];
  return groups
    .toSorted(([one], [other]) =>
      one === NO_TAG ? 1 : other === NO_TAG ? -1 : one.localeCompare(other),
    )
    .flatMap(([tag, members]) => [tag, ...members]);
}
