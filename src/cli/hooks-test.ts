import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { type Command, Option } from "commander";
import { MOMENTS, type Moment } from "../domain/flow.ts";
import { StartRefused } from "../domain/start-refused.ts";
import type { TrialView } from "../domain/trial.ts";
import type { Api } from "./client.ts";
import type { Context } from "./context.ts";
import { addStoreOptions, type StoreOptions } from "./daemon-options.ts";
import { CliFailure, EXIT, type ExitCode } from "./failure.ts";
import { perform, type Session } from "./session.ts";
import { printTrial } from "./show-trial.ts";
import { findStoreHolder } from "./store-holder.ts";

interface TestOptions extends StoreOptions {
  readonly run?: string;
  readonly moment?: Moment;
  readonly send?: boolean;
}

/** `tocsin hooks test` */
export function addHooksTest(hooks: Command, context: Context): void {
  const command = hooks
    .command("test")
    .description("perform a hook and show what it does outside, without doing it");
  addStoreOptions(command)
    .argument("<hook>", "its name, or its key")
    .option("--run <run>", "tell it of this past run; without, of one that is made up")
    .addOption(
      new Option("--moment <moment>", "one of its moments; by default what fits the run").choices(
        MOMENTS,
      ),
    )
    .option("--send", "do what it does: requests are sent, programs run")
    .addHelpText("after", "\nExample: tocsin hooks test slack --run brave-otter")
    .action(perform(context, testHook));
}

async function testHook(session: Session, options: TestOptions): Promise<ExitCode> {
  const [hook = ""] = session.args;
  const { run, moment, send = false } = options;
  const { api, close } = await openTrials(session, options);
  try {
    const asked = { send, ...(run && { run }), ...(moment && { moment }) };
    const trial: TrialView = await api.testHook(hook, asked).catch(refusedAsUsage);
    session.printer.document(trial, () => printTrial(session.printer, trial));
    return trial.outcome === "delivered" ? EXIT.ok : EXIT.failed;
  } finally {
    await close();
  }
}

/** A request that was not even tried is not a hook that failed. */
function refusedAsUsage(error: unknown): never {
  if (!(error instanceof CliFailure) || error.answer === undefined) throw error;
  const status: unknown = Reflect.get(error.answer, "status");
  if (status !== 400 && status !== 409 && status !== 422) throw error;
  throw new CliFailure(error.message, EXIT.usage, error.details);
}

interface Trials {
  readonly api: Pick<Api, "testHook">;
  close(): Promise<void>;
}

/** The daemon's, where one was named or works on the store of this config; otherwise this process's own. */
async function openTrials(session: Session, options: TestOptions): Promise<Trials> {
  const configPath = resolve(options.config);
  if (session.isServerGiven || !existsSync(configPath)) {
    return { api: await session.api(), close: async () => undefined };
  }
  const { openOfflineTrials } = await import("./offline-trials.ts");
  const place = { configPath, env: session.context.env, flags: { store: options.store } };
  try {
    return await openOfflineTrials(place);
  } catch (error) {
    if (!(error instanceof StartRefused) || error.exitCode === EXIT.configInvalid) throw error;
    const holder = await findStoreHolder(session, configPath, options);
    if (holder === undefined) throw error;
    session.printer.note(
      `The store is in use by the daemon at ${holder.url}: it tries the hook, with its config`,
    );
    return { api: holder.api, close: async () => undefined };
  }
}
