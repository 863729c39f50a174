import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { ask, type Items } from "./ask.ts";
import { useData } from "./data.ts";

/** A list of which more is asked for bit by bit, and whose newest part stays as it is now. */
export interface Growing<Item> {
  /** Undefined until the first answer. */
  readonly items: readonly Item[] | undefined;
  readonly failure: { readonly status: number; readonly message: string } | undefined;
  readonly hasMore: boolean;
  readonly isLoading: boolean;
  more(): void;
}

interface Older<Item> {
  readonly path: string;
  readonly seen: ReadonlyMap<string, Item>;
  readonly next: string | undefined;
}

/**
 * The items of a path, newest first by id. What new ones push off the first page stays; what is gone from
 * within it goes.
 */
export function useGrowing<Item extends { readonly id: string }>(path: string): Growing<Item> {
  const first = useData<Items<Item>>(path, { calmMs: 1_000 });
  const older = useSignal<Older<Item>>({ path, seen: new Map(), next: undefined });
  const isLoading = useSignal(false);
  const { value } = first;
  useEffect(() => {
    if (value === undefined) return;
    const before = older.peek();
    const isSame = before.path === path && before.seen.size > 0;
    const seen = merged(isSame ? before.seen : new Map(), value);
    older.value = { path, seen, next: isSame ? before.next : value.next };
  }, [path, value, older]);
  const more = async () => {
    const { next } = older.peek();
    if (next === undefined || isLoading.peek()) return;
    isLoading.value = true;
    const answer = await ask<Items<Item>>(`${path}&cursor=${encodeURIComponent(next)}`);
    isLoading.value = false;
    const before = older.peek();
    if (!answer.ok || before.path !== path) return;
    const seen = new Map([...before.seen, ...byId(answer.value.items)]);
    older.value = { path, seen, next: answer.value.next };
  };
  const { seen, next, path: of } = older.value;
  const all = of === path && value !== undefined ? [...merged(seen, value).values()] : value?.items;
  return {
    items: all?.toSorted((one, other) => (one.id < other.id ? 1 : -1)),
    failure: first.failure,
    hasMore: of === path && next !== undefined,
    isLoading: isLoading.value,
    more: () => void more(),
  };
}

function merged<Item extends { readonly id: string }>(
  seen: ReadonlyMap<string, Item>,
  page: Items<Item>,
): ReadonlyMap<string, Item> {
  const oldest = page.next === undefined ? "" : (page.items.at(-1)?.id ?? "");
  const kept = [...seen].filter(([id]) => id < oldest);
  return new Map([...kept, ...byId(page.items)]);
}

function byId<Item extends { readonly id: string }>(items: readonly Item[]) {
  return items.map((item) => [item.id, item] as const);
}
