import { computed, type ReadonlySignal } from "@preact/signals";
import type { OutcomesView } from "../../http/overview-routes.ts";
import type { OutcomeBin } from "../../store/run-history.ts";
import { Drawing, type Shape } from "./drawing.tsx";
import { now } from "./live.ts";
import { go } from "./router.ts";
import { SPANS, type Span } from "./spans.ts";
import { absolute, plural } from "./words.ts";

const WIDTH = 1_000;
const HEIGHT = 24;
const MINUTE_MS = 60_000;
/** What is worst lies lowest: it is seen first. */
const LAYERS = [
  "FAILED",
  "CRASHED",
  "CANCELLED",
  "CANCELLING",
  "PAUSED",
  "RUNNING",
  "PENDING",
  "SCHEDULED",
  "COMPLETED",
] as const;

/** Now, in steps too small to be seen in a chart of a span: it is not drawn again every second. */
const NOW: Readonly<Record<Span, ReadonlySignal<number>>> = {
  "6h": steppedNow("6h"),
  "24h": steppedNow("24h"),
  "7d": steppedNow("7d"),
};

function steppedNow(span: Span): ReadonlySignal<number> {
  const step = (SPANS[span].backMs + SPANS[span].aheadMs) / (2 * WIDTH);
  return computed(() => Math.ceil(now.value / step) * step);
}

/** Where a moment is, in a drawing of a span: now is at 6/7 of it, or near. */
function xOf(ms: number, span: Span, today: number): number {
  const { backMs, aheadMs } = SPANS[span];
  return ((ms - (today - backMs)) / (backMs + aheadMs)) * WIDTH;
}

interface TrackOptions {
  readonly flow: string;
  readonly span: Span;
  readonly outcomes: OutcomesView | undefined;
}

/** How a flow's runs ended over time, and when it is due: a bin's colours are its runs', in their shares. */
export function Track({ flow, span, outcomes }: TrackOptions) {
  const today = NOW[span].value;
  const { bins = [], dues = [] } = outcomes ?? {};
  const x = (iso: string) => xOf(Date.parse(iso), span, today);
  const cut = outcomes?.countedFrom === undefined ? 0 : Math.max(0, x(outcomes.countedFrom));
  const momentAt = (share: number) =>
    today - SPANS[span].backMs + share * (SPANS[span].backMs + SPANS[span].aheadMs);
  const binAt = (share: number) => bins.find(({ at }) => isInBin(at, span, momentAt(share)));
  return (
    <>
      <span class="unseen">{inWords(outcomes)}</span>
      <Drawing
        kind="track"
        width={WIDTH}
        height={HEIGHT}
        shapes={bins.flatMap((bin) => shapesOf(bin, span, today))}
        under={cut === 0 ? null : <rect class="uncounted" width={cut} height={HEIGHT} />}
        over={
          <>
            <path class="due" d={dues.map((due) => markOf(x(due))).join("")} />
            <rect class="now" x={xOf(today, span, today)} width={2} height={HEIGHT} />
          </>
        }
        wordsAt={(share) => {
          const bin = binAt(share);
          if (bin !== undefined) return `${wordsOf(bin)}, from ${absolute(Date.parse(bin.at))}`;
          if (share * WIDTH < cut) return "Too many runs: those before were not counted";
          return dueIn(dues, span, momentAt(share));
        }}
        onPick={(share) => goTo(flow, span, binAt(share))}
      />
    </>
  );
}

function isInBin(at: string, span: Span, moment: number): boolean {
  const everyMs = SPANS[span].everyMinutes * MINUTE_MS;
  return Math.floor(Date.parse(at) / everyMs) === Math.floor(moment / everyMs);
}

/** A mark stands for all due times of its bin: the first of them is told. */
function dueIn(dues: readonly string[], span: Span, moment: number): string {
  const due = dues.find((one) => isInBin(one, span, moment));
  return due === undefined ? "" : `due from ${absolute(Date.parse(due))}`;
}

function goTo(flow: string, span: Span, bin: OutcomeBin | undefined): void {
  if (bin === undefined) return;
  const until = Date.parse(bin.at) + SPANS[span].everyMinutes * MINUTE_MS;
  go(`/runs?${new URLSearchParams({ flow, since: bin.at, until: new Date(until).toISOString() })}`);
}

function markOf(x: number): string {
  return `M${x.toFixed(1)} 7h3v10h-3z`;
}

function shapesOf(bin: OutcomeBin, span: Span, today: number): readonly Shape[] {
  const { backMs, aheadMs, everyMinutes } = SPANS[span];
  const x = xOf(Date.parse(bin.at), span, today);
  const end = x + ((everyMinutes * MINUTE_MS) / (backMs + aheadMs)) * WIDTH;
  // What is to come begins at now, though the bin is not full yet.
  const width = Math.max(2, Math.min(end, xOf(today, span, today)) - x - 1.5);
  const total = countOf(bin);
  let y = HEIGHT;
  return LAYERS.filter((type) => (bin.runs[type] ?? 0) > 0).map((type) => {
    const height = ((bin.runs[type] ?? 0) / total) * HEIGHT;
    y -= height;
    return { type, x, y, width, height };
  });
}

function countOf({ runs }: OutcomeBin): number {
  return Object.values(runs).reduce((sum, count) => sum + count, 0);
}

function wordsOf({ runs }: OutcomeBin): string {
  return Object.entries(runs)
    .map(([type, count]) => `${count} ${type.toLowerCase()}`)
    .join(", ");
}

function inWords(outcomes: OutcomesView | undefined): string {
  if (outcomes === undefined || outcomes.bins.length === 0) return "No runs in this time";
  const total = outcomes.bins.reduce((sum, bin) => sum + countOf(bin), 0);
  const bad = outcomes.bins.reduce(
    (sum, { runs }) => sum + (runs.FAILED ?? 0) + (runs.CRASHED ?? 0),
    0,
  );
  return `${plural(total, "run")}, ${bad} failed or crashed`;
}

const FORMATS = {
  "6h": { hour: "2-digit", minute: "2-digit" },
  "24h": { hour: "2-digit", minute: "2-digit" },
  "7d": { weekday: "short", day: "numeric" },
} as const;
const STEPS: Readonly<Record<Span, number>> = { "6h": 2, "24h": 6, "7d": 48 };

/** The times over the tracks, in the browser's zone. */
export function TimeAxis({ span }: { readonly span: Span }) {
  const today = NOW[span].value;
  const { backMs, aheadMs } = SPANS[span];
  const step = STEPS[span] * 3_600_000;
  const format = new Intl.DateTimeFormat(undefined, FORMATS[span]);
  const offset = new Date(today).getTimezoneOffset() * MINUTE_MS;
  const first = Math.ceil((today - backMs - offset) / step) * step + offset;
  const marks = Array.from({ length: 8 }, (_, index) => first + index * step);
  return (
    <span class="axis">
      {marks
        .filter((mark) => mark < today + aheadMs - step / 4)
        .map((mark) => (
          <span key={mark} style={{ left: `${xOf(mark, span, today) / 10}%` }}>
            {format.format(mark)}
          </span>
        ))}
    </span>
  );
}
