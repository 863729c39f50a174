import { durationInWords } from "../../domain/duration.ts";
import type { RecentRunView } from "../../store/run-history.ts";
import type { Items } from "./ask.ts";
import { goTo, wordsOf } from "./bars.tsx";
import { useData } from "./data.ts";
import { Drawing } from "./drawing.tsx";
import { Section } from "./parts.tsx";
import { percent, plural, quantile } from "./words.ts";

const RUNS = 150;
const WIDTH = 1_000;
const HEIGHT = 140;

/** How long the newest runs took, oldest left, with what is usual. */
export function DurationChart({ flow }: { readonly flow: string }) {
  const query = new URLSearchParams({ flow, n: String(RUNS) });
  const data = useData<Items<{ readonly runs: readonly RecentRunView[] }>>(
    `/api/recent-runs?${query}`,
    { calmMs: 1_500 },
  );
  const runs = (data.value?.items[0]?.runs ?? []).toReversed();
  const ended = runs.filter(({ open, tookMs }) => open !== true && tookMs !== undefined);
  if (ended.length === 0) return null;
  const lengths = ended.map(({ tookMs = 0 }) => tookMs).toSorted((one, other) => one - other);
  const longest = Math.max(1, lengths.at(-1) ?? 1);
  const good = ended.filter(({ state }) => state === "COMPLETED").length;
  const usual = quantile(lengths, 0.5) ?? 0;
  const most = quantile(lengths, 0.95) ?? 0;
  const facts = `half within ${durationInWords(usual)}, 95 % within ${durationInWords(most)}, ${percent(good, ended.length)} completed`;
  const step = Math.min(WIDTH / ended.length, 40);
  const runAt = (share: number) => ended[Math.floor((share * WIDTH) / step)];
  return (
    <Section
      name="How long it takes"
      aside={<span class="dim">{`${plural(ended.length, "run")}: ${facts}`}</span>}
    >
      <div class="chart-frame">
        <span class="scale" aria-hidden="true">
          <span>{durationInWords(longest)}</span>
          <span>0</span>
        </span>
        <Drawing
          kind="durations"
          width={WIDTH}
          height={HEIGHT}
          shapes={ended.map((run, index) => {
            const height = Math.max(3, ((run.tookMs ?? 0) / longest) * HEIGHT);
            const width = Math.max(1, step * 0.8);
            return { type: run.state, x: index * step, y: HEIGHT - height, width, height };
          })}
          under={
            <>
              <Line value={usual} longest={longest} />
              <Line value={most} longest={longest} />
            </>
          }
          wordsAt={(share) => wordsOf(runAt(share))}
          onPick={(share) => goTo(runAt(share))}
        />
      </div>
    </Section>
  );
}

function Line({ value, longest }: { readonly value: number; readonly longest: number }) {
  const y = HEIGHT - (value / longest) * HEIGHT;
  return <line class="usual" x1={0} x2={WIDTH} y1={y} y2={y} vector-effect="non-scaling-stroke" />;
}
