import type { BackfillRequest, BackfillView } from "../../../src/domain/backfill.ts";
import { explain } from "../../../src/domain/explain-flow.ts";
import type { FlowSpec } from "../../../src/domain/flow.ts";
import type { FlowName, ScheduleKey } from "../../../src/domain/ids.ts";
import { type Instant, isoOf } from "../../../src/domain/instant.ts";
import type { ScheduleCare } from "../../../src/domain/schedule-care.ts";
import {
  type PauseAnswer,
  type PauseRequest,
  type SchedulePause,
  schedulePauseView,
} from "../../../src/domain/schedule-pause.ts";

export const BACKFILL = "0190a5b0-0000-7000-8000-000000000001";
const NO_COUNTS = {
  ...{ toMake: 0, hadRun: 0, noSchedule: 0, waiting: 0, running: 0, completed: 0 },
  ...{ paused: 0, failed: 0, crashed: 0, cancelled: 0, deleted: 0 },
};

/** The care of schedules without a store: pauses in memory, one backfill, and a flow that is not due. */
export function memorySchedules(flows: () => readonly FlowSpec[], now: Instant): ScheduleCare {
  const pauses: SchedulePause[] = [];
  const flowNamed = (name: string) => flows().find((flow) => flow.name === name);
  const begun = (changes: Partial<BackfillView> = {}): BackfillView => ({
    ...{ id: BACKFILL, flow: "nightly-report", overlap: "queue-all", by: "api", total: 3 },
    ...{ from: isoOf(now), to: isoOf(now), createdAt: isoOf(now), status: "making" },
    counts: { ...NO_COUNTS, toMake: 3 },
    ...changes,
  });
  const backfillNamed = (reference: string) =>
    BACKFILL.startsWith(reference) && reference.length > 5;
  const refused = ({ flow, schedule }: BackfillRequest) => {
    const known = flowNamed(flow)?.schedules.map(({ key }) => key);
    if (known === undefined) return { type: "no-such-flow" } as const;
    const isThere = schedule === undefined || known.some((key) => key === schedule);
    return isThere ? undefined : ({ type: "no-such-schedule", known } as const);
  };
  return {
    pauses: (flow) => pauses.filter((pause) => flow === undefined || pause.flow === flow),
    withPauses: (flow) => flow,
    pause: async (request) => answer(request, { flowNamed, pauses, now, isPause: true }),
    resume: async (request) => answer(request, { flowNamed, pauses, now, isPause: false }),
    async explain(name, at = now) {
      if (flowNamed(name) === undefined) return undefined;
      const facts = {
        ...{ flow: name as FlowName, inConfig: true, at, now, schedules: [], pauses, byHand: [] },
        ...{ config: { generation: 1, acceptedAt: now }, keptSince: now, pausesNow: pauses },
      };
      return { explanation: explain(facts), facts };
    },
    planBackfill: (request) =>
      refused(request) ?? {
        type: "planned",
        plan: {
          ...{ flow: request.flow, total: 1, hadRun: 0 },
          dues: [{ schedule: "hourly", dueAt: isoOf(request.from) }],
        },
      },
    beginBackfill: async (request) =>
      refused(request) ?? {
        type: "begun",
        backfill: begun({ flow: request.flow, by: request.by }),
      },
    listBackfills: () => [begun()],
    findBackfill: (reference) => (backfillNamed(reference) ? begun() : undefined),
    listBackfillDues: (reference) => (backfillNamed(reference) ? { items: [] } : undefined),
    cancelBackfill: async (reference) =>
      backfillNamed(reference) ? begun({ status: "cancelled" }) : undefined,
    troubles: () => [],
    unavailable: () => undefined,
  };
}

interface Pausing {
  readonly flowNamed: (name: string) => FlowSpec | undefined;
  readonly pauses: SchedulePause[];
  readonly now: Instant;
  readonly isPause: boolean;
}

function answer(
  { flow: name, schedule, by, reason = "" }: PauseRequest,
  { flowNamed, pauses, now, isPause }: Pausing,
): PauseAnswer {
  const flow = flowNamed(name);
  if (flow === undefined) return { type: "no-such-flow" };
  const known = flow.schedules.map(({ key }) => key);
  if (schedule !== undefined && !known.some((key) => key === schedule)) {
    return { type: "no-such-schedule", known };
  }
  const before = pauses.length;
  if (!isPause) pauses.length = 0;
  else {
    const key = schedule === undefined ? {} : { schedule: schedule as ScheduleKey };
    pauses.push({ flow: flow.name, since: now, by, reason, ...key });
  }
  const changed = pauses.length !== before;
  return { type: "done", changed, pauses: pauses.map(schedulePauseView), pausedInConfig: [] };
}
