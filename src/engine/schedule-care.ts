import { type Backfill, backfillDueView, backfillView } from "../domain/backfill.ts";
import { explain } from "../domain/explain-flow.ts";
import type { FlowSpec } from "../domain/flow.ts";
import type { ScheduleCare } from "../domain/schedule-care.ts";
import { loadInWords } from "../schedule/in-words.ts";
import {
  countBackfill,
  findBackfill,
  listBackfillDues,
  listBackfills,
} from "../store/backfill-store.ts";
import { type BackfillDeps, beginBackfill, cancelBackfill, planBackfill } from "./backfill.ts";
import { type ExplainDeps, gatherFacts } from "./explain.ts";
import type { BackfillMaker } from "./make-backfills.ts";
import {
  type PausingDeps,
  pauseSchedules,
  resumeSchedules,
  type SchedulePauses,
} from "./schedule-pauses.ts";

export type ScheduleCareDeps = PausingDeps & CareOfBackfills & Omit<ExplainDeps, "inWords">;

type CareOfBackfills = BackfillDeps & { readonly maker: Pick<BackfillMaker, "troubleOf"> };

/** Pauses, backfills and explanations, over the running line. */
export function createScheduleCare(deps: ScheduleCareDeps): ScheduleCare {
  const { store, pauses, tick } = deps;
  return {
    pauses: (flow) => (flow === undefined ? pauses.all() : pauses.of(flow)),
    withPauses: (flow) => withPauses(flow, pauses),
    pause: (request) => pauseSchedules(request, deps),
    resume: (request) => resumeSchedules(request, deps),
    async explain(flow, at) {
      const facts = gatherFacts(flow, at, { ...deps, inWords: await loadInWords() });
      return facts === undefined ? undefined : { explanation: explain(facts), facts };
    },
    ...backfills(deps),
    troubles: () => tick.troubles(),
    unavailable: () => store.trouble()?.error.message,
  };
}

function backfills(deps: CareOfBackfills) {
  const { reader } = deps.store;
  const viewOf = (backfill: Backfill) => {
    const trouble = deps.maker.troubleOf(backfill.id);
    return backfillView(backfill, countBackfill(reader, backfill), trouble);
  };
  return {
    planBackfill: (request) => planBackfill(request, deps),
    beginBackfill: (request) => beginBackfill(request, deps),
    listBackfills: (limit) => listBackfills(reader, limit).map(viewOf),
    findBackfill(reference) {
      const backfill = findBackfill(reader, reference);
      return backfill === undefined ? undefined : viewOf(backfill);
    },
    listBackfillDues(reference, { after, limit }) {
      const backfill = findBackfill(reader, reference);
      if (backfill === undefined) return undefined;
      const dues = listBackfillDues(reader, backfill, { after, limit });
      const last = dues.length < limit ? undefined : dues.at(-1)?.place;
      const items = dues.map(({ place: _, ...due }) => backfillDueView(due));
      return { items, ...(last === undefined ? {} : { next: last }) };
    },
    async cancelBackfill(reference) {
      const backfill = findBackfill(reader, reference);
      if (backfill === undefined) return undefined;
      await cancelBackfill(backfill, deps);
      return viewOf(findBackfill(reader, backfill.id) ?? backfill);
    },
  } satisfies Partial<ScheduleCare>;
}

function withPauses(flow: FlowSpec, pauses: SchedulePauses): FlowSpec {
  if (!flow.schedules.some(({ key }) => pauses.isPaused(flow.name, key))) return flow;
  const schedules = flow.schedules.map((schedule) =>
    pauses.isPaused(flow.name, schedule.key) ? { ...schedule, paused: true } : schedule,
  );
  return { ...flow, schedules };
}
