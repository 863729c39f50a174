import { uuidv7 } from "../domain/ids.ts";
import { instant, isoOf } from "../domain/instant.ts";
import type { Json } from "../domain/json.ts";
import type { ThreadRequest } from "../domain/thread-request.ts";
import type { Outside } from "../sdk/outside-notes.ts";

/** Answers a request that would change something, after it was noted; undefined for one that only reads. */
export function answerTried(request: ThreadRequest, outside: Outside): Promise<Json> | undefined {
  switch (request.kind) {
    case "block-save":
      outside.begin({ request: `save block ${request.type}/${request.name}` });
      return Promise.resolve(null);
    case "block-delete":
      outside.begin({ request: `delete block ${request.reference}` });
      return Promise.resolve(null);
    case "cancel-run":
      outside.begin({ request: `cancel run ${request.run}` });
      return Promise.resolve("cancelling");
    case "trigger": {
      const { kind: _, flow, ...detail } = request;
      outside.begin({ request: `trigger flow ${flow}`, detail: JSON.stringify(detail) });
      return Promise.resolve(madeUpRun(request));
    }
    default:
      return undefined;
  }
}

function madeUpRun({
  flow,
  parameters,
  tags = [],
}: Extract<ThreadRequest, { kind: "trigger" }>): Json {
  const now = instant(Date.now());
  const at = isoOf(now);
  return {
    id: uuidv7(now),
    name: "made-up",
    flow,
    state: { type: "SCHEDULED", name: "Scheduled", message: "", at, dueAt: at },
    attempt: 0,
    parameters,
    tags: [...tags],
    createdAt: at,
    priority: 0,
    generation: 0,
  };
}
