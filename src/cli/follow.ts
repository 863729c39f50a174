import type { RunView } from "../domain/run-view.ts";
import { isTerminal } from "../domain/state.ts";
import type { LogView, TransitionView } from "../store/run-history.ts";
import type { Api } from "./client.ts";
import type { News } from "./news.ts";

/** What somebody who follows a run is told. */
export interface Watch {
  onTransition?(transition: TransitionView): void;
  onLine?(line: LogView): void;
  /** Only lines of this level and graver. */
  readonly level?: string;
  /** Lines up to this number are known already. */
  readonly after?: number;
  /** Transitions up to this one are known already. */
  readonly afterSeq?: number;
  /** Also stops at a run of which this is true, though it is not over. */
  readonly until?: (run: RunView) => boolean;
  /** Says when there is something to read; without it, it is looked again and again. */
  readonly news?: News;
}

const PAUSE_LEAST_MS = 20;
const PAUSE_MOST_MS = 500;

/** How far somebody who follows a run has been told of it. */
interface Told {
  readonly mark: string;
  readonly seq: number;
  readonly line: number;
}

type FollowApi = Pick<Api, "findRun" | "listTransitions" | "listLogs">;

/** Follows a run until nothing more happens to it by itself; answers it as it then is. */
export async function followRun(api: FollowApi, reference: string, watch: Watch): Promise<RunView> {
  let pauseMs = PAUSE_LEAST_MS;
  let told: Told = { mark: "", seq: watch.afterSeq ?? 0, line: watch.after ?? 0 };
  for (;;) {
    // The state is read before the lines, so that all lines of a run that is over are there.
    const run = await api.findRun(reference);
    const now = await tellNews(api, run, { watch, told });
    if (isTerminal(run.state.type) || watch.until?.(run) === true) return run;
    const isNews = now.mark !== told.mark || now.line !== told.line;
    pauseMs = isNews ? PAUSE_LEAST_MS : Math.min(pauseMs * 1.5, PAUSE_MOST_MS);
    told = now;
    await (watch.news?.next(pauseMs) ?? pause(pauseMs));
  }
}

async function tellNews(
  api: FollowApi,
  { id, state, attempt }: RunView,
  { watch, told }: { readonly watch: Watch; readonly told: Told },
): Promise<Told> {
  const mark = `${state.at}/${state.name}/${attempt}`;
  const steps = mark === told.mark ? [] : await stepsAfter(api, id, { watch, after: told.seq });
  const lines = await linesAfter(api, id, { watch, after: told.line });
  tell(watch, steps, lines);
  return { mark, seq: steps.at(-1)?.seq ?? told.seq, line: lines.at(-1)?.no ?? told.line };
}

interface From {
  readonly watch: Watch;
  readonly after: number;
}

async function stepsAfter(
  api: FollowApi,
  run: string,
  { watch, after }: From,
): Promise<readonly TransitionView[]> {
  if (watch.onTransition === undefined) return [];
  const { items } = await api.listTransitions(run);
  return items.filter((transition) => transition.seq > after);
}

async function linesAfter(api: FollowApi, run: string, { watch, after }: From): Promise<LogView[]> {
  if (watch.onLine === undefined) return [];
  const lines: LogView[] = [];
  for (;;) {
    const last = lines.at(-1)?.no ?? after;
    const page = await api.listLogs(run, { after: String(last), level: watch.level });
    lines.push(...page.items);
    if (page.next === undefined) return lines;
  }
}

/** Both in the order in which they happened; of one instant, the end of the run comes last. */
function tell(watch: Watch, steps: readonly TransitionView[], lines: readonly LogView[]): void {
  const isEnd = (step: TransitionView) => step.taskRun === undefined && isTerminal(step.state.type);
  const told = (step: TransitionView) => ({
    at: step.state.at,
    tell: () => watch.onTransition?.(step),
  });
  const all = [
    ...steps.filter((step) => !isEnd(step)).map(told),
    ...lines.map((line) => ({ at: line.at, tell: () => watch.onLine?.(line) })),
    ...steps.filter(isEnd).map(told),
  ];
  for (const one of all.toSorted((a, b) => a.at.localeCompare(b.at))) one.tell();
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
