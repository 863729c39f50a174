import type { Connection } from "./connection.ts";

/** Rows of one kind in one commit at the most: beyond it, the next commit takes the rest. */
export const ITEMS_PER_COMMIT = 2_000;

/** What was asked for of one kind and is not saved yet, and what knows how to save it. */
export interface Shelf {
  readonly collector: Collector<unknown>;
  items: unknown[];
}

/** What is left to do once a commit is made. */
export interface AfterCommit {
  /** Notes what later commits go by; called before any of them is begun. */
  readonly remember?: () => void;
  /** Tells those who asked. The next commit may be under way then. */
  readonly tell: () => void;
}

export const NOTHING_AFTER: AfterCommit = { tell: () => {} };

/**
 * What to do with everything of one kind that was asked for in one turn: `save` writes it inside the
 * transaction and answers what to do once that is committed; `fail` tells those who asked.
 */
export interface Collector<Item> {
  readonly save: (connection: Connection, items: readonly Item[]) => AfterCommit;
  /** Whether these can be planned and done by another thread (`commit-plan.ts`); all can where it is left out. */
  readonly canBePlanned?: (items: readonly Item[]) => boolean;
  readonly fail: (items: readonly Item[], error: unknown) => void;
}

/** What one commit takes from a shelf. */
export interface Load {
  readonly shelf: Shelf;
  readonly items: readonly unknown[];
}

/** A new shelf beside the others, for the items of that collector alone. */
export function addShelf<Item>(shelves: Shelf[], collector: Collector<Item>): Shelf {
  const shelf: Shelf = { collector: collector as Collector<unknown>, items: [] };
  shelves.push(shelf);
  return shelf;
}

/** Takes the oldest of each shelf, `most` of a kind. */
export function takeFrom(shelves: readonly Shelf[], most = ITEMS_PER_COMMIT): readonly Load[] {
  return shelves.map((shelf) => ({ shelf, items: shelf.items.splice(0, most) }));
}

/** Puts back what could not be saved, before what came since. */
export function putBack(loads: readonly Load[]): void {
  for (const { shelf, items } of loads) shelf.items.unshift(...items);
}

/** Each item as a load of its own. */
export function oneByOne(loads: readonly Load[]): readonly Load[] {
  return loads.flatMap(({ shelf, items }) => items.map((item) => ({ shelf, items: [item] })));
}

/** Writes it all, inside the caller's transaction; answers what to do once that is committed. */
export function saveLoads(connection: Connection, loads: readonly Load[]): readonly AfterCommit[] {
  return loads
    .filter(({ items }) => items.length > 0)
    .map(({ shelf, items }) => shelf.collector.save(connection, items));
}

export function canBePlanned({ shelf: { collector }, items }: Load): boolean {
  return items.length === 0 || (collector.canBePlanned?.(items) ?? true);
}

export function hasItems(shelves: readonly Shelf[]): boolean {
  return shelves.some(({ items }) => items.length > 0);
}

/** Both at once, for a commit that no other begins before everybody is told of. */
export function tellAll(after: readonly AfterCommit[]): void {
  for (const { remember } of after) remember?.();
  for (const { tell } of after) tell();
}

/** Tells everybody whose items are left that they will not be saved. */
export function failAll(shelves: readonly Shelf[], error: unknown): void {
  for (const shelf of shelves) shelf.collector.fail(shelf.items.splice(0), error);
}
