import { execFile } from "node:child_process";
import { promisify } from "node:util";
import {
  block,
  blocks,
  command,
  defineConfig,
  flow,
  type HookContext,
  runtime,
  task,
} from "tocsin";
import { slack } from "tocsin/hooks/slack";

/** Every ten seconds: the simplest thing that shows whether the daemon is on time. */
const heartbeat = flow({
  name: "heartbeat",
  description: "Says every ten seconds that the daemon is alive",
  schedule: { cron: "*/10 * * * * *" },
  tags: ["sample"],
  run: (_, { run, log }) => {
    log(`due at ${run.scheduledFor ?? "no time: started by hand"}`);
  },
});

/** A program as a flow, for people who come from crontab. */
const diskSpace = command({
  name: "disk-space",
  description: "Shows every five minutes how full the root file system is",
  schedule: { cron: "*/5 * * * *" },
  tags: ["sample"],
  argv: ["df", "-h", "/"],
  timeout: "10s",
});

/** Fails, is tried again, fails again: the bell rings once, after the second attempt. */
const flaky = flow({
  name: "flaky",
  description: "Fails every minute at both of its attempts",
  schedule: { cron: "* * * * *" },
  tags: ["sample"],
  retries: 1,
  retryDelay: "2s",
  onFailure: ringBell,
  run: (_, { run }) => {
    throw new Error(`the sample fails on purpose, attempt ${run.attempt}`);
  },
});

/** What it logs is kept with the delivery. */
function ringBell({ flow: { name }, run, state, log }: HookContext): void {
  log.warn(`ding dong: ${name} (${run.name}) gave up: ${state.message}`);
}

/**
 * "Send a notification when a flow run fails" of the guide that tocsin began from; see docs/seed-guide.md.
 * Rings once, after the retry. Store the address first: `tocsin blocks set slack-webhook/my-slack-webhook`.
 */
const failingFlow = flow({
  name: "failing-flow",
  description: "Fails, and tells Slack; to be triggered by hand",
  tags: ["guide"],
  retries: 1,
  onFailure: [slack({ webhook: block("slack-webhook/my-slack-webhook") })],
  run: () => {
    throw new Error("oops!");
  },
});

const CLOUD_RUN_JOB = "crashing-flow-cloud-run-job";

const myTaskThatCrashes = task({
  name: "my-task-that-crashes",
  run: () => {
    process.exit(1);
  },
});

/** "Delete a Cloud Run job when a flow run crashes" of the same guide. */
const crashingFlow = flow({
  name: "crashing-flow",
  description: "Crashes, and has its Cloud Run job deleted; to be triggered by hand",
  tags: ["guide"],
  onCrashed: [deleteCloudRunJob],
  run: async () => {
    await blocks.save("string", CLOUD_RUN_JOB, runtime.flowRun.name, { overwrite: true });
    await myTaskThatCrashes();
  },
});

/** No shell reads the job's name. `--quiet` answers gcloud's question, as `yes |` does in the guide. */
async function deleteCloudRunJob({ log, signal }: HookContext): Promise<void> {
  const job = await blocks.load(`string/${CLOUD_RUN_JOB}`);
  const argv = ["beta", "run", "jobs", "delete", job, "--region", "us-central1", "--quiet"];
  const { stdout } = await promisify(execFile)("gcloud", argv, { signal });
  log(stdout.trim());
  await blocks.delete(`string/${CLOUD_RUN_JOB}`);
}

export default defineConfig({
  flows: [heartbeat, diskSpace, flaky, failingFlow, crashingFlow],
  hooks: ["./hooks/samples/audit.ts"],
});
