import {
  type AnyContext,
  type Block,
  type Hook,
  type HookContext,
  type HookSettings,
  hook,
  type Moment,
  outside,
} from "../src/sdk/mod.ts";
import { type Ended, perform } from "./program/perform.ts";
import { refuseMoments } from "./receiver/refuse-moments.ts";
import { checked, textOf } from "./receiver/text-of.ts";

/** A due time that became no run has no job either. */
const WITHOUT_RUN = ["onSkipped", "onMissed"] as const satisfies readonly Moment[];

export interface CloudRunJobOptions
  extends HookSettings<Exclude<Moment, (typeof WITHOUT_RUN)[number]>> {
  /**
   * The job's name: a text, a function of the hook's context, such as `({ run }) => run.name`, or a block that
   * the flow has saved, which is deleted once the job is.
   */
  readonly job: string | Block | ((context: HookContext) => string | Promise<string>);
  /** Such as `us-central1`; by default what gcloud's own property `run/region` says. */
  readonly region?: string;
  /** By default what gcloud's own property `core/project` says. */
  readonly project?: string;
  /** Where the program is, if not on the daemon's PATH. */
  readonly gcloud?: string;
}

/** An id, or the fully qualified name that gcloud takes as well; never a flag. */
const JOB_NAME = /^(projects\/[\w.:-]+\/locations\/[\w-]+\/jobs\/)?[a-z]([a-z0-9-]*[a-z0-9])?$/;

/** Deletes the Cloud Run job of a run that has crashed, through `gcloud`. A job that is gone counts as deleted. */
export function cloudRunJob(options: CloudRunJobOptions): Hook {
  const { job, region, project, gcloud = "gcloud", ...settings } = options;
  const given = typeof job === "function" ? job : checked(job, "cloudRunJob({ job })");
  refuseMoments(settings, WITHOUT_RUN, {
    option: "cloudRunJob({ on })",
    why: "there is no run whose job could be deleted",
  });
  return hook({
    name: "cloud-run-job",
    // gcloud waits until the job and its executions are deleted.
    timeout: "2m",
    ...settings,
    run: async (context: AnyContext) => {
      const name = await nameOf(given, context);
      if (name === undefined) return;
      // No shell reads these; `--quiet` answers gcloud's question, as `yes |` does in the guide.
      const flags = [...flag("--region", region), ...flag("--project", project), "--quiet"];
      await remove(name, [gcloud, "run", "jobs", "delete", name, ...flags], context);
      if (typeof given === "object") await context.blocks.delete(given.reference);
    },
  });
}

function flag(name: string, value: string | undefined): readonly string[] {
  return value === undefined ? [] : [`${name}=${value}`];
}

/** Undefined where the block is not there: the run crashed before it made a job, or the job is deleted already. */
async function nameOf(
  given: CloudRunJobOptions["job"],
  context: AnyContext,
): Promise<string | undefined> {
  if (context.decision !== undefined) {
    throw new Error(
      `Cannot delete a Cloud Run job at "${context.delivery.moment}": there is no run`,
    );
  }
  try {
    const name =
      typeof given === "function"
        ? await given(context)
        : await textOf(given, context, "the name of a Cloud Run job");
    if (JOB_NAME.test(name)) return name;
    throw new Error(`Cannot delete Cloud Run job "${name}": that is no name of a job`);
  } catch (error) {
    const isMissing = error instanceof Error && error.name === "NoSuchBlock";
    if (!isMissing || typeof given !== "object") throw error;
    context.log.warn(`there is no block "${given.reference}", so there is no job to delete`);
    return undefined;
  }
}

async function remove(
  job: string,
  argv: readonly [string, ...string[]],
  context: AnyContext,
): Promise<void> {
  const [gcloud] = argv;
  const { how, well, lastWords } = await outside<Ended>({
    request: argv.join(" "),
    act: () => perform({ argv }, context).catch((error: unknown) => notStarted(gcloud, error)),
    answerOf: (ended) => ended.how,
    whenTried: { how: "exited with code 0", well: true, lastWords: [] },
  });
  if (well) return;
  if (isGone(lastWords, job)) {
    context.log.info(`job "${job}" is gone already`);
    return;
  }
  const why = [how, ...lastWords.slice(-1)].join(": ");
  throw new Error(`Cannot delete Cloud Run job "${job}": ${gcloud} ${why}`);
}

/** `JobNotFoundError` of the Google Cloud CLI, which has no exit code of its own for it. */
function isGone(lastWords: readonly string[], job: string): boolean {
  const id = job.replace(/^.*\//, "");
  return lastWords.some((line) => line.includes(`Job [${id}] could not be found`));
}

function notStarted(gcloud: string, error: unknown): never {
  const cause: unknown = error instanceof Error ? error.cause : undefined;
  if (Reflect.get(Object(cause), "code") !== "ENOENT") throw error;
  const where = gcloud.includes("/") ? "" : ` in PATH (${process.env["PATH"] ?? "empty"})`;
  throw new Error(
    `Cannot start "${gcloud}": there is no such program${where}; install the Google Cloud CLI (cloud.google.com/sdk/docs/install) where the daemon runs, or say where it is: cloudRunJob({ gcloud: "/…/bin/gcloud" })`,
    { cause: error },
  );
}
