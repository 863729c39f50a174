import { useEffect, useRef } from "preact/hooks";
import type { StateType } from "../../domain/state.ts";
import type { Outcomes } from "../../store/run-history.ts";
import type { Items } from "./ask.ts";
import { useData } from "./data.ts";
import { Section, Time } from "./parts.tsx";
import { go } from "./router.ts";
import { plural } from "./words.ts";

const WEEKS = 26;
const DAY_MS = 86_400_000;
const CELL = 17;
/** What scrolls must be reached by keys. */
const REACHED = { tabIndex: 0 };

interface Day {
  readonly begin: Date;
  readonly end: Date;
  readonly runs: Partial<Record<StateType, number>>;
}

/** How the runs of each day ended: a column is a week, as in the browser's zone. */
export function Calendar({ flow }: { readonly flow: string }) {
  const query = new URLSearchParams({ flow, since: `${WEEKS * 7}d`, every: "15" });
  const data = useData<Items<Outcomes>>(`/api/outcomes?${query}`, { calmMs: 10_000 });
  const outcomes = data.value?.items[0];
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (outcomes !== undefined) frame.current?.scrollTo(frame.current.scrollWidth, 0);
  }, [outcomes]);
  if (outcomes === undefined) return null;
  const days = daysOf(outcomes);
  const first = days[0]?.begin.getDay() ?? 0;
  const weeks = Math.ceil((days.length + ((first + 6) % 7)) / 7);
  return (
    <Section
      name="Outcomes by day"
      aside={
        outcomes.countedFrom === undefined ? null : (
          <span class="dim">
            Too many runs to count: since <Time iso={outcomes.countedFrom} />
          </span>
        )
      }
    >
      <p class="unseen">{inWords(days)}</p>
      <div class="scrolls" ref={frame} {...REACHED}>
        <svg class="calendar" width={weeks * CELL + 34} height={7 * CELL + 16} aria-hidden="true">
          {["Mon", "Wed", "Fri"].map((name, index) => (
            <text key={name} x={0} y={index * 2 * CELL + 11}>
              {name}
            </text>
          ))}
          {monthsOf(days, first).map(([name, x]) => (
            <text key={x} x={x} y={7 * CELL + 11}>
              {name}
            </text>
          ))}
          {days.map((day, index) => (
            <Cell
              key={day.begin.getTime()}
              flow={flow}
              day={day}
              place={index + ((first + 6) % 7)}
            />
          ))}
        </svg>
      </div>
    </Section>
  );
}

function daysOf({ bins }: Outcomes): readonly Day[] {
  const today = new Date();
  const counts = new Map<string, Partial<Record<StateType, number>>>();
  for (const { at, runs } of bins) {
    const key = new Date(at).toDateString();
    const day = counts.get(key) ?? {};
    for (const [type, count = 0] of Object.entries(runs) as [StateType, number | undefined][]) {
      day[type] = (day[type] ?? 0) + count;
    }
    counts.set(key, day);
  }
  return Array.from({ length: WEEKS * 7 }, (_, index) => {
    // By calendar days, and not by 24 hours: a day of a clock change is longer or shorter.
    const ago = WEEKS * 7 - 1 - index;
    const begin = new Date(today.getFullYear(), today.getMonth(), today.getDate() - ago);
    const end = new Date(begin.getFullYear(), begin.getMonth(), begin.getDate() + 1);
    return { begin, end, runs: counts.get(begin.toDateString()) ?? {} };
  });
}

/** Where months begin, and what they are called. */
function monthsOf(days: readonly Day[], first: number): readonly (readonly [string, number])[] {
  return days.flatMap(({ begin }, index) => {
    const x = Math.floor((index + ((first + 6) % 7)) / 7) * CELL + 32;
    const name = begin.toLocaleDateString(undefined, { month: "short" });
    return begin.getDate() === 1 ? [[name, x] as const] : [];
  });
}

function Cell({
  flow,
  day: { begin, end, runs },
  place,
}: {
  readonly flow: string;
  readonly day: Day;
  readonly place: number;
}) {
  const total = Object.values(runs).reduce((sum, count) => sum + count, 0);
  const bad = (runs.FAILED ?? 0) + (runs.CRASHED ?? 0);
  const x = Math.floor(place / 7) * CELL + 32;
  const y = (place % 7) * CELL;
  const text = `${begin.toLocaleDateString(undefined, { dateStyle: "medium" })}: ${plural(total, "run")}${bad > 0 ? `, ${bad} failed or crashed` : ""}`;
  const since = begin.toISOString();
  const to = `/runs?${new URLSearchParams({ flow, since, until: end.toISOString() })}`;
  const size = CELL - 3;
  const badHeight = total === 0 ? 0 : Math.max(bad > 0 ? 3 : 0, (bad / total) * size);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the drawing is hidden from readers; the list of runs is where its facts are
    <g onClick={() => total > 0 && go(to)} class={total > 0 ? "day" : ""}>
      <title>{text}</title>
      <rect class="ground" x={x} y={y} width={size} height={size} rx={2} />
      {total === 0 ? null : (
        <rect class="fill completed" x={x} y={y} width={size} height={size} rx={2} />
      )}
      {bad === 0 ? null : (
        <rect
          class="fill failed"
          x={x}
          y={y + size - badHeight}
          width={size}
          height={badHeight}
          rx={2}
        />
      )}
    </g>
  );
}

function inWords(days: readonly Day[]): string {
  const withRuns = days.filter(({ runs }) => Object.keys(runs).length > 0);
  const bad = withRuns.filter(({ runs }) => (runs.FAILED ?? 0) + (runs.CRASHED ?? 0) > 0);
  const last = bad.at(-1);
  const when =
    last === undefined
      ? ""
      : `, the last ${Math.round((Date.now() - last.begin.getTime()) / DAY_MS)} days ago`;
  return `It ran on ${plural(withRuns.length, "day")} of the last ${days.length}; on ${bad.length} a run failed or crashed${when}`;
}
