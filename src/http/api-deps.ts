import type { Blocks } from "../domain/blocks.ts";
import type { DeliveryStatus } from "../domain/delivery.ts";
import type { ConfigProblem, FlowSpec, Generation } from "../domain/flow.ts";
import type { Clock } from "../domain/instant.ts";
import type { Redactor } from "../domain/redaction.ts";
import type { ScheduleCare } from "../domain/schedule-care.ts";
import type { StateType } from "../domain/state.ts";
import type { StoreCare } from "../domain/store-care.ts";
import type { TrialAnswer, TrialRequest } from "../domain/trial.ts";
import type { Commands } from "../engine/commands.ts";
import type { Log } from "../log.ts";
import type { HookRecord, RunHistory } from "../store/run-history.ts";
import type { Access } from "./access.ts";
import type { EventFeed } from "./event-feed.ts";
import type { UpcomingQuery, UpcomingView } from "./upcoming-view.ts";

/** All that the HTTP API stands on. */
export interface ApiDeps {
  readonly history: RunHistory;
  readonly commands: Commands;
  readonly blocks: Blocks;
  /** Who may ask for what. */
  readonly access: Access;
  /** Tells of what is committed. */
  readonly feed: EventFeed;
  /** What the daemon counts, as Prometheus reads it. */
  metrics(): Promise<string>;
  /** Knows what no answer may hold. */
  readonly redactor?: Redactor;
  generation(): Generation;
  status(): Promise<StatusView>;
  readiness(): Promise<Readiness>;
  /** What is known of hooks besides the config. */
  hookRecords(): Promise<readonly HookRecord[]>;
  /** Performs a hook for somebody who wants to see what it does; absent where none can be performed. */
  tryHook?(request: TrialRequest): Promise<TrialAnswer>;
  /** Care for the daemon's store; absent where there is none to care for. */
  readonly storeCare?: StoreCare;
  /** Pauses, backfills and explanations; absent where there are no schedules to care for. */
  readonly schedules?: ScheduleCare;
  readonly clock: Clock;
  readonly log?: Log;
  /** Names in `Host` that are answered besides those of this machine: `jobs.example.org`. */
  readonly hosts?: readonly string[];
  /** When flows are due next, soonest first; without it nothing about due times is answered. */
  upcoming?(flows: readonly FlowSpec[], query: UpcomingQuery): readonly UpcomingView[];
}

/** How the daemon stands. Times are ISO 8601 in UTC. */
export interface StatusView {
  readonly version: string;
  readonly bootId: string;
  readonly startedAt: string;
  readonly uptimeMs: number;
  /** The longest that the main thread kept a timer waiting within the last minute. */
  readonly loopLagMs: number;
  /** Runs in each state type, deliveries in each status. */
  readonly runs: Partial<Record<StateType, number>>;
  readonly deliveries: Record<DeliveryStatus, number>;
  /** Hooks with dead deliveries, or whose receiver does not answer; absent when there are none. */
  readonly troubledHooks?: readonly HookTroubleView[];
  readonly threads: { readonly threads: number; readonly busy: number; readonly stuck: number };
  readonly nextDueAt?: string;
  /** Flows that a person paused, as a whole or in part; absent when there are none. */
  readonly pausedFlows?: readonly string[];
  readonly config: {
    readonly generation: number;
    readonly acceptedAt: string;
    /** Why the newest edit was not accepted; absent when it was. */
    readonly lastReloadProblems?: readonly ConfigProblem[];
  };
  readonly store: { readonly path: string; readonly sizeBytes?: number };
}

/** A hook that somebody should look at. */
export interface HookTroubleView {
  readonly hook: string;
  readonly dead: number;
  /** Deliveries that wait for another attempt, or for their first. */
  readonly waiting: number;
  /** Set while its receiver does not answer. */
  readonly downSince?: string;
  readonly nextTryAt?: string;
}

/** Whether the daemon can do its work. A check that warns does not make it unready. */
export interface Readiness {
  readonly ready: boolean;
  readonly checks: readonly ReadinessCheck[];
}

export interface ReadinessCheck {
  /** `store`, `lease`, `tick`, `config`, `deliveries` … */
  readonly name: string;
  readonly state: "ok" | "warn" | "failed";
  /** What is wrong, for people; empty when nothing is. */
  readonly message: string;
}
