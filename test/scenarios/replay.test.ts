import { expect, test } from "bun:test";
import type { DeliveryView } from "../../src/store/run-history.ts";
import { configText } from "../support/configs.ts";
import { aScene, isOver, type Scene, type TestDaemon } from "../support/daemon.ts";
import { aReceiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";

const STORY_MS = 90_000;

/** Three flows, each with a hook of its own that gives up after the first failure. */
function threeBells(url: string): string {
  const bell = (flow: string, name: string) =>
    `const ${flow} = flow({ name: "${flow}", onCompletion: webhook({ name: "${name}", url: "${url}", retry: [] }), run: () => {} });`;
  return configText({
    code: [bell("one", "bell"), bell("two", "gong"), bell("three", "chime")].join("\n"),
    flows: ["one", "two", "three"],
  });
}

/** Runs a flow once; answers its one delivery when that has come to be as wanted. */
async function rungBy(daemon: TestDaemon, flow: string, status: string): Promise<DeliveryView> {
  const { id } = await daemon.trigger(flow);
  await daemon.untilRun(id, isOver);
  return await until(
    `the delivery is ${status}`,
    async () => (await daemon.deliveries(id)).find((one) => one.status === status),
    daemon,
  );
}

async function untilDelivered(daemon: TestDaemon, id: string): Promise<DeliveryView> {
  return await until(
    "it is delivered",
    async () => {
      const delivery = await daemon.json<DeliveryView>(`/api/deliveries/${id}`);
      return delivery.status === "delivered" ? delivery : undefined;
    },
    daemon,
  );
}

test(
  "dead deliveries are named, and rung again with the same id: by id, run, hook and time range",
  async () => {
    await using receiver = aReceiver();
    receiver.react(() => 500);
    await using scene = await aScene(threeBells(receiver.url));
    const daemon = await scene.serve();
    const dead: DeliveryView[] = [];
    for (const flow of ["one", "one", "two", "three"])
      dead.push(await rungBy(daemon, flow, "dead"));
    const ids = dead.map(({ id }) => id);

    const listed = await scene.tocsin(["hooks", "deliveries", "--failed", "--json"]);
    const ready = (await daemon.get("/readyz?verbose")).text;
    receiver.react(() => 200);
    const ways = [
      [ids[0] ?? ""],
      ["--run", dead[1]?.runName ?? ""],
      ["--hook", "gong"],
      ["--since", "1h"],
    ];
    for (const [index, way] of ways.entries()) {
      const { code, err } = await scene.tocsin(["hooks", "redeliver", ...way]);
      expect([code, err]).toEqual([0, ""]);
      const delivery = await untilDelivered(daemon, ids[index] ?? "");
      expect(delivery).toMatchObject({ attemptsMade: 2, replays: 1 });
      expect((await daemon.status()).deliveries).toMatchObject({
        dead: ids.length - index - 1,
        delivered: index + 1,
        pending: 0,
      });
    }

    const items = JSON.parse(listed.out).items as readonly DeliveryView[];
    expect(items.map(({ id }) => id)).toEqual(ids.toReversed());
    expect(ready).toMatch(
      /4 deliveries are dead: 2 of hook \\"flow:one\/onCompletion\/bell\\"; 1 of/,
    );
    const told = receiver.requests.map(({ headers }) => headers.get("webhook-id"));
    expect(told).toEqual([...ids, ...ids]);
    const shown = await scene.tocsin(["hooks", "deliveries", ids[2] ?? ""]);
    expect(shown.out).toContain(`→ POST ${receiver.url}`);
    expect(shown.out).toMatch(/← 500.*← 200/s);
    expect(await daemon.stop()).toBe(0);
  },
  STORY_MS,
);

const SOON = JSON.stringify(Array.from({ length: 100 }, () => "500ms"));

function withHook(url: string): string {
  const code = `const one = flow({ name: "one", onCompletion: webhook({ name: "bell", url: "${url}", retry: ${SOON} }), run: () => {} });`;
  return configText({ code, flows: ["one"] });
}

const WITHOUT_HOOK = configText({
  code: `const one = flow({ name: "one", run: () => {} });`,
  flows: ["one"],
});

async function untilDead(scene: Scene, id: string): Promise<DeliveryView> {
  return await until("it is dead", async () => {
    const { out } = await scene.tocsin(["hooks", "deliveries", id, "--json"]);
    const delivery = JSON.parse(out) as DeliveryView;
    return delivery.status === "dead" ? delivery : undefined;
  });
}

test(
  "a delivery whose hook is gone dies, is refused while that is so, and is replayed once it is back",
  async () => {
    await using receiver = aReceiver();
    receiver.react(() => 503);
    await using scene = await aScene(withHook(receiver.url));
    const first = await scene.serve();
    const { id } = await rungBy(first, "one", "retrying");
    await first.kill9();
    await scene.write("flows.config.ts", WITHOUT_HOOK);
    const second = await scene.serve();

    const dead = await untilDead(scene, id);
    const refused = await scene.tocsin(["hooks", "redeliver", id]);
    const skipped = await scene.tocsin(["hooks", "redeliver", "--hook", "bell"]);
    const hooks = await scene.tocsin(["hooks", "ls"]);
    await second.stop();
    await scene.write("flows.config.ts", withHook(receiver.url));
    receiver.react(() => 200);
    const replayed = await scene.tocsin(["hooks", "redeliver", "--hook", "bell"]);
    const waiting = await scene.tocsin(["hooks", "deliveries", "--status", "pending", "--json"]);
    const third = await scene.serve();
    const delivered = await untilDelivered(third, id);

    expect(dead.reason).toContain("no longer in the config");
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining("not in the config")]);
    expect(skipped.err).toContain("1 left alone");
    expect(hooks.out).toContain("not in the config\tflow:one/onCompletion/bell\n");
    expect([replayed.code, replayed.out]).toEqual([0, "1 delivery rung again\n"]);
    expect(replayed.err).toContain("No daemon runs: the next one rings");
    expect(JSON.parse(waiting.out).items).toMatchObject([{ id, status: "pending", replays: 1 }]);
    expect(delivered).toMatchObject({ id, replays: 1 });
    expect(receiver.requests.at(-1)?.headers.get("webhook-id")).toBe(id);
    expect(await third.stop()).toBe(0);
  },
  STORY_MS,
);
