import type { Generation } from "../domain/flow.ts";
import type { FlowName, ScheduleKey } from "../domain/ids.ts";
import type { Clock, Instant } from "../domain/instant.ts";
import type { ScheduleTrouble } from "../domain/schedule-care.ts";
import type { Cursor } from "../store/schedule-store.ts";
import type { DealDeps, DealMoment } from "./deal.ts";
import { dealTogether } from "./deal-together.ts";
import { type DueHeap, dueHeap } from "./due-heap.ts";
import { reconcileEntry } from "./reconcile.ts";
import { dueAfterCursor, type Entry, takeUpSchedules } from "./schedule-entries.ts";

// In: schedules and the time. Out: runs in Scheduled, decisions, and cursors, in one transaction each.

/** Schedules that are due at once and dealt with in one turn: the first runs begin before the last are made. */
const TOGETHER = 256;
/** So many such turns may be waiting for their commit. */
const SAVING_MAX = 2;

export interface Tick {
  /** Takes over the schedules of a config: a new or changed one starts at now and never replays history. */
  useGeneration(generation: Generation): Promise<void>;
  /** Turns what is due into runs and decisions; answers when something is due next. */
  pass(): Promise<Instant | undefined>;
  nextDueAt(): Instant | undefined;
  /** Where the schedules of a flow stand, those that rest included. */
  cursorsOf(flow: FlowName): readonly Cursor[];
  /** Leaves alone the schedules of a flow that are paused now. */
  rest(flow: FlowName): void;
  /** Takes up the schedules of a flow that are paused no longer, as if they began at `now`. */
  takeUp(flow: FlowName, now: Instant): void;
  /** Sees to it that every schedule has a next due time, and notes those that have none, or are far behind. */
  reconcile(): readonly ScheduleTrouble[];
  /** What the last look found. */
  troubles(): readonly ScheduleTrouble[];
}

export interface TickDeps extends DealDeps {
  readonly clock: Clock;
  /** Whether a person paused the schedule, or its flow. */
  readonly isPaused?: (flow: FlowName, schedule: ScheduleKey) => boolean;
}

export function createTick(deps: TickDeps): Tick {
  return new HeapTick(deps);
}

class HeapTick implements Tick {
  readonly #deps: TickDeps;
  readonly #isPaused: NonNullable<TickDeps["isPaused"]>;
  /** Entries of an older config are not among them any more, though one may still be dealt with. */
  #entries: ReadonlySet<Entry> = new Set();
  #heap: DueHeap<Entry> = dueHeap();
  /** Taken out of the heap, until what they are due is saved. */
  readonly #busy = new Set<Entry>();
  #generation = 0;
  readonly #startedAt: Instant;
  #troubles: readonly ScheduleTrouble[] = [];

  constructor(deps: TickDeps) {
    this.#deps = deps;
    this.#startedAt = deps.clock();
    this.#isPaused = deps.isPaused ?? (() => false);
  }

  async useGeneration(generation: Generation): Promise<void> {
    const now = this.#deps.clock();
    const isStart = this.#generation === 0;
    this.#generation = generation.number;
    const moment = { now, isPaused: this.#isPaused, startedAt: this.#startedAt, isStart };
    const use = (entries: readonly Entry[]) => {
      this.#entries = new Set(entries);
      this.reconcile();
    };
    await takeUpSchedules(this.#deps.store, generation, { ...moment, use });
  }

  async pass(): Promise<Instant | undefined> {
    const now = this.#deps.clock();
    const due = this.#heap.takeDue(now).toSorted(byDueTimeAndFlow);
    const moment = { ...this.#deps, generation: this.#generation, now };
    const faults: unknown[] = [];
    const saving: Promise<readonly unknown[]>[] = [];
    const savedNext = async () => void faults.push(...((await saving.shift()) ?? []));
    for (const entry of due) this.#busy.add(entry);
    for (let from = 0; from < due.length; from += TOGETHER) {
      // Those before are being saved and started meanwhile.
      if (from > 0) await nextTurn();
      if (saving.length >= SAVING_MAX) await savedNext();
      saving.push(this.#dealWith(due.slice(from, from + TOGETHER), moment));
    }
    while (saving.length > 0) await savedNext();
    if (faults.length > 0) throw faults[0];
    return this.#heap.nextDueAt();
  }

  nextDueAt(): Instant | undefined {
    return this.#heap.nextDueAt();
  }

  cursorsOf(flow: FlowName): readonly Cursor[] {
    return this.#of(flow).map(({ cursor }) => cursor);
  }

  rest(flow: FlowName): void {
    for (const entry of this.#of(flow)) entry.rests = this.#isPaused(flow, entry.schedule.key);
    this.#fillHeap();
  }

  takeUp(flow: FlowName, now: Instant): void {
    for (const entry of this.#of(flow)) {
      if (!entry.rests || this.#isPaused(flow, entry.schedule.key)) continue;
      entry.rests = false;
      entry.cursor = { ...entry.cursor, at: now };
      this.#enter(entry);
    }
  }

  reconcile(): readonly ScheduleTrouble[] {
    const now = this.#deps.clock();
    this.#troubles = [...this.#entries]
      .filter((entry) => !entry.rests && !this.#busy.has(entry))
      .flatMap((entry) => reconcileEntry(entry, now) ?? []);
    this.#fillHeap();
    return this.#troubles;
  }

  troubles(): readonly ScheduleTrouble[] {
    return this.#troubles;
  }

  async #dealWith(entries: readonly Entry[], moment: DealMoment): Promise<readonly unknown[]> {
    try {
      // What a newer config has taken over in the meantime is due there.
      return await dealTogether(
        entries.filter((entry) => this.#entries.has(entry)),
        moment,
      );
    } finally {
      for (const entry of entries) {
        this.#busy.delete(entry);
        this.#enter(entry);
      }
    }
  }

  #of(flow: FlowName): readonly Entry[] {
    return [...this.#entries].filter((entry) => entry.flow.name === flow);
  }

  /** Puts an entry where its next due time finds it, unless a newer config has taken over, or it rests. */
  #enter(entry: Entry): void {
    if (this.#busy.has(entry) || !this.#entries.has(entry)) return;
    entry.dueAt = dueAfterCursor(entry);
    if (!entry.rests && entry.dueAt !== undefined) this.#heap.push(entry.dueAt, entry);
  }

  /** Anew, from what the entries are due already. */
  #fillHeap(): void {
    this.#heap = dueHeap();
    for (const entry of this.#entries) {
      if (entry.rests || this.#busy.has(entry) || entry.dueAt === undefined) continue;
      this.#heap.push(entry.dueAt, entry);
    }
  }
}

/**
 * Runs of flows whose names are near each other are near each other in the store's indexes, too. Schedules of one
 * flow go in the order of the config.
 */
function byDueTimeAndFlow(a: Entry, b: Entry): number {
  const [first, second] = [a.dueAt ?? 0, b.dueAt ?? 0];
  if (first !== second) return first - second;
  if (a.flow.name === b.flow.name) return a.place - b.place;
  return a.flow.name < b.flow.name ? -1 : 1;
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
