import type {
  BackfillDueView,
  BackfillPlan,
  BackfillPolicy,
  BackfillView,
} from "../domain/backfill.ts";
import type { SchedulePauseView } from "../domain/schedule-pause.ts";
import type { ExplainView } from "../http/explain-view.ts";
import type { FlowView } from "../http/flow-view.ts";
import { asker } from "./client.ts";
import type { Way } from "./session.ts";

export interface Paused {
  readonly flow: string;
  /** False if it was so already. */
  readonly changed: boolean;
  readonly pauses: readonly SchedulePauseView[];
  readonly pausedInConfig: readonly string[];
}

export interface PauseBody {
  readonly schedule?: string;
  readonly reason?: string;
}

export interface BackfillBody {
  readonly from: string;
  readonly to: string;
  readonly schedule?: string;
  readonly overlap?: BackfillPolicy;
}

/** The part of the API that is about schedules. Each rejects with a `CliFailure`. */
export interface ScheduleClient {
  findFlow(flow: string): Promise<FlowView>;
  pause(flow: string, body: PauseBody): Promise<Paused>;
  resume(flow: string, body: PauseBody): Promise<Paused>;
  explain(flow: string, at: string | undefined): Promise<ExplainView>;
  planBackfill(flow: string, body: BackfillBody): Promise<BackfillPlan>;
  beginBackfill(flow: string, body: BackfillBody): Promise<BackfillView>;
  listBackfills(): Promise<{ readonly items: readonly BackfillView[] }>;
  findBackfill(backfill: string): Promise<BackfillView>;
  listBackfillDues(backfill: string, after: number | undefined): Promise<DuesPage>;
  cancelBackfill(backfill: string): Promise<BackfillView>;
}

export interface DuesPage {
  readonly items: readonly BackfillDueView[];
  readonly next?: number;
}

/** Cancelling ten thousand runs takes its time (RFC 7240). */
const PATIENT = { prefer: "wait=600" };
const DUES_AT_ONCE = 1_000;

export function scheduleClientOver({ send, server }: Way): ScheduleClient {
  const ask = asker(send, server);
  const flowAt = (flow: string) => `/api/flows/${encodeURIComponent(flow)}`;
  const backfillAt = (backfill: string) => `/api/backfills/${encodeURIComponent(backfill)}`;
  return {
    findFlow: (flow) => ask("GET", flowAt(flow)),
    pause: (flow, body) => ask("POST", `${flowAt(flow)}/pause`, { body }),
    resume: (flow, body) => ask("POST", `${flowAt(flow)}/resume`, { body }),
    explain: (flow, at) =>
      ask(
        "GET",
        `${flowAt(flow)}/explain${at === undefined ? "" : `?at=${encodeURIComponent(at)}`}`,
      ),
    planBackfill: (flow, body) =>
      ask("POST", `${flowAt(flow)}/backfill`, { body: { ...body, dryRun: true } }),
    beginBackfill: (flow, body) => ask("POST", `${flowAt(flow)}/backfill`, { body }),
    listBackfills: () => ask("GET", "/api/backfills"),
    findBackfill: (backfill) => ask("GET", backfillAt(backfill)),
    listBackfillDues: (backfill, after) => {
      const from = after === undefined ? "" : `&after=${after}`;
      return ask("GET", `${backfillAt(backfill)}/dues?limit=${DUES_AT_ONCE}${from}`);
    },
    cancelBackfill: (backfill) =>
      ask("POST", `${backfillAt(backfill)}/cancel`, { headers: PATIENT }),
  };
}
