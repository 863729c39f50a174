/** Up to here a flow counts as quick: several of its runs may be posted to one thread at once. */
export const QUICK_MS = 2;
/** How much of the newest duration goes into the moving average. */
const WEIGHT = 0.3;
/** New flows differ: only several slow ones in a row count. */
const NEWCOMER_WEIGHT = 0.1;
const NEWCOMER_MS_MAX = 10;

/** How long the recent runs of each flow took, as a moving average in milliseconds. */
export interface FlowPaces {
  /** Undefined for a flow of which nothing is known yet. */
  of(flow: string): number | undefined;
  /** How long the first known runs of flows took lately: what is to be expected of one of which nothing is known. */
  ofNewcomers(): number;
  /** `cold`: the first run in its thread, which pays for what that loads. It says nothing of other flows. */
  note(flow: string, tookMs: number, how?: { readonly cold: boolean }): void;
}

export function flowPaces(): FlowPaces {
  const paces = new Map<string, number>();
  let newcomers = QUICK_MS / 4;
  return {
    of: (flow) => paces.get(flow),
    ofNewcomers: () => newcomers,
    note(flow, tookMs, { cold } = { cold: false }) {
      const before = paces.get(flow);
      paces.set(flow, before === undefined ? tookMs : before + WEIGHT * (tookMs - before));
      if (before !== undefined || cold) return;
      newcomers += NEWCOMER_WEIGHT * (Math.min(tookMs, NEWCOMER_MS_MAX) - newcomers);
    },
  };
}
