import { durationInWords } from "../../domain/duration.ts";
import type { RecentRunView } from "../../store/run-history.ts";
import { Drawing } from "./drawing.tsx";
import { now } from "./live.ts";
import { at, go } from "./router.ts";
import { absolute, plural } from "./words.ts";

const BAR = 5;
const HEIGHT = 24;

/** The newest runs of a flow, oldest left: colour is the state, height how long it took beside the others. */
export function Bars({
  flow,
  runs,
  slots,
}: {
  readonly flow: string;
  readonly runs: readonly RecentRunView[];
  readonly slots: number;
}) {
  const shown = runs.slice(0, slots).toReversed();
  const longest = Math.max(1, ...shown.map((run) => lengthOf(run)));
  const width = slots * BAR;
  const left = slots - shown.length;
  const runAt = (share: number) => shown[Math.floor(share * slots) - left];
  return (
    <>
      <span class="unseen">{inWords(flow, shown)}</span>
      <Drawing
        kind="bars"
        width={width}
        height={HEIGHT}
        shapes={shown.map((run, index) => {
          const height = 4 + (HEIGHT - 4) * Math.sqrt(lengthOf(run) / longest);
          const x = (left + index) * BAR;
          return { type: run.state, x, y: HEIGHT - height, width: BAR - 1, height };
        })}
        wordsAt={(share) => wordsOf(runAt(share))}
        onPick={(share) => goTo(runAt(share))}
      />
    </>
  );
}

function lengthOf({ open, at: began, tookMs = 0 }: RecentRunView): number {
  return open === true ? Math.max(0, now.peek() - Date.parse(began)) : tookMs;
}

export function goTo(run: RecentRunView | undefined): void {
  if (run !== undefined) go(at("runs", run.id));
}

export function wordsOf(run: RecentRunView | undefined): string {
  if (run === undefined) return "";
  const length = run.tookMs === undefined ? "" : `, ${durationInWords(lengthOf(run))}`;
  return `${run.state.toLowerCase()}${length}, ${absolute(Date.parse(run.at))}`;
}

function inWords(flow: string, runs: readonly RecentRunView[]): string {
  const ended = runs.filter(({ open }) => open !== true);
  const good = ended.filter(({ state }) => state === "COMPLETED").length;
  return `The last ${plural(runs.length, "run")} of ${flow}: ${good} of ${ended.length} ended ones completed`;
}
