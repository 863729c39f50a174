import { type Command, InvalidArgumentError, Option } from "commander";
import type { RunView } from "../domain/run-view.ts";
import { isTerminal } from "../domain/state.ts";
import type { LogView } from "../store/run-history.ts";
import type { Api } from "./client.ts";
import type { Context } from "./context.ts";
import { followRun } from "./follow.ts";
import { perform, type Session } from "./session.ts";
import { logLine } from "./show-run.ts";

interface LogsOptions {
  readonly follow?: boolean;
  readonly tail?: string;
  readonly level?: string;
}

/** `tocsin logs` */
export function addLogs(program: Command, context: Context): void {
  program
    .command("logs")
    .description("what a run wrote")
    .argument("<run>", "id, its first characters (6 at least), or name")
    .option("-f, --follow", "go on until the run is over")
    .option("--tail <n>", "only the last lines, at most 1000", tailOf)
    .addOption(
      new Option("--level <level>", "only lines of this level and graver").choices([
        "debug",
        "info",
        "warn",
        "error",
      ]),
    )
    .action(perform(context, showLogs));
}

async function showLogs(session: Session, options: LogsOptions): Promise<number> {
  const { api, printer, args } = session;
  const daemon = await api();
  const run = await daemon.findRun(args[0] ?? "");
  const print = (line: LogView) =>
    printer.line(printer.format === "text" ? logLine(printer, line) : JSON.stringify(line));
  const { level, tail } = options;
  const last = await printLines(daemon, { run: run.id, level, tail, print });
  if (options.follow === true) {
    const ended = await followRun(daemon, run.id, {
      onLine: print,
      after: last,
      ...(level === undefined ? {} : { level }),
    });
    printer.note(`${printer.safe(ended.name)} is ${ended.state.name}`);
  } else if (last === 0) printer.note(nothingShown(printer.safe(run.name), run, options));
  return 0;
}

function nothingShown(name: string, { state }: RunView, { level, tail }: LogsOptions): string {
  if (tail === "0") return `No lines of run "${name}" were asked for`;
  const what = level === undefined ? "nothing" : `nothing of level ${level} or graver`;
  return `Run "${name}" wrote ${what}${isTerminal(state.type) ? "" : " so far"}`;
}

interface Wanted {
  readonly run: string;
  readonly level: string | undefined;
  readonly tail: string | undefined;
  readonly print: (line: LogView) => void;
}

/** Prints what is there, page by page; answers the number of the last line. */
async function printLines(api: Api, { run, level, tail, print }: Wanted): Promise<number> {
  let last = 0;
  for (;;) {
    const after = tail === undefined ? String(last) : undefined;
    const { items, next } = await api.listLogs(run, { after, level, tail });
    for (const line of items) print(line);
    last = items.at(-1)?.no ?? last;
    if (next === undefined || tail !== undefined) return last;
  }
}

function tailOf(text: string): string {
  if (/^\d+$/.test(text) && Number(text) <= 1_000) return text;
  throw new InvalidArgumentError("It is not a number from 0 to 1000.");
}
