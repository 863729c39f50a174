import type { FlowSpec, Manifest } from "./flow.ts";
import type { RunId, SlotName } from "./ids.ts";
import type { Run } from "./run.ts";

/** How many runs a slot takes, for every slot of a config. */
export type SlotSizes = ReadonlyMap<SlotName, number>;

/**
 * The limits of a config: one per flow that has a `concurrency`, one per tag under `limits`, and one per flow
 * for runs that must not overlap.
 */
export function slotSizes({ flows, limits }: Pick<Manifest, "flows" | "limits">): SlotSizes {
  const ofFlows = flows.flatMap(({ name, concurrency }: FlowSpec) =>
    concurrency === undefined ? [] : [[flowSlot(name), concurrency] as const],
  );
  const ofTags = Object.entries(limits).map(([tag, size]) => [tagSlot(tag), size] as const);
  const ofOverlap = flows.map(({ name, overlap, concurrency = 1 }) => {
    const isQueue = overlap === "queue-all" || overlap === "queue-one";
    return [overlapSlot(name), isQueue ? concurrency : 1] as const;
  });
  return new Map([...ofFlows, ...ofTags, ...ofOverlap]);
}

/** The slots that a run takes up while it goes on. */
function slotsOf({ flow, tags, exclusive }: Slotted): readonly SlotName[] {
  const own = exclusive ? [overlapSlot(flow), flowSlot(flow)] : [flowSlot(flow)];
  return [...own, ...tags.map(tagSlot)];
}

type Slotted = Pick<Run, "id" | "flow" | "tags" | "exclusive">;

/** Whether a run is under way without an executor: it waits for its next attempt, or for a person. */
export function keepsPlace({ state }: Pick<Run, "state">): boolean {
  return state.type === "SCHEDULED" || state.type === "PAUSED";
}

/**
 * Who takes up which slots. Kept in memory only: a run takes them up while this daemon holds it, so a slot
 * cannot leak, whatever dies.
 */
export interface Slots {
  useSizes(sizes: SlotSizes): void;
  /** Takes up all of the run's slots, or none and answers the first that is full. */
  take(run: Slotted): SlotName | undefined;
  /**
   * Keeps others of its flow from going on while an exclusive run waits for its next attempt or for a person: it
   * takes up that slot and no other. Answers the slots that have room by that.
   */
  holdPlace(run: Slotted): readonly SlotName[];
  /** Gives back what the run took up; answers the slots that have room now. */
  give(runId: RunId): readonly SlotName[];
  /** How many more runs fit; infinite for a slot that no config limits. */
  room(slot: SlotName): number;
}

export function createSlots(): Slots {
  let sizes: SlotSizes = new Map();
  const taken = new Map<SlotName, number>();
  const held = new Map<RunId, readonly SlotName[]>();
  /** Answers the limited slots that the run has given back. */
  const hold = (runId: RunId, slots: readonly SlotName[]): readonly SlotName[] => {
    const before = held.get(runId) ?? [];
    // A limit may be set while the run goes on, so every slot is counted, limited or not.
    for (const slot of slots) taken.set(slot, (taken.get(slot) ?? 0) + 1);
    for (const slot of before) leave(taken, slot);
    if (slots.length > 0) held.set(runId, slots);
    else held.delete(runId);
    return before.filter((slot) => !slots.includes(slot) && sizes.has(slot));
  };
  const room = (slot: SlotName) =>
    (sizes.get(slot) ?? Number.POSITIVE_INFINITY) - (taken.get(slot) ?? 0);
  return {
    useSizes(next) {
      sizes = next;
    },
    take(run) {
      const slots = slotsOf(run);
      const mine = held.get(run.id) ?? [];
      const full = slots.find((slot) => !mine.includes(slot) && room(slot) <= 0);
      if (full === undefined) hold(run.id, slots);
      return full;
    },
    holdPlace(run) {
      return hold(run.id, run.exclusive ? [overlapSlot(run.flow)] : []);
    },
    give: (runId) => hold(runId, []),
    room,
  };
}

function leave(taken: Map<SlotName, number>, slot: SlotName): void {
  const left = (taken.get(slot) ?? 0) - 1;
  if (left > 0) taken.set(slot, left);
  else taken.delete(slot);
}

function flowSlot(flow: string): SlotName {
  return `flow:${flow}` as SlotName;
}

/** Held by the run that keeps the other exclusive runs of its flow waiting. */
export function overlapSlot(flow: string): SlotName {
  return `overlap:${flow}` as SlotName;
}

function tagSlot(tag: string): SlotName {
  return `tag:${tag}` as SlotName;
}
