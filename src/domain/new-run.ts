import type { FlowName, Random, RunId, ScheduleKey } from "./ids.ts";
import { uuidv7 } from "./ids.ts";
import type { Instant } from "./instant.ts";
import type { JsonText } from "./json.ts";
import { readableName } from "./readable-name.ts";
import type { Run, Transition } from "./run.ts";

/** What is known of a run before it is one. */
export interface RunRequest {
  readonly no: number;
  readonly flow: FlowName;
  readonly parameters: JsonText;
  readonly tags: readonly string[];
  readonly generation: number;
  /** Not to be started before. */
  readonly dueAt: Instant;
  /** What is to be said of it while it waits. */
  readonly message?: string;
  readonly schedule?: ScheduleKey;
  readonly scheduledFor?: Instant;
  readonly idempotencyKey?: string;
  readonly parent?: RunId;
  readonly backfill?: string;
  readonly exclusive: boolean;
  readonly priority: number;
}

/** The step that creates a run: from nothing to Scheduled. */
export function bear(request: RunRequest, now: Instant, random: Random): Transition<Run> {
  const { dueAt, message = "", ...known } = request;
  const after: Run = {
    ...known,
    id: uuidv7(now, random) as RunId,
    name: readableName(request.no),
    rev: 1,
    state: { type: "SCHEDULED", name: "Scheduled", message, at: now, dueAt },
    attempt: 0,
    failures: 0,
    crashes: 0,
    createdAt: now,
  };
  return { before: undefined, after };
}
