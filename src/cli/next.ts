import { type Command, InvalidArgumentError } from "commander";
import { durationMs } from "../domain/duration.ts";
import { readInstant } from "../domain/instant.ts";
import type { SchedulePauseView } from "../domain/schedule-pause.ts";
import type { ScheduleView } from "../http/flow-view.ts";
import type { UpcomingView } from "../http/upcoming-view.ts";
import { isTimezone } from "../schedule/zone-spans.ts";
import type { Context } from "./context.ts";
import { configOption } from "./daemon-options.ts";
import type { DueSource } from "./due-source.ts";
import { dueTable } from "./due-table.ts";
import { CliFailure, EXIT } from "./failure.ts";
import { perform, type Session } from "./session.ts";

interface NextOptions {
  readonly n?: number;
  readonly from?: string;
  readonly to?: string;
  readonly tz?: string;
  readonly config?: string;
}

/** As many as the API answers at once. */
const DUES_MAX = 500;
const DUES_DEFAULT = 5;

/** `tocsin next` */
export function addNext(program: Command, context: Context): void {
  program
    .command("next")
    .description("when flows are due: by the config, or with --server by a daemon's")
    .argument("[flows...]", "only these flows")
    .option("-n <count>", "how many due times, at most 500; 5, or with --to all", countOf)
    .option("--from <time>", "after this time: 2027-03-14T00:00:00Z, or 2d from now", timeOf)
    .option("--to <time>", "up to this time", timeOf)
    .option("--tz <zone>", "show times in this zone instead of the schedule's own", zoneOf)
    .addOption(configOption().default(undefined))
    .action(perform(context, next));
}

async function next(session: Session, options: NextOptions): Promise<number> {
  const { printer, args, context } = session;
  const source = await sourceOf(session, options);
  const now = context.now();
  const { from, to } = spanOf(options, now);
  const n = options.n ?? (to === undefined ? DUES_DEFAULT : DUES_MAX);
  const items = await source.upcoming(args, { n, from, to });
  const schedules = await source.schedules(args);
  printer.list({ items }, () => dueTable(items, { schedules, now, tz: options.tz }));
  const rest = isOfDaemon(session, options) ? [] : await pausedByPeople(session, args);
  const isAll = items.length < n && to === undefined && from === undefined;
  for (const note of [...notesOn({ items, isAll }, schedules, args), ...rest]) {
    printer.note(printer.safe(note));
  }
  if (items.length === n && to !== undefined) printer.note(`These are the first ${n}`);
  return 0;
}

function spanOf(options: NextOptions, now: Date) {
  const from = instantText(options.from, now);
  const to = instantText(options.to, now);
  if (to === undefined || to > (from ?? now.toISOString())) return { from, to };
  const why = from === undefined ? "it has passed" : `it is not after --from "${options.from}"`;
  throw new CliFailure(`Cannot list due times up to "${options.to}": ${why}`, EXIT.usage);
}

function isOfDaemon(session: Session, { config }: NextOptions): boolean {
  return config === undefined && session.isServerGiven;
}

async function sourceOf(session: Session, options: NextOptions): Promise<DueSource> {
  const { configDues, daemonDues } = await import("./due-source.ts");
  if (isOfDaemon(session, options)) return daemonDues(await session.api());
  return await configDues(session, options.config);
}

/** What the config does not know: schedules that rest in the daemon here, because somebody paused them. */
async function pausedByPeople(session: Session, asked: readonly string[]): Promise<string[]> {
  const { findServerNear } = await import("./server-near.ts");
  if ((await findServerNear(session.context.env))?.url === undefined) return [];
  const { items } = await (await session.api()).listFlows().catch(() => ({ items: [] }));
  const shown = items.filter(({ name }) => asked.length === 0 || asked.includes(name));
  const paused = shown.flatMap(({ schedules }) =>
    schedules.flatMap(({ key, pause }) =>
      pause === undefined ? [] : [`${key} (${byWhom(pause)})`],
    ),
  );
  return paused.length === 0 ? [] : [`Paused in the daemon here, so not due: ${paused.join(", ")}`];
}

function byWhom({ by, reason }: SchedulePauseView): string {
  return reason === undefined ? `by ${by}` : `by ${by}: ${reason}`;
}

interface Listed {
  readonly items: readonly UpcomingView[];
  /** Nothing is due later than what is listed. */
  readonly isAll: boolean;
}

/** What no row says: schedules without a due time, and why. */
function notesOn(
  { items, isAll }: Listed,
  schedules: ReadonlyMap<string, readonly ScheduleView[]>,
  asked: readonly string[],
): readonly string[] {
  const all = [...schedules].flatMap(([flow, ofFlow]) => ofFlow.map((one) => ({ flow, ...one })));
  const bare = asked.filter((flow) => schedules.get(flow)?.length === 0);
  const named = (ofThem: typeof all) => ofThem.map(({ key, inWords }) => `${key} (${inWords})`);
  const paused = all
    .filter((schedule) => schedule.paused)
    .map(({ key, inWords, pause }) =>
      pause === undefined ? `${key} (${inWords})` : `${key} (${byWhom(pause)})`,
    );
  const isListed = ({ flow, key }: (typeof all)[number]) =>
    items.some((item) => item.flow === flow && item.schedule === key);
  const over = named(
    all.filter((one) => isAll && one.kind !== "start" && !one.paused && !isListed(one)),
  );
  const onStart = named(all.filter(({ kind, paused }) => kind === "start" && !paused));
  return [
    ...bare.map((flow) => `Flow "${flow}" has no schedule`),
    ...(paused.length === 0 ? [] : [`Paused: ${paused.join(", ")}`]),
    ...(onStart.length === 0 ? [] : [`At the daemon's next start: ${onStart.join(", ")}`]),
    ...(over.length === 0 ? [] : [`Not due any more: ${over.join(", ")}`]),
    ...(items.length + onStart.length > 0 ? [] : ["Nothing is due"]),
  ];
}

function countOf(text: string): number {
  if (/^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= DUES_MAX) return Number(text);
  throw new InvalidArgumentError(`It is not a number from 1 to ${DUES_MAX}.`);
}

function timeOf(text: string): string {
  if (durationMs(text) !== undefined || readInstant(text) !== undefined) return text;
  throw new InvalidArgumentError('It is neither a time such as "2027-03-14T00:00:00Z" nor "2d".');
}

function instantText(text: string | undefined, now: Date): string | undefined {
  if (text === undefined) return undefined;
  const ahead = durationMs(text);
  const at = ahead === undefined ? readInstant(text) : now.getTime() + ahead;
  return at === undefined ? undefined : new Date(at).toISOString();
}

function zoneOf(text: string): string {
  if (isTimezone(text)) return text;
  throw new InvalidArgumentError("There is no such time zone; expected such as Europe/Vienna.");
}
