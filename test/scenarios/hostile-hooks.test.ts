import { expect, test } from "bun:test";
import { configText } from "../support/configs.ts";
import { aScene, isOver } from "../support/daemon.ts";
import { aReceiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";

const STORY_MS = 90_000;

/** Each bad hook, and what is written down of its attempt. */
const BAD: Readonly<Record<string, { readonly run: string; readonly error: RegExp }>> = {
  endless: { run: "for (;;) {}", error: /never yields/ },
  silent: { run: "await wait(600_000);", error: /500 ?ms|time/i },
  leaver: { run: "process.exit(0);", error: /exit/ },
  thrower: { run: `throw "a string";`, error: /a string/ },
  late: {
    run: `setTimeout(() => { throw new Error("too late"); }, 5); await wait(600_000);`,
    error: /too late/,
  },
};

test(
  "hooks that loop, exit, or throw are on record with why, and the good hook beside them is delivered",
  async () => {
    await using receiver = aReceiver();
    const bad = Object.entries(BAD).map(
      ([name, { run }]) =>
        `hook({ name: "${name}", timeout: "500ms", retry: [], run: async () => { ${run} } })`,
    );
    await using scene = await aScene(
      configText({
        code: `
          const rung = flow({
            name: "rung",
            onCompletion: [${bad.join(", ")}, webhook({ name: "good", url: "${receiver.url}" })],
            run: () => {},
          });`,
        flows: ["rung"],
      }),
    );
    const daemon = await scene.serve();

    const { id } = await daemon.trigger("rung");
    const run = await daemon.untilRun(id, isOver);
    const deliveries = await until(
      "every delivery is over",
      async () => {
        const found = await daemon.deliveries(id);
        const isOver = found.every(({ status }) => status === "delivered" || status === "dead");
        return isOver ? found : undefined;
      },
      daemon,
    );

    const byName = new Map(deliveries.map((one) => [one.hook.split("/").at(-1), one]));
    expect([...byName.keys()]).toEqual([...Object.keys(BAD), "good"]);
    expect(byName.get("good")?.status).toBe("delivered");
    expect(receiver.requests).toHaveLength(1);
    for (const [name, { error }] of Object.entries(BAD)) {
      const attempts = byName.get(name)?.attempts ?? [];
      expect([name, byName.get(name)?.status, attempts.length]).toEqual([name, "dead", 1]);
      expect([name, attempts[0]?.error?.message]).toEqual([name, expect.stringMatching(error)]);
    }
    expect(run.state.type).toBe("COMPLETED");
    expect((await daemon.run(id)).state).toEqual(run.state);
    expect((await daemon.get("/livez")).text).toBe("ok");
    expect(await daemon.stop()).toBe(0);
  },
  STORY_MS,
);

test(
  "a receiver that is down is tried again with the same id until it is up",
  async () => {
    await using receiver = aReceiver();
    receiver.react((_, index) => [503, 500][index] ?? 200);
    await using scene = await aScene(
      configText({
        code: `
          const rung = flow({ name: "rung", onCompletion: webhook({ url: "${receiver.url}", retry: ["0s", "50ms", "50ms"] }), run: () => {} });`,
        flows: ["rung"],
      }),
    );
    const daemon = await scene.serve();

    const { id } = await daemon.trigger("rung");
    const delivery = await until(
      "it is delivered",
      async () => (await daemon.deliveries(id)).find(({ status }) => status === "delivered"),
      daemon,
    );

    expect(delivery.attempts.map(({ attempt, error }) => [attempt, error === undefined])).toEqual([
      [1, false],
      [2, false],
      [3, true],
    ]);
    expect(receiver.requests.map(({ headers }) => headers.get("webhook-id"))).toEqual([
      delivery.id,
      delivery.id,
      delivery.id,
    ]);
  },
  STORY_MS,
);
