import type { Ringer } from "../domain/delivery.ts";
import type { FlowSpec, HookSpec } from "../domain/flow.ts";
import { type Clock, type Instant, later } from "../domain/instant.ts";
import type { Log } from "../log.ts";
import {
  type DueDelivery,
  listBacklogs,
  listDueNumbers,
  loadDeliveries,
  nextDueAt,
} from "../store/due-deliveries.ts";
import type { Store } from "../store/open-store.ts";
import { createGate, type Gate } from "./gate.ts";
import {
  expect,
  isOpen,
  isReady,
  type Lane,
  type LaneView,
  laneView,
  newLane,
  noteFailure,
  noteSuccess,
  reopen,
  sharesOf,
  wakesAt,
} from "./lane.ts";
import { onceATurn } from "./once-a-turn.ts";
import { deadWithoutHook, dropped, flowOf, resultOf, ringingOf } from "./ringing.ts";
import { createTurns, turnOf } from "./turns.ts";

// In: due deliveries. Out: hooks rung in their threads, each attempt recorded.

const READ_MAX = 2_048;
const AFTER_ERROR_MS = 5_000;

export interface Deliver {
  /** Takes up what an earlier daemon left; to be called once, before the first pass. */
  start(): void;
  /** Told that hooks have new deliveries. */
  expectNew(hookNos: ReadonlySet<number>): void;
  /** Hooks that were in trouble may be well again: the config is another one, or somebody asks for them. */
  reopen(hookNos?: ReadonlySet<number>): void;
  /** Rings what is due and fits; answers when the next retry is due. */
  pass(): Instant | undefined;
  /** Deliveries under way. */
  underWay(): number;
  /** Whether an attempt of this delivery is being made. */
  isUnderWay(hookNo: number, no: number): boolean;
  /** How the lanes stand of hooks that had something to ring since the start. */
  lanes(): readonly LaneView[];
  /** Whether anything is under way or due now. */
  isBusy(): boolean;
}

export interface DeliverDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly ringer: Ringer;
  readonly log: Log;
  readonly chance: () => number;
  readonly hookOf: (key: string) => HookSpec | undefined;
  readonly flowNamed: (name: string) => FlowSpec | undefined;
  readonly publicUrl: () => string;
  /** Asks for a pass. */
  readonly wake: () => void;
}

export function createDeliver(deps: DeliverDeps): Deliver {
  return new LaneDeliver(deps);
}

/** A lane per hook, so that a dead receiver fills its own lane and nobody else's. */
class LaneDeliver implements Deliver {
  readonly #deps: DeliverDeps;
  readonly #lanes = new Map<number, Lane>();
  readonly #turns = createTurns();
  readonly #gate: Gate;
  /** Once for all attempts that were recorded in one commit: one pass fills what they leave. */
  readonly #wakeSoon: () => void;

  constructor(deps: DeliverDeps) {
    this.#deps = deps;
    this.#wakeSoon = onceATurn(deps.wake);
    this.#gate = createGate(deps.store);
  }

