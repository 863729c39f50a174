import { glob, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import {
  block,
  blocks,
  command,
  defineConfig,
  flow,
  type HookContext,
  runtime,
  task,
  v,
} from "tocsin";
import { cloudRunJob } from "tocsin/hooks/cloud-run-job";
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
  onCrashed: [cloudRunJob({ job: block(`string/${CLOUD_RUN_JOB}`), region: "us-central1" })],
  run: async () => {
    await blocks.save("string", CLOUD_RUN_JOB, runtime.flowRun.name, { overwrite: true });
    await myTaskThatCrashes();
  },
});

interface Paper {
  readonly path: string;
  /** When it was last written, in milliseconds since 1970. */
  readonly changed: number;
}

/** Kept with the run: an attempt that goes on works on the papers that the first one found. */
const listPapers = task({
  name: "list-papers",
  persist: true,
  run: async (folder: string): Promise<Paper[]> => {
    const paths = await Array.fromAsync(glob(join(import.meta.dirname, folder, "**/*.md")));
    const changed = async (path: string) => ({ path, changed: (await stat(path)).mtimeMs });
    return await Promise.all(paths.sort().map(changed));
  },
});

/** Kept with the run, and for a week for other runs: as long as a paper is not written, its count holds. */
const countWords = task({
  name: "count-words",
  persist: true,
  cache: { key: ({ path, changed }: Paper) => `${path} ${changed}`, expires: "7d" },
  retries: 2,
  retryDelay: { initial: "200ms", factor: 2, jitter: 0.2 },
  timeout: "10s",
  run: async ({ path }: Paper) => {
    const text = await readFile(path, "utf8");
    return text.split(/\s+/).filter((word) => word !== "").length;
  },
});

/** Stands for a service that is down now and then: it refuses the first attempt of every run. */
const fileReport = task({
  name: "file-report",
  persist: true,
  run: async (report: { readonly papers: number; readonly words: number }) => {
    if (runtime.flowRun.attempt === 1) throw new Error("the archive is down, on purpose");
    return { ...report, filedBy: runtime.flowRun.name };
  },
});

/** Fans out over files, fails once, and goes on where it was: no paper is counted twice. */
const wordCount = flow({
  name: "word-count",
  description: "Counts the words of the papers; fails once and goes on without counting again",
  schedule: { cron: "0 6 * * *" },
  tags: ["sample"],
  parameters: v.object({
    folder: v.optional(v.string(), "docs"),
    concurrency: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100)), 8),
  }),
  retries: 1,
  retryDelay: "1s",
  run: async ({ folder, concurrency }, { log }) => {
    const papers = await listPapers(folder);
    log(`${papers.length} papers in ${folder}`);
    const counts = await countWords.map(papers, { concurrency });
    const words = counts.reduce((sum, count) => sum + count, 0);
    return await fileReport({ papers: papers.length, words });
  },
});

export default defineConfig({
  flows: [heartbeat, diskSpace, flaky, failingFlow, crashingFlow, wordCount],
  hooks: ["./hooks/samples/audit.ts"],
});
