import type { RunView } from "../domain/run-view.ts";
import { isTerminal } from "../domain/state.ts";
import type { LogView, TransitionView } from "../store/run-history.ts";
import type { Api } from "./client.ts";
import { listChildren } from "./family.ts";
import { followRun } from "./follow.ts";

/** What somebody who follows a run and its child runs is told. */
export interface FamilyWatch {
  onTransition(transition: TransitionView, who: string): void;
  onLine(line: LogView, who: string): void;
  /** Also stops at a run of which this is true, though it is not over. */
  readonly until: (run: RunView) => boolean;
}

/** So many child runs of one run are followed at once; the others' news comes when one of these is over. */
const FOLLOWED_MAX = 20;
const LOOK_MS = 100;
/** At most a fifth of the time goes into looking for further children. */
const LOOK_FACTOR = 4;

/**
 * Follows a run with its child runs, and theirs. `who` says whose news it is, from the run down:
 * `load calm-heron/fetch` is the task `fetch` in the child run `calm-heron` of flow `load`; a run's own is "".
 * The end of a run is told after all news of its children.
 */
export async function followFamily(
  api: Api,
  { run, who = "" }: { readonly run: RunView; readonly who?: string },
  watch: FamilyWatch,
): Promise<RunView> {
  const ends: TransitionView[] = [];
  const nameOf = namesOfTasks();
  const over = new AbortController();
  const children = followChildren(api, { run, who }, { watch, over: over.signal }).catch(ignored);
  try {
    const ended = await followRun(api, run.id, {
      onTransition(transition) {
        const isEnd = transition.taskRun === undefined && isTerminal(transition.state.type);
        if (isEnd) ends.push(transition);
        else watch.onTransition(transition, joined(who, nameOf(transition)));
      },
      onLine: (line) => watch.onLine(line, who),
      until: watch.until,
    });
    return ended;
  } finally {
    over.abort();
    await children;
    for (const end of ends) watch.onTransition(end, who);
  }
}

interface Following {
  readonly watch: FamilyWatch;
  /** Aborted when the parent is over: then no further child comes. */
  readonly over: AbortSignal;
}

async function followChildren(
  api: Api,
  { run, who }: { readonly run: RunView; readonly who: string },
  { watch, over }: Following,
): Promise<void> {
  const known = new Set<string>();
  const followed = new Set<Promise<unknown>>();
  for (;;) {
    const isLast = over.aborted;
    const before = performance.now();
    const children = await listChildren(api, run);
    for (const child of children.filter(({ id }) => !known.has(id))) {
      known.add(child.id);
      if (followed.size >= FOLLOWED_MAX) await Promise.race(followed);
      const name = joined(who, `${child.flow} ${child.name}`);
      const following = followFamily(api, { run: child, who: name }, watch)
        .catch(ignored)
        .finally(() => followed.delete(following));
      followed.add(following);
    }
    if (isLast) break;
    await pause(Math.max(LOOK_MS, LOOK_FACTOR * (performance.now() - before)), over);
  }
  await Promise.all(followed);
}

/** Names a task by the tasks that it was called in: `outer/inner`. A run's own transition has no name. */
function namesOfTasks(): (transition: TransitionView) => string {
  const names = new Map<string, string>();
  return ({ taskRun, task, parent }) => {
    if (taskRun === undefined || task === undefined) return "";
    const name = joined(names.get(parent ?? "") ?? "", task);
    names.set(taskRun, name);
    return name;
  };
}

function joined(above: string, name: string): string {
  return above === "" || name === "" ? above + name : `${above}/${name}`;
}

/** Whoever follows the run itself tells what is wrong with the daemon: news of a child less is no failure. */
function ignored(): undefined {
  return undefined;
}

function pause(ms: number, over: AbortSignal): Promise<void> {
  if (over.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      over.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    over.addEventListener("abort", end);
  });
}
