import { type Command, InvalidArgumentError } from "commander";
import { nearest } from "../domain/nearest.ts";
import type { Context } from "./context.ts";
import { addStoreOptions, type StoreOptions } from "./daemon-options.ts";
import { collect } from "./parameters.ts";
import { perform, type Session } from "./session.ts";
import { runTable } from "./show-run.ts";
import { type RecordApi, withRecords } from "./with-records.ts";

interface LsOptions extends StoreOptions {
  readonly flow: readonly string[];
  readonly state: readonly string[];
  readonly tag: readonly string[];
  readonly since?: string;
  readonly until?: string;
  readonly search?: string;
  readonly cursor?: string;
  readonly limit: string;
}

/** `tocsin runs ls` */
export function addRunsLs(runs: Command, context: Context): void {
  addStoreOptions(runs.command("ls"))
    .description("list runs, newest first; lists with commas are alternatives, ! excludes")
    .option("--flow <names>", "of these flows", collect, [])
    .option("--state <states>", "in these states: failed, TimedOut, !completed", collect, [])
    .option("--tag <tags>", "with one of these tags", collect, [])
    .option("--since <time>", "created since: 7d, or 2026-01-31T08:00:00Z")
    .option("--until <time>", "created before")
    .option("--search <text>", "part of a run's or a flow's name")
    .option("--limit <n>", "how many, at most 200", limitOf, "20")
    .option("--cursor <cursor>", "the page that follows an earlier one")
    .action(perform(context, listRuns));
}

async function listRuns(session: Session, options: LsOptions): Promise<number> {
  return await withRecords(session, options, (api) => listRunsOf(api, session, options));
}

async function listRunsOf(
  api: RecordApi,
  { printer }: Session,
  options: LsOptions,
): Promise<number> {
  const { flow, state, tag, since, until, search, cursor, limit } = options;
  const list = (parts: readonly string[]) => (parts.length === 0 ? undefined : parts.join(","));
  const page = await api.listRuns({
    flow: list(flow),
    state: list(state),
    tag: list(tag),
    since,
    until,
    q: search,
    cursor,
    limit,
  });
  printer.list(page, () => runTable(printer, page.items));
  if (page.items.length === 0) printer.note(await noneFit(api, flow));
  if (page.next !== undefined)
    printer.next(`tocsin runs ls ${again(options)}--cursor ${page.next}`);
  else if (page.items[0] !== undefined) printer.next(`tocsin runs show ${page.items[0].name}`);
  return 0;
}

/** A flow that no run is of may be a slip. */
async function noneFit(api: RecordApi, flows: readonly string[]): Promise<string> {
  const asked = flows.flatMap((list) => list.split(","));
  const known = asked.length === 0 ? [] : (await api.listRuns({ limit: "200" })).items;
  const names = [...new Set(known.map(({ flow }) => flow))];
  const meant = asked
    .filter((flow) => !names.includes(flow))
    .map((flow) => nearest(flow, names))
    .find((flow) => flow !== undefined);
  if (meant === undefined) return "No runs fit; start one with: tocsin trigger <flow>";
  return `No runs fit; did you mean --flow ${meant}?`;
}

/** The filters of this page, for the one that follows it. */
function again({ flow, state, tag, since, until, search, limit }: LsOptions): string {
  const given = Object.entries({ flow, state, tag, since, until, search, limit });
  return given
    .flatMap(([name, value]) =>
      [value ?? []].flat().map((one) => `--${name} ${quotedForShell(one)} `),
    )
    .join("");
}

function quotedForShell(text: string): string {
  return /^[\w.,:/+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** How many of a list are asked for, as the API takes it. */
export function limitOf(text: string): string {
  if (/^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= 200) return text;
  throw new InvalidArgumentError("It is not a number from 1 to 200.");
}