  start(): void {
    for (const { hookNo, nextDueAt: due } of listBacklogs(this.#deps.store.reader)) {
      expect(this.#lane(hookNo), due);
    }
  }

  expectNew(hookNos: ReadonlySet<number>): void {
    for (const hookNo of hookNos) this.#lane(hookNo).hasMore = true;
    this.#deps.wake();
  }

  reopen(hookNos: ReadonlySet<number> = new Set(this.#lanes.keys())): void {
    for (const hookNo of hookNos) reopen(this.#lane(hookNo));
    this.expectNew(hookNos);
  }

  pass(): Instant | undefined {
    const now = this.#deps.clock();
    // Deliveries that wait for their turn hide the ones behind them, so it goes on while it gets further.
    let before: string;
    do {
      before = this.#progress();
      this.#ringWhatIsDue(now);
    } while (before !== this.#progress());
    return this.#nextDueAt();
  }

  underWay(): number {
    return [...this.#lanes.values()].reduce((sum, lane) => sum + lane.inFlight.size, 0);
  }

  isUnderWay(hookNo: number, no: number): boolean {
    return this.#lanes.get(hookNo)?.inFlight.has(no) ?? false;
  }

  lanes(): readonly LaneView[] {
    return [...this.#lanes.values()].map(laneView);
  }

  isBusy(): boolean {
    const now = this.#deps.clock();
    return this.underWay() > 0 || [...this.#lanes.values()].some((lane) => isReady(lane, now));
  }

  #ringWhatIsDue(now: Instant): void {
    const ready = [...this.#lanes.values()].filter((lane) => isReady(lane, now));
    const due = [...sharesOf(ready, this.#deps.ringer.room())]
      .flatMap(([lane, share]) => this.#read(lane, now, share))
      .sort((a, b) => a.no - b.no);
    for (const delivery of due) this.#ringIfItsTurn(delivery);
  }

  #progress(): string {
    return `${this.underWay()} ${this.#turns.waiting()}`;
  }

  #lane(hookNo: number): Lane {
    const known = this.#lanes.get(hookNo);
    if (known !== undefined) return known;
    const lane = newLane(hookNo);
    this.#lanes.set(hookNo, lane);
    return lane;
  }

  /** Reads as much of a lane as fits; what is under way is still due in the store, so it is read over. */
  #read(lane: Lane, now: Instant, room: number): readonly DueDelivery[] {
    const { store } = this.#deps;
    if (room <= 0) return [];
    const limit = Math.min(room + lane.inFlight.size + this.#turns.waiting(), READ_MAX);
    const nos = listDueNumbers(store.reader, { hookNo: lane.hookNo, now, limit });
    lane.hasMore = nos.length === limit;
    lane.nextDueAt = nextDueAt(store.reader, lane.hookNo, now);
    return loadDeliveries(
      store.reader,
      nos.filter((no) => !lane.inFlight.has(no)),
    );
  }

  #ringIfItsTurn(delivery: DueDelivery): void {
    const lane = this.#lane(delivery.hookNo);
    const turn = turnOf(delivery);
    const isFull = lane.inFlight.size >= lane.width || this.#deps.ringer.room() <= 0;
    if (isFull || !isOpen(lane, this.#deps.clock())) {
      lane.hasMore = true;
      return;
    }
    if (!this.#turns.take(turn)) return;
    lane.inFlight.add(delivery.no);
    void this.#ring(delivery, lane).then((again) => {
      // In one step: a pass in between would read it over as being under way, and forget that it is due.
      lane.inFlight.delete(delivery.no);
      if (again !== undefined) expect(lane, again);
      lane.hasMore ||= lane.inFlight.size === lane.width - 1;
      for (const hookNo of this.#turns.give(turn)) this.#lane(hookNo).hasMore = true;
      this.#wakeSoon();
    });
  }

  /** Never rejects; answers when the delivery is to be rung again, if at all. */
  async #ring(delivery: DueDelivery, lane: Lane): Promise<Instant | undefined> {
    const { store, clock, hookOf, log } = this.#deps;
    const hook = hookOf(delivery.hook);
    const now = clock();
    try {
      if (hook === undefined) {
        await store.saveDeliveryResult(deadWithoutHook(delivery, now));
        return undefined;
      }
      const verdict = this.#gate.judge(delivery, hook, now);
      if (verdict.type === "wait") {
        lane.fullUntil = verdict.until;
        return now;
      }
      if (verdict.type === "drop") {
        await store.saveDeliveryResult(dropped(delivery, verdict.reason, now));
        return undefined;
      }
      return await this.#perform(delivery, hook, lane);
    } catch (error) {
      log.error(`Cannot record delivery "${delivery.id}"; it will be made again`, { error });
      return later(clock(), AFTER_ERROR_MS);
    }
  }

  async #perform(delivery: DueDelivery, hook: HookSpec, lane: Lane): Promise<Instant | undefined> {
    const { store, clock, ringer, flowNamed, publicUrl } = this.#deps;
    const flow = flowNamed(flowOf(delivery.about));
    const ringing = ringingOf(delivery, { hook, flow, publicUrl: publicUrl() });
    const rung = await ringer.ring(ringing, { alone: lane.alone.has(delivery.no) });
    const chance = this.#deps.chance();
    const result = resultOf(delivery, rung, { hook, chance });
    if (result === undefined) {
      lane.alone.add(delivery.no);
      return clock();
    }
    lane.alone.delete(delivery.no);
    const { outcome } = rung;
    if (outcome.type === "delivered") {
      lane.lastDeliveredAt = clock();
      noteSuccess(lane, rung);
    }
    if (outcome.type === "failed") noteFailure(lane, { ...outcome, now: clock(), chance });
    await store.saveDeliveryResult(result);
    return result.dueAt;
  }

  #nextDueAt(): Instant | undefined {
    // Without room there is nothing to wake up for: the next attempt that ends asks for a pass.
    if (this.#deps.ringer.room() <= 0) return undefined;
    const now = this.#deps.clock();
    const dues = [...this.#lanes.values()]
      .map((lane) => wakesAt(lane, now))
      .filter((due) => due !== undefined);
    return dues.sort((a, b) => a - b)[0];
  }
}
