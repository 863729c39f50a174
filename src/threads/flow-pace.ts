/** Up to here a flow counts as quick: several of its runs may be posted to one thread at once. */
export const QUICK_MS = 2;
/** How much of the newest duration goes into the moving average. */
const WEIGHT = 0.3;

/** How long the recent runs of each flow took, as a moving average in milliseconds. */
export interface FlowPaces {
  /** Undefined for a flow of which nothing is known yet. */
  of(flow: string): number | undefined;
  note(flow: string, tookMs: number): void;
}

export function flowPaces(): FlowPaces {
  const paces = new Map<string, number>();
  return {
    of: (flow) => paces.get(flow),
    note(flow, tookMs) {
      const before = paces.get(flow);
      paces.set(flow, before === undefined ? tookMs : before + WEIGHT * (tookMs - before));
    },
  };
}
