import type { Command } from "commander";
import type { TransitionNews } from "../domain/news.ts";
import type { Context } from "./context.ts";
import { eventStream } from "./event-stream.ts";
import { EXIT } from "./failure.ts";
import { collect } from "./parameters.ts";
import { patientWay } from "./patient-way.ts";
import type { Printer } from "./printer.ts";
import { perform, type Session } from "./session.ts";
import { waitForEnd } from "./wait-for-end.ts";

interface WatchOptions {
  readonly flow: readonly string[];
  readonly state: readonly string[];
}

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
  const [reference] = session.args;
  if (reference === undefined) return await watchAll(session, options);
  const api = await session.api();
  return await waitForEnd(session, await api.findRun(reference));
}

/** Told once each and in order, also across restarts of the daemon. */
async function watchAll(session: Session, options: WatchOptions): Promise<number> {
  const { printer } = session;
  await (await session.api()).status();
  const isAsked = stateFilter(options.state);
  const way = await patientWay(session);
  const tell: Readonly<Record<string, (data: string) => void>> = {
    hello: once(() => printer.note("Waits for runs to change; Ctrl-C ends it")),
    reset: () => printer.note("The store is in an earlier state than before"),
    transition(data) {
      // The daemon is of the same version family: its events are our types.
      const news = JSON.parse(data) as TransitionNews;
      if (!isAsked(news)) return;
      printer.line(printer.format === "text" ? changeLine(printer, news) : data);
    },
  };
  for await (const { event, data } of eventStream(way, { path: pathOf(options) })) {
    tell[event]?.(data);
  }
  return EXIT.ok;
}

/** A daemon that comes back greets again. */
function once(say: () => void): () => void {
  let isSaid = false;
  return () => {
    if (!isSaid) say();
    isSaid = true;
  };
}

function pathOf({ flow }: WatchOptions): string {
  return flow.length === 0
    ? "/api/events"
    : `/api/events?${new URLSearchParams({ flow: flow.join(",") })}`;
}

function changeLine(printer: Printer, { flow, runName, state }: TransitionNews): string {
  const { at, name, type, message } = state;
  const why = message === "" ? "" : `  ${printer.safe(message)}`;
  return `${printer.stamp(at)}  ${printer.safe(flow)}  ${runName}  ${printer.state(name, type)}${why}`;
}

function stateFilter(states: readonly string[]): (news: TransitionNews) => boolean {
  const asked = new Set(states.flatMap((part) => part.split(",")).map((one) => one.toLowerCase()));
  return ({ state }) =>
    asked.size === 0 || asked.has(state.type.toLowerCase()) || asked.has(state.name.toLowerCase());
}
