import { type Command, InvalidArgumentError, Option } from "commander";
import type { RunView } from "../domain/run-view.ts";
import { isTerminal } from "../domain/state.ts";
import type { LogView } from "../store/run-history.ts";
import { apiOver } from "./client.ts";
import type { Context } from "./context.ts";
import { addStoreOptions, type StoreOptions } from "./daemon-options.ts";
import { CliFailure, EXIT } from "./failure.ts";
import { followRun } from "./follow.ts";
import { newsOfRun } from "./news.ts";
import { patientWay } from "./patient-way.ts";
import type { Printer } from "./printer.ts";
import { perform, type Session } from "./session.ts";
import { logLine } from "./show-run.ts";
import { type RecordApi, withRecords } from "./with-records.ts";

interface LogsOptions extends StoreOptions {
  readonly follow?: boolean;
  readonly tail?: string;
  readonly level?: string;
}

/** `tocsin logs` */
export function addLogs(program: Command, context: Context): void {
  addStoreOptions(program.command("logs"))
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
  return await withRecords(session, options, async (records, on) => {
    const run = await records.findRun(session.args[0] ?? "");
    if (options.follow !== true) return await showThose(session, records, { run, ...options });
    const last = await readLines(records, { run, ...options }, (line) =>
      printLine(session.printer, line),
    );
    if (on === "daemon") return await follow(session, run, { ...options, after: last });
    if (isTerminal(run.state.type)) return sayEnd(session, run);
    throw new CliFailure(
      `Cannot follow run "${run.name}": no daemon answers here; start one: tocsin serve`,
      EXIT.unreachable,
    );
  });
}

/** Those that are there: as they are read, or as one document. */
async function showThose(session: Session, api: RecordApi, wanted: Wanted): Promise<number> {
  const { printer } = session;
  const items: LogView[] = [];
  const print = (line: LogView) =>
    printer.format === "json" ? void items.push(line) : printLine(printer, line);
  const last = await readLines(api, wanted, print);
  if (printer.format === "json") printer.document({ items }, () => undefined);
  else if (last === 0) printer.note(nothingShown(session, wanted));
  return EXIT.ok;
}

/** Waits for a daemon that goes away to come back, and prints each line once. */
async function follow(
  session: Session,
  { id }: RunView,
  { level, after }: LogsOptions & { readonly after: number },
): Promise<number> {
  const way = await patientWay(session);
  const news = newsOfRun(way, id);
  try {
    const ended = await followRun(apiOver(way.send, way.server), id, {
      onLine: (line) => printLine(session.printer, line),
      after,
      news,
      ...(level === undefined ? {} : { level }),
    });
    return sayEnd(session, ended);
  } finally {
    news.stop();
  }
}

function sayEnd({ printer }: Session, { name, state }: RunView): number {
  printer.note(`${printer.safe(name)} is ${state.name}`);
  return EXIT.ok;
}

function printLine(printer: Printer, line: LogView): void {
  printer.line(printer.format === "text" ? logLine(printer, line) : JSON.stringify(line));
}

function nothingShown({ printer }: Session, { run, level, tail }: Wanted): string {
  const { state } = run;
  const name = printer.safe(run.name);
  if (tail === "0") return `No lines of run "${name}" were asked for`;
  const what = level === undefined ? "nothing" : `nothing of level ${level} or graver`;
  return `Run "${name}" wrote ${what}${isTerminal(state.type) ? "" : " so far"}`;
}

interface Wanted extends Pick<LogsOptions, "level" | "tail"> {
  readonly run: RunView;
}

/** Hands over what is there, page by page; answers the number of the last line. */
async function readLines(
  api: RecordApi,
  { run, level, tail }: Wanted,
  print: (line: LogView) => void,
): Promise<number> {
  let last = 0;
  for (;;) {
    const after = tail === undefined ? String(last) : undefined;
    const { items, next } = await api.listLogs(run.id, { after, level, tail });
    for (const line of items) print(line);
    last = items.at(-1)?.no ?? last;
    if (next === undefined || tail !== undefined) return last;
  }
}

function tailOf(text: string): string {
  if (/^\d+$/.test(text) && Number(text) <= 1_000) return text;
  throw new InvalidArgumentError("It is not a number from 0 to 1000.");
}
