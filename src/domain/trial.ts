import type { DecisionView } from "./decision.ts";
import type { Exchange, Ringing, Rung } from "./delivery.ts";
import type { LogLevel } from "./executor.ts";
import type { ErrorInfo } from "./failure.ts";
import type { Moment } from "./flow.ts";
import type { StateView } from "./run-view.ts";

/** What somebody asks for who wants to see what a hook does. */
export interface TrialRequest {
  /** A hook's key, or its name where only one has it. */
  readonly hook: string;
  /** Id or name of a past run; without one, a run is made up. */
  readonly run?: string;
  /** One of the hook's moments; by default the one that fits the run, or the hook's first. */
  readonly moment?: Moment;
  /** Whether what the hook does outside is performed, and not only shown. */
  readonly send: boolean;
}

/** Performs a hook in a fresh thread of its own. */
export type Trier = (
  ringing: Ringing,
  options: { readonly send: boolean },
) => Promise<{ readonly rung: Rung; readonly timedOut: boolean }>;

/** How a hook did when it was tried. Times are ISO 8601 in UTC. */
export interface TrialView {
  readonly hook: string;
  readonly name: string;
  readonly moment: Moment;
  readonly flow: string;
  readonly run?: { readonly id: string; readonly name: string };
  readonly task?: string;
  readonly state?: StateView;
  readonly decision?: DecisionView;
  /** What of it did not happen: everything, only the state, or nothing. */
  readonly madeUp: "all" | "state" | "nothing";
  readonly sent: boolean;
  readonly outcome: "delivered" | "failed" | "timed out";
  readonly error?: ErrorInfo;
  /** The receiver asked for this wait. */
  readonly retryAfterMs?: number;
  readonly startedAt: string;
  readonly endedAt: string;
  readonly exchanges: readonly ExchangeView[];
  readonly log: readonly { readonly at: string; readonly level: LogLevel; readonly text: string }[];
}

export type ExchangeView = Omit<Exchange, "startedAt" | "endedAt"> & {
  readonly startedAt: string;
  readonly endedAt: string;
};

export type TrialAnswer =
  | { readonly type: "tried"; readonly trial: TrialView }
  | { readonly type: "no-such-hook"; readonly known: readonly string[] }
  /** Several hooks have this name; here are their keys. */
  | { readonly type: "ambiguous-hook"; readonly keys: readonly string[] }
  | { readonly type: "no-such-run" }
  | { readonly type: "ambiguous-run" }
  /** The hook would never be told of this. */
  | { readonly type: "unfit"; readonly why: string };
