import { expect, test } from "bun:test";
import { hostname } from "node:os";
import { configText } from "../support/configs.ts";
import { aScene, isOver } from "../support/daemon.ts";

const STORY_MS = 60_000;
const CONFIG = configText({
  code: `const one = flow({ name: "one", run: () => 1 });`,
  flows: ["one"],
});

test(
  "a second daemon on a store is refused with the holder's name, and a kill -9 frees it at once",
  async () => {
    await using scene = await aScene(CONFIG);
    const first = await scene.serve();
    const { startedAt } = await first.status();

    const second = await scene.refusal();

    expect(second.code).toBe(1);
    expect(second.err).toContain("Cannot open store");
    for (const what of [`pid ${first.pid}`, hostname(), startedAt, first.url]) {
      expect(second.err).toContain(what);
    }
    const { id } = await first.trigger("one");
    expect((await first.untilRun(id, isOver)).state.type).toBe("COMPLETED");

    await first.kill9();
    const third = await scene.serve();
    expect((await third.run(id)).state.type).toBe("COMPLETED");
    expect(await third.stop()).toBe(0);
  },
  STORY_MS,
);

test(
  "of several daemons that start at once, one serves and the others are refused",
  async () => {
    await using scene = await aScene(CONFIG);

    const starts = Array.from({ length: 4 }, () =>
      scene.serve().then(
        (daemon) => ({ daemon, why: "" }),
        (error: unknown) => ({ daemon: undefined, why: String(error) }),
      ),
    );
    const ends = await Promise.all(starts);

    const serving = ends.flatMap(({ daemon }) => daemon ?? []);
    expect(serving).toHaveLength(1);
    const refused = ends.filter(({ daemon }) => daemon === undefined).map(({ why }) => why);
    for (const why of refused) expect(why).toContain("another tocsin holds it");
    expect(await serving[0]?.stop()).toBe(0);
  },
  STORY_MS,
);
