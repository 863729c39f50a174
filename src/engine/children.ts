import type { RunId } from "../domain/ids.ts";
import type { JsonObject } from "../domain/json.ts";
import type { Run } from "../domain/run.ts";
import { listOpenChildren, listRunsById } from "../store/open-runs.ts";
import type { Store } from "../store/open-store.ts";
import type { TriggerAnswer } from "./commands.ts";
import type { Trigger } from "./trigger.ts";

// In: a flow called inside a flow. Out: a child run, and its end told to who waits for it.

/** A flow that calls itself must not fill the store. */
const DEPTH_MAX = 16;

export interface Children {
  /** Starts a child of a run; resolves with it once it is over. Rejects when it cannot be started. */
  run(parent: RunId, flow: string, parameters: JsonObject): Promise<Run>;
  /** Told of each run that is over. */
  ended(run: Run): void;
  /** Told that an attempt of a run is over, however it ended: what it started does not go on without it. */
  attemptEnded(run: Run): void;
}

export interface ChildrenDeps {
  readonly store: Store;
  readonly trigger: Pick<Trigger, "child">;
  readonly cancel: (run: Run) => Promise<unknown>;
}

export function createChildren({ store, trigger, cancel }: ChildrenDeps): Children {
  const waiting = new Map<RunId, (run: Run) => void>();
  const parents = new Set<RunId>();

  function requireParent(id: RunId): Run {
    const [parent] = listRunsById(store.reader, [id]);
    if (parent === undefined)
      throw new Error(`Cannot start a child of run "${id}": there is no such run`);
    if (depthOf(store, parent) >= DEPTH_MAX) {
      throw new Error(
        `Cannot start a child of run "${parent.name}": flows call each other ${DEPTH_MAX} deep`,
      );
    }
    return parent;
  }

  return {
    async run(parentId, flow, parameters) {
      const parent = requireParent(parentId);
      parents.add(parentId);
      const end = Promise.withResolvers<Run>();
      const answer = await trigger.child({ flow, parameters }, parent, (run) => {
        waiting.set(run.id, end.resolve);
      });
      if (answer.type !== "created") throw new Error(refusal(flow, answer));
      return await end.promise;
    },
    ended(run) {
      waiting.get(run.id)?.(run);
      waiting.delete(run.id);
    },
    attemptEnded(run) {
      if (!parents.delete(run.id)) return;
      for (const child of listOpenChildren(store.reader, run.id)) void cancel(child);
    },
  };
}

function depthOf(store: Store, run: Run): number {
  let depth = 0;
  let above = run.parent;
  while (above !== undefined) {
    depth += 1;
    above = listRunsById(store.reader, [above])[0]?.parent;
  }
  return depth;
}

function refusal(flow: string, answer: TriggerAnswer): string {
  const start = `Cannot run flow "${flow}" inside a flow`;
  return answer.type === "no-such-flow"
    ? `${start}: the config has none of that name`
    : `${start}: ${answer.type}`;
}
