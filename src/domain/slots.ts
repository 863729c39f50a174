import type { FlowSpec, Manifest } from "./flow.ts";
import type { RunId, SlotName } from "./ids.ts";
import type { Run } from "./run.ts";

/** How many runs a slot takes, for every slot of a config. */
export type SlotSizes = ReadonlyMap<SlotName, number>;

/** The limits of a config: one per flow that has a `concurrency`, one per tag under `limits`. */
export function slotSizes({ flows, limits }: Pick<Manifest, "flows" | "limits">): SlotSizes {
  const ofFlows = flows.flatMap(({ name, concurrency }: FlowSpec) =>
    concurrency === undefined ? [] : [[flowSlot(name), concurrency] as const],
  );
  const ofTags = Object.entries(limits).map(([tag, size]) => [tagSlot(tag), size] as const);
  return new Map([...ofFlows, ...ofTags]);
}

/** The slots that a run takes up while it goes on. */
function slotsOf({ flow, tags }: Pick<Run, "flow" | "tags">): readonly SlotName[] {
  return [flowSlot(flow), ...tags.map(tagSlot)];
}

/**
 * Who takes up which slots. Kept in memory only: a run takes them up while this daemon holds it, so a slot
 * cannot leak, whatever dies.
 */
export interface Slots {
  useSizes(sizes: SlotSizes): void;
  /** Takes up all of the run's slots, or none and answers the first that is full. */
  take(run: Pick<Run, "id" | "flow" | "tags">): SlotName | undefined;
  /** Gives back what the run took up; answers the slots that have room now. */
  give(runId: RunId): readonly SlotName[];
  /** How many more runs fit; infinite for a slot that no config limits. */
  room(slot: SlotName): number;
}

export function createSlots(): Slots {
  let sizes: SlotSizes = new Map();
  const taken = new Map<SlotName, number>();
  const held = new Map<RunId, readonly SlotName[]>();
  const room = (slot: SlotName) =>
    (sizes.get(slot) ?? Number.POSITIVE_INFINITY) - (taken.get(slot) ?? 0);
  return {
    useSizes(next) {
      sizes = next;
    },
    take(run) {
      const slots = slotsOf(run);
      const full = slots.find((slot) => room(slot) <= 0);
      if (full !== undefined) return full;
      // A limit may be set while the run goes on, so every slot is counted, limited or not.
      for (const slot of slots) taken.set(slot, (taken.get(slot) ?? 0) + 1);
      held.set(run.id, slots);
      return undefined;
    },
    give(runId) {
      const slots = held.get(runId) ?? [];
      held.delete(runId);
      for (const slot of slots) leave(taken, slot);
      return slots.filter((slot) => sizes.has(slot));
    },
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

function tagSlot(tag: string): SlotName {
  return `tag:${tag}` as SlotName;
}
