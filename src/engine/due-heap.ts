import type { Instant } from "../domain/instant.ts";

/** Things by their due times: the earliest is found at once, one is added or taken in log n. */
export interface DueHeap<Thing> {
  push(dueAt: Instant, thing: Thing): void;
  nextDueAt(): Instant | undefined;
  /** Takes out everything that is due at `now`. */
  takeDue(now: Instant): readonly Thing[];
  size(): number;
}

interface Entry<Thing> {
  readonly dueAt: Instant;
  readonly thing: Thing;
}

export function dueHeap<Thing>(): DueHeap<Thing> {
  const entries: Entry<Thing>[] = [];
  return {
    push(dueAt, thing) {
      entries.push({ dueAt, thing });
      rise(entries);
    },
    nextDueAt: () => entries[0]?.dueAt,
    takeDue(now) {
      const due: Thing[] = [];
      for (let first = entries[0]; first !== undefined && first.dueAt <= now; first = entries[0]) {
        due.push(first.thing);
        takeFirst(entries);
      }
      return due;
    },
    size: () => entries.length,
  };
}

function rise(entries: Entry<unknown>[]): void {
  let child = entries.length - 1;
  while (child > 0) {
    const parent = (child - 1) >> 1;
    if (dueAt(entries, parent) <= dueAt(entries, child)) return;
    swap(entries, parent, child);
    child = parent;
  }
}

function takeFirst(entries: Entry<unknown>[]): void {
  const last = entries.pop();
  if (last === undefined || entries.length === 0) return;
  entries[0] = last;
  let parent = 0;
  for (;;) {
    const left = 2 * parent + 1;
    const least = dueAt(entries, left + 1) < dueAt(entries, left) ? left + 1 : left;
    if (dueAt(entries, parent) <= dueAt(entries, least)) return;
    swap(entries, parent, least);
    parent = least;
  }
}

function dueAt(entries: readonly Entry<unknown>[], index: number): number {
  return entries[index]?.dueAt ?? Number.POSITIVE_INFINITY;
}

function swap(entries: Entry<unknown>[], a: number, b: number): void {
  const [first, second] = [entries[a], entries[b]];
  if (first === undefined || second === undefined) return;
  entries[a] = second;
  entries[b] = first;
}
