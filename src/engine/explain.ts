import type { ExplainFacts } from "../domain/explain.ts";
import type { FlowSpec, Generation } from "../domain/flow.ts";
import type { FlowName } from "../domain/ids.ts";
import { type Clock, type Instant, instant, later } from "../domain/instant.ts";
import { isExclusive } from "../domain/overlap.ts";
import { previousDue } from "../schedule/previous-due.ts";
import { isFlowKnown, listRunsByHand } from "../store/explain-store.ts";
import { listLives } from "../store/schedule-lives.ts";
import { listPausesAt } from "../store/schedule-pauses.ts";
import {
  type Asked,
  latestStartDue,
  type ScheduleFactsDeps,
  type Span,
  scheduleFacts,
} from "./explain-schedule.ts";
import type { OpenRuns } from "./open-runs.ts";

// In: a flow and an instant. Out: all that is known about it. What it means, the domain says.

const MINUTE_MS = 60_000;
const SECOND_MS = 1_000;

export interface ExplainDeps extends ScheduleFactsDeps {
  readonly clock: Clock;
  readonly newest: () => Generation;
  readonly flowNamed: (name: string) => FlowSpec | undefined;
  readonly openRuns: Pick<OpenRuns, "firstOf">;
  readonly retentionMs: number;
}

/** Undefined for a flow that neither the config nor the store knows. Without `at`: the latest due time. */
export function gatherFacts(
  name: string,
  at: Instant | undefined,
  deps: ExplainDeps,
): ExplainFacts | undefined {
  const { store, clock, newest, openRuns, retentionMs } = deps;
  const spec = deps.flowNamed(name);
  if (spec === undefined && !isFlowKnown(store.reader, name)) return undefined;
  const flow = name as FlowName;
  const now = clock();
  const lives = listLives(store.reader, flow);
  const asked = at ?? latestDue({ flow, lives, now }, deps) ?? now;
  const span = spanOf(asked);
  const keys = new Set([
    ...(spec?.schedules.map(({ key }) => key) ?? []),
    ...lives.map(({ schedule }) => schedule),
  ]);
  const openRun =
    spec !== undefined && isExclusive(spec.overlap) ? openRuns.firstOf(flow, now) : undefined;
  const schedules = [...keys]
    .map((key) => scheduleFacts({ flow, spec, key, lives, span, now }, deps))
    .filter(({ life, firstBeganAt }) => life !== undefined || firstBeganAt !== undefined);
  const { number: generation, acceptedAt } = newest();
  const dueAt = schedules.find((one) => one.dueAt !== undefined)?.dueAt;
  return {
    ...{ flow, at: asked, now, schedules, keptSince: later(now, -retentionMs) },
    inConfig: spec !== undefined,
    pauses: listPausesAt(store.reader, flow, pauseInstant(dueAt ?? asked, now)),
    pausesNow: listPausesAt(store.reader, flow, now),
    byHand: listRunsByHand(store.reader, flow, span),
    ...(spec === undefined ? {} : { overlap: spec.overlap }),
    ...(openRun === undefined ? {} : { openRun }),
    config: { generation, acceptedAt },
  };
}

/** Of what is ahead, the pauses that hold now are those that count. */
function pauseInstant(at: Instant, now: Instant): Instant {
  return at > now ? now : at;
}

/** People ask for the minute; who gives seconds means the second. */
function spanOf(at: Instant): Span {
  const size = at % MINUTE_MS === 0 ? MINUTE_MS : SECOND_MS;
  const from = instant(Math.floor(at / size) * size);
  return { from, to: later(from, size) };
}

function latestDue(
  { flow, lives, now }: Pick<Asked, "flow" | "lives" | "now">,
  deps: Pick<ExplainDeps, "store">,
): Instant | undefined {
  const dues = lives
    .filter(({ endedAt }) => endedAt === undefined)
    .flatMap(({ schedule, rule: { timing, until } }) => {
      const last = lastInstant(until, now);
      if (timing.kind === "start") return latestStartDue({ flow, key: schedule }, last, deps) ?? [];
      return previousDue(timing, last) ?? [];
    });
  return dues.length === 0 ? undefined : instant(Math.max(...dues));
}

function lastInstant(until: Instant | undefined, now: Instant): Instant {
  return until === undefined || until > now ? now : until;
}
