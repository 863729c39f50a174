import { readInstant } from "../domain/instant.ts";
import type { Json, JsonObject } from "../domain/json.ts";
import type { RunView } from "../domain/run-view.ts";
import { ask } from "./ask.ts";

export interface TriggerOptions {
  readonly parameters?: JsonObject;
  /** Added to the flow's own tags. */
  readonly tags?: readonly string[];
  /** A second trigger with the same key answers the first one's run. */
  readonly idempotencyKey?: string;
  /** Not to be started before: ISO 8601 with Z or an offset, or a Date. */
  readonly at?: string | Date;
}

/** What flows and hooks can ask of the daemon about runs. */
export interface Client {
  /** Creates a run of a flow, given by itself or by its name, and answers it without waiting for it. */
  trigger(flow: string | { readonly name: string }, options?: TriggerOptions): Promise<RunView>;
  readonly runs: {
    /** The run with this id or name; undefined when there is none. */
    find(run: string): Promise<RunView | undefined>;
    /**
     * Cancels a run: one that waits is cancelled at once, one that goes on is asked to stop first. Rejects when
     * there is none of this id or name.
     */
    cancel(run: string): Promise<"cancelling" | "cancelled" | "too-late">;
    /** Runs, newest first, 50 at most by default. */
    list(filter?: {
      readonly flow?: string | { readonly name: string };
      readonly limit?: number;
    }): Promise<readonly RunView[]>;
  };
}

/** Asks the daemon, for the run or hook that the code is called from. */
export const client: Client = {
  trigger,
  runs: {
    async find(run) {
      const found = await ask(`find run "${run}"`, { kind: "find-run", run });
      return found === null ? undefined : answered<RunView>(found);
    },
    async cancel(run) {
      const answer = await ask(`cancel run "${run}"`, { kind: "cancel-run", run });
      return answer === "cancelling" || answer === "cancelled" ? answer : "too-late";
    },
    async list({ flow, limit = 50 } = {}) {
      const ofFlow = flow === undefined ? {} : { flow: nameOf(flow) };
      return answered(await ask("list runs", { kind: "list-runs", ...ofFlow, limit }));
    },
  },
};

async function trigger(
  flow: string | { readonly name: string },
  { parameters = {}, at, ...rest }: TriggerOptions = {},
): Promise<RunView> {
  const name = nameOf(flow);
  const what = `trigger flow "${name}"`;
  const time = at === undefined ? {} : { at: textOf(what, at) };
  return answered(await ask(what, { kind: "trigger", flow: name, parameters, ...rest, ...time }));
}

function textOf(what: string, at: string | Date): string {
  const time = typeof at === "string" ? readInstant(at) : at.getTime();
  if (time !== undefined && !Number.isNaN(time)) return new Date(time).toISOString();
  throw new Error(`Cannot ${what}: at is "${String(at)}", expected ISO 8601 with Z or an offset`);
}

function nameOf(flow: string | { readonly name: string }): string {
  return typeof flow === "string" ? flow : flow.name;
}

/** The daemon answers runs as `RunView`s: both ends of the line are this program. */
function answered<View extends RunView | readonly RunView[]>(answer: Json): View {
  return answer as unknown as View;
}
