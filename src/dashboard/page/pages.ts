import { useSignal } from "@preact/signals";
import { useCallback, useLayoutEffect } from "preact/hooks";
import { ask, type Items } from "./ask.ts";
import { useData } from "./data.ts";
import { type Sight, useLookAgain } from "./look-again.ts";
import { type Known, merged, type Named, NOTHING } from "./page-merge.ts";

/** A list of which more is asked for bit by bit, and which stays as it is now wherever somebody looks. */
export interface Growing<Item> {
  /** In the daemon's order, newest first. Undefined until the first answer. */
  readonly items: readonly Item[] | undefined;
  readonly failure: { readonly status: number; readonly message: string } | undefined;
  readonly hasMore: boolean;
  readonly isLoading: boolean;
  more(): void;
  /** Which items are looked at, newest and oldest: those of older pages are then asked for again. */
  lookAt(sight: Sight): void;
}

const CALM_MS = 1_000;

/** The items of a path, a page of them at first. */
export function useGrowing<Item extends Named>(path: string): Growing<Item> {
  const first = useData<Items<Item>>(path, { calmMs: CALM_MS });
  const known = useSignal<{ readonly path: string; readonly is: Known<Item> }>({
    path,
    is: NOTHING,
  });
  const isLoading = useSignal(false);
  const { value } = first;
  useLayoutEffect(() => {
    if (value === undefined) return;
    const before: Known<Item> = known.peek().path === path ? known.peek().is : NOTHING;
    known.value = { path, is: merged(before, value, undefined) };
  }, [path, value, known]);
  const isKnown = known.value.path === path && known.value.is !== NOTHING;
  const is: Known<Item> = isKnown ? known.value.is : NOTHING;
  const load = useCallback(
    async (below: string | undefined) => {
      const cursor = below === undefined ? undefined : known.peek().is.cursors.get(below);
      if (below === undefined || cursor === undefined) return undefined;
      const answer = await ask<Items<Item>>(`${path}&cursor=${encodeURIComponent(cursor)}`);
      if (!answer.ok || known.peek().path !== path) return undefined;
      known.value = { path, is: merged(known.peek().is, answer.value, below) };
      return answer.value.items.at(-1)?.id;
    },
    [path, known],
  );
  const more = async () => {
    if (isLoading.peek()) return;
    isLoading.value = true;
    await load(is.items.at(-1)?.id);
    isLoading.value = false;
  };
  return {
    items: isKnown ? is.items : undefined,
    failure: first.failure,
    hasMore: is.cursors.has(is.items.at(-1)?.id ?? ""),
    isLoading: isLoading.value,
    more: () => void more(),
    lookAt: useLookAgain({
      known: () => known.peek().is,
      load,
      endOfFirst: isKnown ? value?.items.at(-1)?.id : undefined,
    }),
  };
}
