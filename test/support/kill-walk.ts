import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Scene, TestDaemon } from "./daemon.ts";
import type { KillStory } from "./kill-story.ts";
import { untilQuiet } from "./load.ts";

const PRELOAD = resolve(import.meta.dir, "../fixtures/kill-points.ts");

/**
 * Where the walk goes: every `step`th write, beginning with `first`, until so many kills are made, or up to twice as
 * many until the end of the story is reached.
 */
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
  /** Runs whose deliveries were asked for again when all was over, and where that was acknowledged. */
  readonly redelivered: readonly string[];
}

interface Walker {
  readonly scene: Scene;
  readonly story: KillStory;
  readonly acknowledged: string[];
  readonly asked: string[];
  readonly redelivered: string[];
  walks: number;
  /** Kills that have been reckoned with. */
  known: number;
}

/**
 * Lives through the story again and again, each time killed one write later; so is each start that follows.
 * Once the last write is passed it begins anew. Answers when the last daemon has come to rest and was stopped.
 */
export async function walkOverWrites(
  scene: Scene,
  story: KillStory,
  plan: WalkPlan,
): Promise<Walked> {
  const heard: Pick<Walker, "acknowledged" | "asked" | "redelivered"> = {
    acknowledged: [],
    asked: [],
    redelivered: [],
  };
  const walker: Walker = { scene, story, ...heard, walks: 0, known: 0 };
  const over = { stories: 0, starts: 0 };
  const next = (at: number, passed: boolean) => (passed ? plan.first : at + plan.step);
  let [inStory, inStart] = [plan.first, plan.first];
  let daemon = await restarted(walker);
  const isDone = () => walker.known >= plan.kills * (over.stories > 0 ? 1 : 2);
  while (!isDone()) {
    arm(walker, "story", inStory);
    const survived = await livesThrough(walker, daemon);
    inStory = next(inStory, survived);
    over.stories += Number(survived);
    if (survived) continue;
    arm(walker, "start", inStart);
    const started = await startedArmed(walker);
    inStart = next(inStart, started !== undefined);
    over.starts += Number(started !== undefined);
    daemon = started ?? (await restarted(walker));
  }
  await untilQuiet(daemon);
  const code = await daemon.stop();
  if (code !== 0) throw new Error(`The last daemon ended with ${code}\n${daemon.log()}`);
  return { kills: killsOf(walker), ...over, ...heard };
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

/** Asks for the story's runs, waits for all that follows, and asks for it again; false when the daemon was killed on the way. */
async function livesThrough(walker: Walker, daemon: TestDaemon): Promise<boolean> {
  const lived = await unlessKilled(walker, async () => {
    const items = walker.story.flows.map((flow) => ({ flow, idempotencyKey: `${walker.walks}` }));
    walker.asked.push(String(walker.walks));
    const answer = await daemon.post("/api/runs/bulk", { items });
    if (answer.status !== 201) throw new Error(`${answer.status}: ${answer.text}`);
    const { items: runs } = JSON.parse(answer.text) as { items: readonly { id: string }[] };
    walker.acknowledged.push(...runs.map(({ id }) => id));
    await untilQuiet(daemon);
    await redeliver(walker, daemon, runs[0]?.id ?? "");
    await untilQuiet(daemon);
    return true;
  });
  if (lived === undefined) await daemon.ended();
  return lived ?? false;
}

/** Asks for all deliveries of a run once more. */
async function redeliver(walker: Walker, daemon: TestDaemon, run: string): Promise<void> {
  const again = await daemon.post("/api/deliveries/redeliver", { run, status: "delivered" });
  if (again.status !== 200) throw new Error(`${again.status}: ${again.text}`);
  walker.redelivered.push(run);
}

/** Undefined when the daemon was killed meanwhile; any other failure is one of the test. */
async function unlessKilled<Answer>(
  walker: Walker,
  body: () => Promise<Answer>,
): Promise<Answer | undefined> {
  const attempt = await body().then(
    (answer) => ({ answer, error: undefined }),
    (error: unknown) => ({ answer: undefined, error }),
  );
  disarm(walker);
  const kills = killsOf(walker).length;
  const wasKilled = kills > walker.known;
  walker.known = kills;
  if (wasKilled) return undefined;
  if (attempt.error !== undefined) throw attempt.error;
  return attempt.answer;
}

async function serve(walker: Walker): Promise<TestDaemon> {
  return await walker.scene.serve({
    args: ["--no-watch"],
    env: { BUN_OPTIONS: `--preload=${PRELOAD}`, KILL_POINT_FILE: fileOf(walker) },
  });
}
