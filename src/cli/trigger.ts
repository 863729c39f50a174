import { type Command, InvalidArgumentError, Option } from "commander";
import type { OverlapPolicy } from "../domain/flow.ts";
import { OVERLAP_POLICIES } from "../domain/overlap.ts";
import type { Context } from "./context.ts";
import { EXIT } from "./failure.ts";
import { collect, readParameters } from "./parameters.ts";
import { perform, type Session } from "./session.ts";
import { printRun } from "./show-run.ts";
import { noteStrangeParameters } from "./strange-parameters.ts";
import { startTime } from "./times.ts";
import { waitForEnd } from "./wait-for-end.ts";

interface TriggerOptions {
  readonly parameter: readonly string[];
  readonly params?: string;
  readonly tag: readonly string[];
  readonly at?: string;
  readonly overlap?: OverlapPolicy;
  readonly priority?: number;
  readonly idempotencyKey?: string;
  readonly wait?: boolean;
}

/** `tocsin trigger` */
export function addTrigger(program: Command, context: Context): void {
  program
    .command("trigger")
    .description("ask the daemon to run a flow")
    .argument("<flow>", "name of the flow")
    .option("-p, --parameter <key=value>", "a parameter; the value may be JSON", collect, [])
    .option("--params <json>", "all parameters: a JSON object, or @file")
    .option("--tag <tag>", "tag the run", collect, [])
    .option("--at <time>", "not before: 2026-01-31T08:00:00Z, or 10m from now")
    .addOption(
      new Option(
        "--overlap <policy>",
        "instead of the flow's, while another run of it goes on",
      ).choices(OVERLAP_POLICIES),
    )
    .option(
      "--priority <n>",
      "instead of the flow's: runs that wait go greatest first",
      wholeNumber,
    )
    .option("--idempotency-key <key>", "asking again with the same key gives the same run")
    .option("--wait", "wait for the end; exit code 1 unless the run completed")
    .action(perform(context, trigger));
}

async function trigger(session: Session, options: TriggerOptions): Promise<number> {
  const { printer, args } = session;
  const daemon = await session.api();
  const at = startTime(options.at, session.context.now());
  const body = {
    parameters: await readParameters(options),
    tags: options.tag,
    ...(at === undefined ? {} : { at }),
    ...(options.overlap === undefined ? {} : { overlap: options.overlap }),
    ...(options.priority === undefined ? {} : { priority: options.priority }),
  };
  const run = await daemon.trigger(args[0] ?? "", body, options.idempotencyKey);
  await noteStrangeParameters(session, run);
  if (options.wait === true) return await waitForEnd(session, run);
  printer.document(run, () => printRun(printer, run));
  printer.next(`tocsin logs ${run.name} -f`);
  return EXIT.ok;
}

function wholeNumber(text: string): number {
  if (/^[+-]?\d+$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It is not a whole number.");
}
