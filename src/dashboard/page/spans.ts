const HOUR_MS = 3_600_000;

export type Span = "6h" | "24h" | "7d";

/** How far back a chart of a span goes, how far ahead, and how long its bins are. */
export const SPANS: Readonly<
  Record<Span, { readonly backMs: number; readonly aheadMs: number; readonly everyMinutes: number }>
> = {
  "6h": { backMs: 6 * HOUR_MS, aheadMs: HOUR_MS, everyMinutes: 5 },
  "24h": { backMs: 24 * HOUR_MS, aheadMs: 4 * HOUR_MS, everyMinutes: 20 },
  "7d": { backMs: 168 * HOUR_MS, aheadMs: 24 * HOUR_MS, everyMinutes: 120 },
};

export function isSpan(text: string): text is Span {
  return Object.hasOwn(SPANS, text);
}

/** What a chart of a span is drawn of, without the flows. */
export function pathOf(span: Span): string {
  const { everyMinutes, aheadMs } = SPANS[span];
  return `/api/outcomes?since=${span}&every=${everyMinutes}&ahead=${aheadMs / 60_000}`;
}
