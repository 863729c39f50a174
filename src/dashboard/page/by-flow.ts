import { useSignal } from "@preact/signals";
import { useLayoutEffect, useMemo } from "preact/hooks";
import { type Answer, ask, type Items } from "./ask.ts";
import { useBeat } from "./data.ts";

const CHUNK = 10;
const CALM_MS = 1_200;
const NONE = new Map<string, never>();

export interface Shown {
  /** "" where a row is of no flow. */
  readonly names: readonly string[];
  readonly from: number;
  readonly to: number;
}

interface Known<Item> {
  readonly path: string;
  readonly items: ReadonlyMap<string, Item>;
}

/** What a path answers for each flow, asked for only for those that are seen, some after the other. */
export function useByFlow<Item extends { readonly flow: string }>(
  path: string,
  { names, from, to }: Shown,
): ReadonlyMap<string, Item> {
  const known = useSignal<Known<Item>>({ path, items: new Map() });
  const answers = useMemo(() => new Map<string, Answer<Items<Item>>>(), [path]);
  const beat = useBeat({ calmMs: CALM_MS });
  const asked = chunksOf({ names, from, to }).join("\n\n");
  useLayoutEffect(() => {
    let isOld = false;
    const load = async (chunk: readonly string[]) => {
      const whole = path + chunk.map((name) => `&flow=${encodeURIComponent(name)}`).join("");
      const before = answers.get(whole);
      const answer = await ask<Items<Item>>(whole, before);
      if (isOld || !answer.ok || (answer === before && known.peek().path === path)) return;
      answers.set(whole, answer);
      const items = answer.value.items.map((item) => [item.flow, item] as const);
      const others = known.peek().path === path ? known.peek().items : [];
      known.value = { path, items: new Map([...others, ...items]) };
    };
    const loadAll = async () => {
      for (const chunk of asked.split("\n\n")) {
        if (!isOld && chunk !== "") await load(chunk.split("\n"));
      }
    };
    void loadAll();
    return () => {
      isOld = true;
    };
  }, [path, asked, beat, answers]);
  return known.value.path === path ? known.value.items : NONE;
}

/** Names that are asked for together, a line each, those in the middle of the sight first. */
function chunksOf({ names, from, to }: Shown): readonly string[] {
  const first = Math.floor(from / CHUNK);
  const last = Math.floor(Math.max(from, to - 1) / CHUNK);
  const middle = (from + to) / 2 / CHUNK - 0.5;
  return Array.from({ length: last - first + 1 }, (_, index) => first + index)
    .toSorted((one, other) => Math.abs(one - middle) - Math.abs(other - middle))
    .map((chunk) => names.slice(chunk * CHUNK, (chunk + 1) * CHUNK))
    .map((chunk) => chunk.filter((name) => name !== "").join("\n"));
}
