import type { Ringing } from "../../../src/domain/delivery.ts";
import type { DeliveryId, HookKey } from "../../../src/domain/ids.ts";

let count = 0;

/** What a hook is told of by default: the second attempt to tell that a run has failed. */
export function aRinging(hook: string, more: Partial<Ringing> = {}): Ringing {
  count += 1;
  const state = {
    type: "FAILED",
    name: "Failed",
    message: "no disk",
    at: "2026-01-01T00:00:00.000Z",
  } as const;
  const run = {
    id: "run-1",
    name: "brave-otter",
    flow: "f",
    state,
    attempt: 1,
    parameters: {},
    tags: [],
    createdAt: state.at,
    priority: 0,
    generation: 1,
  };
  return {
    deliveryId: `delivery-${count}` as DeliveryId,
    attempt: 2,
    hook: hook as HookKey,
    moment: "onFailure",
    timeoutMs: 20_000,
    flow: { name: "f", description: "", tags: [] },
    about: { kind: "run", run, state },
    urls: { run: "http://localhost/runs/run-1", api: "http://localhost/api/runs/run-1" },
    ...more,
  };
}
