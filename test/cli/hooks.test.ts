import { afterEach, describe, expect, test } from "bun:test";
import { aDelivery, DEAD_ID, GONE, NOTIFY } from "../http/support/memory-deliveries.ts";
import { served, stopServers } from "./support/served.ts";

afterEach(stopServers);

const id = (no: number) => `019bd2f0-0000-7000-8000-00000000010${no}`;

describe("hooks ls", () => {
  test("shows whose each hook is and how its deliveries stand", async () => {
    const { call, daemon } = await served();
    daemon.deliveries.push(aDelivery({ id: id(1), hook: GONE }));

    const { out, code } = await call("hooks ls");

    expect(code).toBe(0);
    expect(out).toContain(
      `notify\tflow backup\tonFailure\t0\t0\t\t1\t\tfailed 2026-01-31T12:00:00.000Z: HTTP 500\t${NOTIFY}\n`,
    );
    expect(out).toContain(`old-bell\tflow backup\t\t0\t0\t\t1\t\tnot in the config\t${GONE}\n`);
  });
});

describe("hooks deliveries", () => {
  test("lists those that fit, with why they failed", async () => {
    const { call, daemon } = await served();
    daemon.deliveries.push(
      aDelivery({ id: id(1), status: "delivered" }),
      aDelivery({ id: id(2), status: "retrying", nextAttemptAt: "2026-01-31T12:05:00.000Z" }),
    );

    const { out } = await call("hooks deliveries --failed");
    const { items } = JSON.parse((await call("hooks deliveries --status delivered --json")).out);
    const lines = (await call("hooks deliveries --hook notify --jsonl")).out.trim().split("\n");

    expect(out.split("\n").map((line) => line.split("\t")[0])).toEqual([id(2), DEAD_ID, ""]);
    expect(out).toContain("\t2026-01-31T12:05:00.000Z\tHTTP 500\n");
    expect(items.map((one: { id: string }) => one.id)).toEqual([id(1)]);
    expect(lines).toHaveLength(3);
  });

  test("shows one with its attempts, exchanges, log lines and errors", async () => {
    const { call } = await served();

    const { out } = await call(`hooks deliveries ${DEAD_ID}`);

    expect(out).toContain(`hook        notify (${NOTIFY})\n`);
    expect(out).toContain("→ POST http://127.0.0.1/bell\n  ← 500 Internal Server Error\n");
    expect(out).toContain("info   about to tell\n");
    expect(out).toContain("Error: HTTP 500\n");
  });

  test.each([
    ["hooks deliveries nothing", 3, "no delivery has this id"],
    ["hooks deliveries --hook notfy", 3, 'did you mean "notify"?'],
    ["hooks deliveries --status broken", 2, "none of pending"],
    ["hooks deliveries --limit 900", 2, "from 1 to 200"],
  ])("%s is %d", async (line, exit, why) => {
    const { call } = await served();

    const { code, err } = await call(line);

    expect(code).toBe(exit);
    expect(err).toContain(why);
  });
});

describe("hooks redeliver", () => {
  test("rings one again, and only shows it with --dry-run", async () => {
    const { call, daemon } = await served();

    await call(`hooks redeliver ${DEAD_ID} --dry-run`);
    const before = daemon.deliveries[0]?.status;
    const { out, code } = await call(`hooks redeliver ${DEAD_ID}`);
    const again = await call(`hooks redeliver ${DEAD_ID}`);

    expect([before, code]).toEqual(["dead", 0]);
    expect(out).toContain("status      pending\n");
    expect(again.code).toBe(1);
    expect(again.err).toContain("it is pending");
  });

  test("rings many again by hook, flow and time", async () => {
    const { call, daemon } = await served();
    daemon.deliveries.push(aDelivery({ id: id(1) }), aDelivery({ id: id(2), hook: GONE }));

    const counted = await call("hooks redeliver --flow backup --since 3000d --dry-run");
    const { out, err } = await call("hooks redeliver --flow backup --since 3000d");
    const none = await call("hooks redeliver --hook notify --status delivered --json");

    expect(counted.out).toBe("2 deliveries would be rung again\n");
    expect(out).toBe("2 deliveries rung again\n");
    expect(err).toContain("1 left alone: their hooks are not in the config");
    expect(JSON.parse(none.out)).toEqual({ redelivered: 0, skipped: 0 });
  });

  test.each([
    ["hooks redeliver", "say which ones"],
    ["hooks redeliver --until 1h", "say which ones"],
    [`hooks redeliver ${DEAD_ID} --hook notify`, "give either a delivery"],
    ["hooks redeliver --status pending", "none of dead"],
  ])("%s is bad usage", async (line, why) => {
    const { call } = await served();

    const { code, err } = await call(line);

    expect(code).toBe(2);
    expect(err).toContain(why);
  });
});

test("status names the hooks that are in trouble", async () => {
  const { call, daemon } = await served();
  const trouble = { hook: NOTIFY, dead: 2, waiting: 7, downSince: "2026-01-31T11:00:00.000Z" };
  const { status } = daemon.api;
  Object.assign(daemon.api, {
    status: async () => ({ ...(await status()), troubledHooks: [trouble] }),
  });

  const { out } = await call("status");

  expect(out).toContain(
    `hook ${NOTIFY}: 2 dead; its receiver does not answer since 2026-01-31T11:00:00.000Z, 7 wait\n`,
  );
});
