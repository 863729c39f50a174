import { useSignal } from "@preact/signals";
import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { chosenRow } from "./keys.ts";
import type { RowPlaces } from "./row-places.ts";

/** Which of many rows are near enough to be seen. */
export interface Windowed {
  readonly from: number;
  readonly to: number;
  /** Pixels of the rows before and after that are left out. */
  readonly before: number;
  readonly after: number;
}

export interface WindowedOptions {
  readonly rows: RowPlaces;
  /** What holds the rows; what scrolls is the page, unless `scrolls`. */
  readonly holder: RefObject<HTMLElement | null>;
  readonly scrolls?: boolean;
}

const SPARE = 6;
/** What stays at the top of the page and covers rows. */
const HEAD = 48;
/** Where no row is drawn yet: every view has at least so much above its rows. */
const ABOVE = 140;

/** Follows the scrolling, so that a list of many thousand rows costs as much as what is seen of it. */
export function useWindowed({ rows, holder, scrolls = false }: WindowedOptions): Windowed {
  const seen = useSignal<readonly [first: number, last: number]>([
    0,
    rows.rowAt(innerHeight - ABOVE),
  ]);
  // Not before the paint: to ask where things are then would have all of them laid out twice.
  useEffect(() => {
    const look = () => {
      const next = sightOf(holder.current, { rows, scrolls });
      if (next.join() !== seen.peek().join()) seen.value = next;
    };
    look();
    const scroller = scrolls ? holder.current : document;
    scroller?.addEventListener("scroll", look, { passive: true });
    addEventListener("resize", look);
    return () => {
      scroller?.removeEventListener("scroll", look);
      removeEventListener("resize", look);
    };
  }, [rows, holder, scrolls, seen]);
  const { count } = rows;
  const [first, last] = seen.value;
  const from = Math.max(0, Math.min(first, count - 1) - SPARE);
  const to = Math.max(from, Math.min(count, last + 1 + SPARE));
  return { from, to, before: rows.topOf(from), after: rows.topOf(count) - rows.topOf(to) };
}

/** The first row in sight, and the last. */
function sightOf(
  holder: HTMLElement | null,
  { rows, scrolls }: { readonly rows: RowPlaces; readonly scrolls: boolean },
): readonly [first: number, last: number] {
  if (holder === null) return [0, 0];
  const box = holder.getBoundingClientRect();
  if (scrolls) return [rows.rowAt(holder.scrollTop), rows.rowAt(holder.scrollTop + box.height)];
  return [rows.rowAt(Math.max(0, -box.top)), rows.rowAt(Math.max(0, innerHeight - box.top))];
}

interface SteadyOptions {
  readonly rows: RowPlaces;
  readonly holder: RefObject<HTMLElement | null>;
  /** What each row is of, whichever place it has. */
  readonly ids: readonly string[];
}

/** Keeps what somebody reads, or has come to by keys, where it is when rows come or go above it. */
export function useSteady({ rows, holder, ids }: SteadyOptions): void {
  const before = useRef({ ids, rows });
  useLayoutEffect(() => {
    const { ids: old, rows: oldRows } = before.current;
    before.current = { ids, rows };
    if (old === ids || old.length === 0 || holder.current === null) return;
    const chosen = old[chosenRow.peek()];
    if (chosen !== undefined) chosenRow.value = ids.indexOf(chosen);
    const above = HEAD - holder.current.getBoundingClientRect().top;
    if (above <= 0) return;
    const first = oldRows.rowAt(above);
    const places = new Map(ids.map((id, index) => [id, index]));
    const stayed = old.findIndex((id, index) => index >= first && places.has(id));
    const place = places.get(old[stayed] ?? "");
    if (place !== undefined) scrollBy(0, rows.topOf(place) - oldRows.topOf(stayed));
  }, [ids, rows, holder]);
}

/** Brings the row that the keys have come to into sight. */
export function useChosenInSight({ rows, holder }: Omit<WindowedOptions, "scrolls">): void {
  const chosen = chosenRow.value;
  useLayoutEffect(() => {
    if (chosen < 0 || holder.current === null) return;
    const { top } = holder.current.getBoundingClientRect();
    const begin = top + rows.topOf(chosen);
    const end = top + rows.topOf(chosen + 1);
    if (begin < HEAD + 32) scrollBy(0, begin - HEAD - 32);
    else if (end > innerHeight - 40) scrollBy(0, end - innerHeight + 40);
  }, [chosen, holder]);
}
