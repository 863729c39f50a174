import type { Command } from "commander";
import type { RunView } from "../domain/run-view.ts";
import type { Api } from "./client.ts";
import type { Context } from "./context.ts";
import { EXIT } from "./failure.ts";
import { collect } from "./parameters.ts";
import { perform, type Session } from "./session.ts";
import { waitForEnd } from "./wait-for-end.ts";

interface WatchOptions {
  readonly flow: readonly string[];
  readonly state: readonly string[];
}

const LOOK_MS = 500;
/** So many of the newest runs are looked at. */
const WATCHED = "200";

/** `tocsin runs watch` */
export function addRunsWatch(runs: Command, context: Context): void {
  runs
    .command("watch")
    .description(
      "tell of every change: of one run until it is over, or of all of them until interrupted",
    )
    .argument("[run]", "id, the start of an id, or name")
    .option("--flow <names>", "only of these flows", collect, [])
    .option("--state <states>", "only changes to these states", collect, [])
    .action(perform(context, watch));
}

async function watch(session: Session, options: WatchOptions): Promise<number> {
  const api = await session.api();
  const [reference] = session.args;
  if (reference !== undefined) return await waitForEnd(session, api, await api.findRun(reference));
  await watchAll(session, api, options);
  return EXIT.ok;
}

/** The newest runs are looked at again and again; what is not as it was is told, oldest change first. */
async function watchAll({ printer }: Session, api: Api, options: WatchOptions): Promise<never> {
  const list = (parts: readonly string[]) => (parts.length === 0 ? undefined : parts.join(","));
  const look = async () => (await api.listRuns({ flow: list(options.flow), limit: WATCHED })).items;
  const isAsked = stateFilter(options.state);
  let known = marksOf(await look());
  printer.note("Waits for runs to change; Ctrl-C ends it");
  for (;;) {
    await new Promise((done) => setTimeout(done, LOOK_MS));
    const runs = await look();
    const changed = runs.filter((run) => known.get(run.id) !== markOf(run));
    known = marksOf(runs);
    for (const run of changed.toSorted((a, b) => a.state.at.localeCompare(b.state.at))) {
      if (!isAsked(run)) continue;
      if (printer.format === "text") printer.line(changeLine(run));
      else printer.line(JSON.stringify(run));
    }
  }
  function changeLine(run: RunView): string {
    const { at, name, type, message } = run.state;
    const why = message === "" ? "" : `  ${printer.safe(message)}`;
    return `${at}  ${printer.safe(run.flow)}  ${run.name}  ${printer.state(name, type)}${why}`;
  }
}

function stateFilter(states: readonly string[]): (run: RunView) => boolean {
  const asked = new Set(states.flatMap((part) => part.split(",")).map((one) => one.toLowerCase()));
  return ({ state }) =>
    asked.size === 0 || asked.has(state.type.toLowerCase()) || asked.has(state.name.toLowerCase());
}

function marksOf(runs: readonly RunView[]): ReadonlyMap<string, string> {
  return new Map(runs.map((run) => [run.id, markOf(run)]));
}

function markOf({ state, attempt }: RunView): string {
  return `${state.at} ${state.name} ${attempt}`;
}
