import { useSignal } from "@preact/signals";
import { useLayoutEffect } from "preact/hooks";
import { ask, type Items } from "./ask.ts";
import { useBeat } from "./data.ts";

const CHUNK = 25;
const CALM_MS = 1_200;

export interface Shown {
  readonly names: readonly string[];
  readonly from: number;
  readonly to: number;
}

/** What a path answers for each flow, asked for only for those that are seen, some at a time. */
export function useByFlow<Item extends { readonly flow: string }>(
  path: string,
  { names, from, to }: Shown,
): ReadonlyMap<string, Item> {
  const known = useSignal<{ path: string; items: ReadonlyMap<string, Item> }>({
    path,
    items: new Map(),
  });
  const beat = useBeat({ calmMs: CALM_MS });
  const first = Math.floor(from / CHUNK);
  const last = Math.floor(Math.max(from, to - 1) / CHUNK);
  const asked = names.slice(first * CHUNK, (last + 1) * CHUNK).join("\n");
  useLayoutEffect(() => {
    let isOld = false;
    const load = async (chunk: readonly string[]) => {
      const flows = chunk.map((name) => `&flow=${encodeURIComponent(name)}`).join("");
      const answer = await ask<Items<Item>>(path + flows);
      if (isOld || !answer.ok) return;
      const before = known.peek().path === path ? known.peek().items : [];
      const items = answer.value.items.map((item) => [item.flow, item] as const);
      known.value = { path, items: new Map([...before, ...items]) };
    };
    const all = asked === "" ? [] : asked.split("\n");
    for (let start = 0; start < all.length; start += CHUNK)
      void load(all.slice(start, start + CHUNK));
    return () => {
      isOld = true;
    };
  }, [path, asked, beat]);
  return known.value.path === path ? known.value.items : new Map();
}
