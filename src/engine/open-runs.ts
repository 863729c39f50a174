import type { FlowSpec } from "../domain/flow.ts";
import type { FlowName } from "../domain/ids.ts";
import type { Instant } from "../domain/instant.ts";
import { hasBegun, type OpenRun, type OverlapRule, openRunsNeeded } from "../domain/overlap.ts";
import type { Run } from "../domain/run.ts";
import { listBlockingRuns, listOpenFlows } from "../store/open-runs.ts";
import type { Store } from "../store/open-store.ts";

/**
 * The open runs of flows, with those that are being saved in this very turn: what asks for a run must see what
 * others ask for at the same moment.
 */
export interface OpenRuns {
  /** Oldest first, as many as the rule needs to know of. */
  of(flow: FlowSpec, rule: OverlapRule, now: Instant): readonly OpenRun[];
  /** Answers `of` for many flows that are asked about in this very turn: most have no open run, which one look tells. */
  ofMany(flows: readonly FlowSpec[]): OpenRuns["of"];
  /** The run that stands in the way of another, if one does. */
  firstOf(flow: FlowName, now: Instant): Run | undefined;
  /** Notes runs until they are saved, or have failed to be. */
  whileSaving<Answer>(runs: readonly Run[], saving: Promise<Answer>): Promise<Answer>;
}

export function createOpenRuns(store: Pick<Store, "reader">): OpenRuns {
  const arriving = new Map<FlowName, Set<Run>>();
  const arrivingOf = (flow: FlowName): readonly Run[] => [...(arriving.get(flow) ?? [])];
  const saved = (flow: FlowName, now: Instant, limit: number) =>
    limit === 0 ? [] : listBlockingRuns(store.reader, flow, { now, limit });

  const of: OpenRuns["of"] = ({ name }, rule, now) => {
    const limit = openRunsNeeded(rule);
    return limit === 0 ? [] : together(saved(name, now, limit), arrivingOf(name)).map(openRun);
  };

  return {
    of,
    ofMany(flows) {
      const limited = flows.filter((flow) => flow.overlap !== "allow");
      const open = listOpenFlows(store.reader, [...new Set(limited.map(({ name }) => name))]);
      return (flow, rule, now) => {
        if (open.has(flow.name)) return of(flow, rule, now);
        return openRunsNeeded(rule) === 0 ? [] : arrivingOf(flow.name).map(openRun);
      };
    },
    firstOf: (flow, now) => saved(flow, now, 1)[0] ?? arrivingOf(flow)[0],
    async whileSaving(runs, saving) {
      for (const run of runs) note(arriving, run);
      try {
        return await saving;
      } finally {
        for (const run of runs) forget(arriving, run);
      }
    },
  };
}

/** A commit can be seen a moment before those who asked for it are told: until then its runs are both. */
function together(saved: readonly Run[], arriving: readonly Run[]): readonly Run[] {
  if (arriving.length === 0) return saved;
  const ids = new Set(saved.map(({ id }) => id));
  return [...saved, ...arriving.filter(({ id }) => !ids.has(id))];
}

function openRun(run: Run): OpenRun {
  return { id: run.id, waits: run.state.type === "SCHEDULED" && !hasBegun(run) };
}

function note(arriving: Map<FlowName, Set<Run>>, run: Run): void {
  const known = arriving.get(run.flow) ?? new Set<Run>();
  arriving.set(run.flow, known.add(run));
}

function forget(arriving: Map<FlowName, Set<Run>>, run: Run): void {
  const known = arriving.get(run.flow);
  known?.delete(run);
  if (known?.size === 0) arriving.delete(run.flow);
}
