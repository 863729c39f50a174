import { useSignal } from "@preact/signals";
import type { RefObject } from "preact";
import { useEffect } from "preact/hooks";
import { chosenRow } from "./keys.ts";

/** Which of many rows are near enough to be seen. */
export interface Windowed {
  readonly from: number;
  readonly to: number;
  /** Pixels of the rows before and after that are left out. */
  readonly before: number;
  readonly after: number;
}

export interface WindowedOptions {
  readonly count: number;
  readonly rowHeight: number;
  /** What holds the rows; what scrolls is the page, unless `scrolls`. */
  readonly holder: RefObject<HTMLElement | null>;
  readonly scrolls?: boolean;
}

const SPARE = 8;

/** Follows the scrolling, so that a list of many thousand rows costs as much as what is seen of it. */
export function useWindowed({
  count,
  rowHeight,
  holder,
  scrolls = false,
}: WindowedOptions): Windowed {
  const seen = useSignal<readonly [first: number, rows: number]>([
    0,
    Math.ceil(innerHeight / rowHeight),
  ]);
  useEffect(() => {
    const look = () => {
      const next = sightOf(holder.current, { rowHeight, scrolls });
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
  }, [rowHeight, holder, scrolls, seen]);
  const [first, rows] = seen.value;
  const from = Math.max(0, Math.min(first, count - 1) - SPARE);
  const to = Math.min(count, first + rows + SPARE);
  return { from, to, before: from * rowHeight, after: (count - to) * rowHeight };
}

/** The first row in sight, and how many are. */
function sightOf(
  holder: HTMLElement | null,
  { rowHeight, scrolls }: { readonly rowHeight: number; readonly scrolls: boolean },
): readonly [first: number, rows: number] {
  if (holder === null) return [0, 0];
  const box = holder.getBoundingClientRect();
  const top = scrolls ? holder.scrollTop : Math.max(0, -box.top);
  const height = scrolls ? box.height : innerHeight;
  return [Math.floor(top / rowHeight), Math.ceil(height / rowHeight)];
}

/** Brings the row that the keys have come to into sight. */
export function useChosenInSight({ rowHeight, holder }: Omit<WindowedOptions, "count">): void {
  const chosen = chosenRow.value;
  useEffect(() => {
    const top = holder.current?.getBoundingClientRect().top;
    if (chosen < 0 || top === undefined) return;
    const row = top + chosen * rowHeight;
    if (row < 80) scrollBy(0, row - 80);
    else if (row + rowHeight > innerHeight - 40) scrollBy(0, row + rowHeight - innerHeight + 40);
  }, [chosen, rowHeight, holder]);
}
