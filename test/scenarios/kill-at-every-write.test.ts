import { expect, test } from "bun:test";
import { aScene } from "../support/daemon.ts";
import { findingsOf } from "../support/kill-findings.ts";
import { killStory } from "../support/kill-story.ts";
import { walkOverWrites } from "../support/kill-walk.ts";
import { aReceiver } from "../support/receiver.ts";

const KILLS = Number(process.env["KILLS"] ?? 300);
const WALKERS = 2;
const STORY_MS = 420_000;

test(
  `${KILLS} times kill -9 at one write after the other: no transition without its deliveries, none lost, none told twice but with the same id`,
  async () => {
    const walks = await Promise.all(Array.from({ length: WALKERS }, (_, no) => walk(no)));

    const kills = walks.flatMap(({ walked }) => walked.kills);
    expect(walks.flatMap(({ findings }) => findings)).toEqual([]);
    expect(kills.length).toBeGreaterThanOrEqual(KILLS);
  },
  STORY_MS,
);

async function walk(no: number) {
  await using receiver = aReceiver();
  receiver.react((_, index) => (index % 5 === 4 ? 500 : 200));
  await using scene = await aScene();
  const place = { folder: scene.folder, url: receiver.url };
  const story = killStory(place, { from: Date.now(), forMs: STORY_MS });
  await scene.write("flows.config.ts", story.config);
  const plan = { kills: KILLS / WALKERS, first: no + 1, step: WALKERS };
  const walked = await walkOverWrites(scene, story, plan);
  return { walked, findings: findingsOf({ scene, story, walked, requests: receiver.requests }) };
}
