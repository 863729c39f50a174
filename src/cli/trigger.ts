import type { Command } from "commander";
import type { RunView } from "../domain/run-view.ts";
import type { Api } from "./client.ts";
import type { Context } from "./context.ts";
import { EXIT } from "./failure.ts";
import { followRun } from "./follow.ts";
import { collect, readParameters, startTime } from "./parameters.ts";
import { perform, type Session } from "./session.ts";
import { printRun, transitionLine } from "./show-run.ts";

interface TriggerOptions {
  readonly parameter: readonly string[];
  readonly params?: string;
  readonly tag: readonly string[];
  readonly at?: string;
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
  };
  const run = await daemon.trigger(args[0] ?? "", body, options.idempotencyKey);
  if (options.wait === true) return await wait(session, daemon, run);
  printer.document(run, () => printRun(printer, run));
  printer.next(`tocsin logs ${run.name} -f`);
  return EXIT.ok;
}

async function wait({ printer }: Session, daemon: Api, run: RunView): Promise<number> {
  printer.note(`${run.name} (${run.id})`);
  const ended = await followRun(daemon, run.id, {
    onTransition: (transition) => {
      if (transition.taskRun === undefined) printer.note(transitionLine(printer, transition));
    },
  });
  printer.document(ended, () => printRun(printer, ended));
  if (ended.state.type === "COMPLETED") return EXIT.ok;
  printer.next(`tocsin logs ${run.name}`);
  return EXIT.failed;
}
