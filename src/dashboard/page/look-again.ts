import { useCallback, useEffect, useRef } from "preact/hooks";
import { useBeat } from "./data.ts";
import type { Known, Named } from "./page-merge.ts";

/** Which items of a list are looked at, by id: those between, and both. */
export interface Sight {
  readonly newest: string;
  readonly oldest: string;
}

export interface LookAgainOptions {
  /** The list as it is known at the moment. */
  readonly known: () => Known<Named>;
  /** Asks for the page below an item; answers its last one's id, or undefined where there is none. */
  readonly load: (below: string) => Promise<string | undefined>;
  /** The last item of the first page, which is asked for again anyhow. */
  readonly endOfFirst: string | undefined;
}

const CALM_MS = 1_000;
/** Who scrolls looks at nothing yet. */
const REST_MS = 200;
/** Pages at once: no sight is longer. */
const PAGES_MAX = 5;

/** Has older pages that are looked at asked for again when something may have changed, or somebody looks elsewhere. */
export function useLookAgain(options: LookAgainOptions): (sight: Sight) => void {
  const sight = useRef<Sight | undefined>(undefined);
  const newest = useRef(options);
  newest.current = options;
  const isBusy = useRef(false);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const isMissed = useRef(false);
  const look = useCallback(async () => {
    // What happens while it is asked for may not be in the answer.
    isMissed.current = isBusy.current;
    if (isBusy.current || sight.current === undefined) return;
    isBusy.current = true;
    await loadAll(newest.current, sight.current);
    isBusy.current = false;
    if (isMissed.current) void look();
  }, []);
  const beat = useBeat({ calmMs: CALM_MS });
  useEffect(() => void look(), [beat, look]);
  useEffect(() => () => clearTimeout(timer.current), []);
  return useCallback(
    (next) => {
      sight.current = next;
      clearTimeout(timer.current);
      timer.current = setTimeout(() => void look(), REST_MS);
    },
    [look],
  );
}

async function loadAll({ known, load, endOfFirst }: LookAgainOptions, sight: Sight): Promise<void> {
  let below = beginOf(known(), { sight, endOfFirst });
  for (let page = 0; page < PAGES_MAX && below !== undefined; page += 1) {
    const last: string | undefined = await load(below);
    below = last !== undefined && isAbove(known(), last, sight.oldest) ? last : undefined;
  }
}

interface Looked {
  readonly sight: Sight;
  readonly endOfFirst: string | undefined;
}

/** The last item above the sight that a page lies below; undefined where the first page is all that is seen. */
function beginOf(known: Known<Named>, { sight, endOfFirst }: Looked): string | undefined {
  const { items, cursors } = known;
  if (endOfFirst === undefined || !isAbove(known, endOfFirst, sight.oldest)) return undefined;
  const seen = items.findIndex(({ id }) => id === sight.newest);
  const first = items.findIndex(({ id }) => id === endOfFirst);
  return items.slice(first, Math.max(first + 1, seen)).findLast(({ id }) => cursors.has(id))?.id;
}

function isAbove({ items }: Known<Named>, one: string, other: string): boolean {
  const found = items.find(({ id }) => id === one || id === other);
  return found?.id === one && one !== other;
}
