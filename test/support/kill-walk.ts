import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Scene, type TestDaemon } from "./daemon.ts";
import type { KillStory } from "./kill-story.ts";
import { until } from "./until.ts";

const PRELOAD = resolve(import.meta.dir, "../fixtures/kill-points.ts");

/** Where the walk goes: every `step`th write, beginning with `first`, until so many kills are made. */
export interface WalkPlan {
  readonly kills: number;
  readonly first: number;
  readonly step: number;
}

export interface Walked {
  /** Where each kill hit: `story-12 7: before UPDATE run …`. */
  readonly kills: readonly string[];
  /** How often all writes of the story, and of the start that follows a kill, were walked over. */
  readonly stories: number;
  readonly starts: number;
  /** Ids of runs that were acknowledged, and keys of those that were asked for. */
  readonly acknowledged: readonly string[];
  readonly asked: readonly string[];
}

interface Walker {
  readonly scene: Scene;
  readonly story: KillStory;
  readonly acknowledged: string[];
  readonly asked: string[];
  walks: number;
}

/**
 * Lives through the story again and again, each time killed one write later; so is each start that follows.
 * Once the last write is passed it begins anew. Answers when the last daemon has come to rest and was stopped.
 */
export async function walkOverWrites(scene: Scene, story: KillStory, plan: WalkPlan): Promise<Walked> {
  const walker: Walker = { scene, story, acknowledged: [], asked: [], walks: 0 };
  const over = { stories: 0, starts: 0 };
  let [inStory, inStart] = [plan.first, plan.first];
  let daemon = await restarted(walker);
  while (killsOf(walker).length < plan.kills) {
    arm(walker, "story", inStory);
    const survived = await livesThrough(walker, daemon);
    inStory = survived ? plan.first : inStory + plan.step;
    if (survived) {
      over.stories += 1;
      continue;
    }
    arm(walker, "start", inStart);
    const next = await startedArmed(walker);
    inStart = next === undefined ? inStart + plan.step : plan.first;
    if (next !== undefined) over.starts += 1;
    daemon = next ?? (await restarted(walker));
  }
  await untilQuiet(daemon);
  const code = await daemon.stop();
  if (code !== 0) throw new Error(`The last daemon ended with ${code}\n${daemon.log()}`);
  return { kills: killsOf(walker), ...over, ...walker };
}

function fileOf({ scene }: Walker): string {
  return join(scene.folder, "kill-point");
}

function arm(walker: Walker, what: "story" | "start", at: number): void {
  walker.walks += 1;
  writeFileSync(fileOf(walker), `${what}-${walker.walks} ${at}`);
}

function disarm(walker: Walker): void {
  rmSync(fileOf(walker), { force: true });
}

function killsOf(walker: Walker): readonly string[] {
  const file = `${fileOf(walker)}.killed`;
  return existsSync(file) ? readFileSync(file, "utf8").trimEnd().split("\n") : [];
}

/** Starts a daemon that is not killed, and lets it finish what the one before left. */
async function restarted(walker: Walker): Promise<TestDaemon> {
  disarm(walker);
  const daemon = await serve(walker);
  await untilQuiet(daemon);
  return daemon;
}

/** Starts a daemon that may be killed while it takes up what was left; undefined when it was. */
async function startedArmed(walker: Walker): Promise<TestDaemon | undefined> {
  return await unlessKilled(walker, async () => {
    const daemon = await serve(walker);
    await untilQuiet(daemon);
    return daemon;
  });
}

/** Asks for the story's runs and waits for all that follows; false when the daemon was killed on the way. */
async function livesThrough(walker: Walker, daemon: TestDaemon): Promise<boolean> {
  const lived = await unlessKilled(walker, async () => {
    const items = walker.story.flows.map((flow) => ({ flow, idempotencyKey: `${walker.walks}` }));
    walker.asked.push(String(walker.walks));
    const answer = await daemon.post("/api/runs/bulk", { items });
    if (answer.status !== 201) throw new Error(`${answer.status}: ${answer.text}`);
    const { items: runs } = JSON.parse(answer.text) as { items: readonly { id: string }[] };
    walker.acknowledged.push(...runs.map(({ id }) => id));
    await untilQuiet(daemon);
    return true;
  });
  if (lived === undefined) await daemon.ended();
  return lived ?? false;
}

async function unlessKilled<Answer>(
  walker: Walker,
  body: () => Promise<Answer>,
): Promise<Answer | undefined> {
  const before = killsOf(walker).length;
  try {
    const answer = await body();
    disarm(walker);
    return answer;
  } catch (error) {
    if (killsOf(walker).length === before) throw error;
    return undefined;
  } finally {
    disarm(walker);
  }
}

async function serve(walker: Walker): Promise<TestDaemon> {
  return await walker.scene.serve({
    args: ["--no-watch"],
    env: { BUN_OPTIONS: `--preload=${PRELOAD}`, KILL_POINT_FILE: fileOf(walker) },
  });
}

async function untilQuiet(daemon: TestDaemon): Promise<void> {
  await until(
    "everything is over",
    async () => {
      const { runs, deliveries } = await daemon.status();
      const { SCHEDULED = 0, PENDING = 0, RUNNING = 0 } = runs;
      return SCHEDULED + PENDING + RUNNING + deliveries.pending + deliveries.retrying === 0;
    },
    daemon,
  );
}
