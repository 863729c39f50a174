import type { RunView, TaskRunView } from "../domain/run-view.ts";
import type { Api } from "./client.ts";

/** A run with its tasks and its child runs, and with theirs. */
export interface Family {
  readonly run: FamilyRun;
  /** In the order in which they were created. */
  readonly tasks: readonly TaskRunView[];
  readonly children: readonly Family[];
}
export type FamilyRun = Pick<
  RunView,
  "id" | "result" | "name" | "flow" | "state" | "attempt" | "createdAt" | "startedAt" | "endedAt"
>;

type FamilyApi = Pick<Api, "listRuns" | "listTaskRuns">;

/** So many runs of a family are asked for their tasks and children; of more there is only the run. */
const MEMBERS_MAX = 40;
const PAGE = "200";
const PAGES_MAX = 25;

/** Reads a run's family. Parents before their children, so that what is left out is far from the run. */
export async function readFamily(api: FamilyApi, run: RunView): Promise<Family> {
  const parts = new Map<string, Parts>();
  let generation: readonly RunView[] = [run];
  while (generation.length > 0 && parts.size < MEMBERS_MAX) {
    const asked = generation.slice(0, MEMBERS_MAX - parts.size);
    const answers = await Promise.all(asked.map((one) => partsOf(api, one)));
    for (const [index, { id }] of asked.entries()) parts.set(id, answers[index] ?? NOTHING);
    generation = asked.flatMap(({ id }) => parts.get(id)?.children ?? []);
  }
  return assembled(run, parts);
}

/** The child runs of a run, in the order in which they were created. */
export async function listChildren(
  api: FamilyApi,
  { id }: Pick<RunView, "id">,
): Promise<RunView[]> {
  const found: RunView[] = [];
  let cursor: string | undefined;
  for (let pages = 0; pages < PAGES_MAX; pages += 1) {
    const page = await api.listRuns({ parent: id, limit: PAGE, cursor });
    found.push(...page.items);
    cursor = page.next;
    if (cursor === undefined) break;
  }
  return found.reverse();
}

interface Parts {
  readonly tasks: readonly TaskRunView[];
  readonly children: readonly RunView[];
}

const NOTHING: Parts = { tasks: [], children: [] };

async function partsOf(api: FamilyApi, run: RunView): Promise<Parts> {
  const [tasks, children] = await Promise.all([api.listTaskRuns(run.id), listChildren(api, run)]);
  return { tasks: tasks.items, children };
}

function assembled(run: RunView, parts: ReadonlyMap<string, Parts>): Family {
  const { tasks, children } = parts.get(run.id) ?? NOTHING;
  return { run, tasks, children: children.map((child) => assembled(child, parts)) };
}
