import { rmSync } from "node:fs";
import { join } from "node:path";
import { aScene, type Scene, type TestDaemon } from "../support/daemon.ts";
import { findingsOf } from "../support/kill-findings.ts";
import { type KillStory, killStory } from "../support/kill-story.ts";
import { untilQuiet } from "../support/load.ts";
import { aReceiver } from "../support/receiver.ts";

/*
 * The walk of kill-at-every-write.test.ts, one level deeper: the daemon is killed at its first system call that
 * writes or syncs a file, at its second, and so on, by strace. `bun test/by-hand/kills-by-strace.ts [kills]`
 */

const KILLS = Number(process.argv[2] ?? 300);
const FOR_MS = 1_500_000;
const CALLS = "pwrite64,fdatasync,fsync,ftruncate";

await using receiver = aReceiver();
receiver.react((_, index) => (index % 5 === 4 ? 500 : 200));
await using scene = await aScene();
const place = { folder: scene.folder, url: receiver.url };
const story = killStory(place, { from: Date.now(), forMs: FOR_MS });
await scene.write("flows.config.ts", story.config);

const acknowledged: string[] = [];
const asked: string[] = [];
const redelivered: string[] = [];
let [kills, walked, at] = [0, 0, 1];
while (kills < KILLS) {
  const killed = await lifeUntil(at, scene, story);
  at = killed ? at + 1 : 1;
  kills += Number(killed);
  walked += Number(!killed);
}
const last = await scene.serve({ args: ["--no-watch"] });
await untilQuiet(last);
await last.stop();
const findings = findingsOf({
  scene,
  story,
  walked: { kills: [], stories: walked, starts: walked, acknowledged, asked, redelivered },
  requests: receiver.requests,
});
for (const finding of findings) console.error(finding);
console.log(`${kills} kills, all writes walked over ${walked} times, ${findings.length} findings`);
rmSync(scene.folder, { recursive: true, force: true });
process.exit(findings.length === 0 ? 0 : 1);

/** One life that is killed at its n-th call; false when it had fewer. */
async function lifeUntil(nth: number, { serve, folder }: Scene, { flows }: KillStory) {
  const inject = `inject=${CALLS}:signal=KILL:when=${nth}`;
  const under = [
    "strace",
    "-D",
    "-f",
    "-qq",
    "-o",
    join(folder, "strace"),
    "-e",
    `trace=${CALLS}`,
    "-e",
    inject,
  ];
  let daemon: TestDaemon | undefined;
  try {
    daemon = await serve({ args: ["--no-watch"], under });
    await untilQuiet(daemon);
    const key = String(asked.push(String(asked.length)) - 1);
    const items = flows.map((flow) => ({ flow, idempotencyKey: key }));
    const answer = await daemon.post("/api/runs/bulk", { items });
    const { items: runs } = JSON.parse(answer.text) as { items: readonly { id: string }[] };
    acknowledged.push(...runs.map(({ id }) => id));
    await untilQuiet(daemon);
    const run = runs[0]?.id ?? "";
    const again = await daemon.post("/api/deliveries/redeliver", { run, status: "delivered" });
    if (again.status === 200) redelivered.push(run);
    await untilQuiet(daemon);
  } catch (error) {
    if (String(error).includes("Waited in vain")) throw error;
    return true;
  }
  await daemon.kill9();
  return false;
}
