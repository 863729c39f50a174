import type { Items } from "./ask.ts";

export interface Named {
  readonly id: string;
}

/** What was answered of a list so far, in the daemon's order. */
export interface Known<Item> {
  readonly items: readonly Item[];
  /** The cursor that the page below an item begins with, of items at the end of a page. */
  readonly cursors: ReadonlyMap<string, string>;
}

export const NOTHING: Known<never> = { items: [], cursors: new Map() };

/**
 * A list with a page as it is now: the first one, or that below an item. It is all that there is between its ends:
 * what new ones push off it stays, what is gone from within it goes.
 */
export function merged<Item extends Named>(
  known: Known<Item>,
  { items, next }: Items<Item>,
  below: string | undefined,
): Known<Item> {
  const places = new Map(known.items.map(({ id }, index) => [id, index]));
  const begin = below === undefined ? 0 : (places.get(below) ?? Number.NaN) + 1;
  // What it lies below is gone: nobody can tell where it belongs.
  if (Number.isNaN(begin)) return known;
  const page = items.map((item) => unchanged(known.items[places.get(item.id) ?? -1], item));
  const ids = new Set(items.map(({ id }) => id));
  const end = next === undefined ? known.items.length : endOf(page, places, begin);
  const isElsewhere = ({ id }: Item) => !ids.has(id);
  const above = known.items.slice(0, begin).filter(isElsewhere);
  const rest = known.items.slice(end).filter(isElsewhere);
  const all = [...above, ...page, ...rest];
  return { items: all, cursors: cursorsOf(known, { above, rest, last: items.at(-1)?.id, next }) };
}

/** Where what follows the page begins: behind the last of its items that is known. */
function endOf(page: readonly Named[], places: ReadonlyMap<string, number>, begin: number): number {
  const last = page.findLast(({ id }) => places.has(id));
  return last === undefined ? begin : Math.max(begin, (places.get(last.id) ?? 0) + 1);
}

interface Parts {
  readonly above: readonly Named[];
  readonly rest: readonly Named[];
  readonly last: string | undefined;
  readonly next: string | undefined;
}

function cursorsOf({ cursors }: Known<Named>, { above, rest, last, next }: Parts) {
  const kept = [...above, ...rest].flatMap(({ id }) => {
    const cursor = cursors.get(id);
    return cursor === undefined ? [] : [[id, cursor] as const];
  });
  const own = last === undefined || next === undefined ? [] : [[last, next] as const];
  return new Map([...kept, ...own]);
}

/** The item that is there already, where the new one says the same: it is not drawn again. */
function unchanged<Item>(before: Item | undefined, item: Item): Item {
  return before !== undefined && JSON.stringify(before) === JSON.stringify(item) ? before : item;
}
