import { describe, expect, test } from "bun:test";
import { instant, isoOf } from "../../src/domain/instant.ts";
import type { Commands } from "../../src/engine/commands.ts";
import { createApp } from "../../src/http/app.ts";
import { memoryDaemon, NOON } from "./support/memory-daemon.ts";
import { aDelivery, DEAD_ID, GONE, NOTIFY } from "./support/memory-deliveries.ts";

function called() {
  const daemon = memoryDaemon();
  const app = createApp(daemon.api);
  const call = async (method: string, path: string, body?: unknown) => {
    const answer = await app.request(path, {
      method,
      headers: { "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
    return { status: answer.status, headers: answer.headers, body: (await answer.json()) as any };
  };
  return { ...daemon, call };
}

const id = (no: number) => `019bd2f0-0000-7000-8000-00000000010${no}`;

describe("deliveries", () => {
  test("are listed newest first, a page at a time, with what people call the hook", async () => {
    const { call, deliveries } = called();
    deliveries.push(aDelivery({ id: id(1) }), aDelivery({ id: id(2), hook: GONE }));

    const first = await call("GET", "/api/deliveries?limit=2&status=dead");
    const second = await call("GET", first.headers.get("link")?.match(/<(.*)>/)?.[1] ?? "");

    expect(first.body.items.map((one: { id: string }) => one.id)).toEqual([id(2), id(1)]);
    expect(first.body.items.map((one: { hookName?: string }) => one.hookName)).toEqual([
      undefined,
      "notify",
    ]);
    expect(second.body.items.map((one: { id: string }) => one.id)).toEqual([DEAD_ID]);
    expect(second.body.next).toBeUndefined();
  });

  test("are filtered by status, hook, run, flow, moment and time", async () => {
    const { call, deliveries, runs } = called();
    await call("POST", "/api/flows/backup/runs", {});
    const run = runs[0]?.id ?? "";
    const earlier = isoOf(instant(NOON - 3_600_000));
    deliveries.push(
      aDelivery({ id: id(1), status: "delivered", run }),
      aDelivery({ id: id(2), hook: GONE, flow: "report", moment: "onLate", createdAt: earlier }),
    );
    const idsBy = async (query: string) => {
      const { body } = await call("GET", `/api/deliveries?${query}`);
      return body.items.map((one: { id: string }) => one.id);
    };

    expect(await idsBy("status=delivered,retrying")).toEqual([id(1)]);
    expect(await idsBy("hook=notify")).toEqual([id(1), DEAD_ID]);
    expect(await idsBy(`hook=${encodeURIComponent(NOTIFY)}`)).toEqual([id(1), DEAD_ID]);
    expect(await idsBy("hook=old-bell")).toEqual([id(2)]);
    expect(await idsBy("run=brave-otter-1")).toEqual([id(1)]);
    expect(await idsBy("flow=report")).toEqual([id(2)]);
    expect(await idsBy("moment=onlate")).toEqual([id(2)]);
    expect(await idsBy("until=30m")).toEqual([id(2)]);
    expect(await idsBy("since=30m&status=dead")).toEqual([DEAD_ID]);
  });

  test.each([
    ["status=broken", 400, "expected one of pending, delivered, retrying, dead, dropped"],
    ["moment=onFire", 400, "expected one of onRunning"],
    ["hook=notfy", 404, 'did you mean "notify"?'],
    ["hook=zzz", 404, "neither the config nor any delivery"],
    ["run=nobody", 404, "no run has this id or name"],
    ["since=yesterday", 400, "expected a time"],
    ["limit=900", 400, "from 1 to 200"],
    ["statu=dead", 400, "did you mean status?"],
  ])("refuse %s", async (query, status, why) => {
    const answer = await called().call("GET", `/api/deliveries?${query}`);

    expect(answer.status).toBe(status);
    expect(answer.body.detail).toContain(why);
  });

  test("are shown one by one with attempts, log lines and exchanges", async () => {
    const { call, deliveries } = called();

    const { body } = await call("GET", `/api/deliveries/${DEAD_ID.slice(0, 12)}`);
    deliveries.push(aDelivery({ id: id(1) }));

    expect(body).toMatchObject({
      id: DEAD_ID,
      hookName: "notify",
      attempts: [
        {
          error: { message: "HTTP 500" },
          log: [{ text: "about to tell" }],
          exchanges: [{ answer: "500 Internal Server Error" }],
        },
      ],
    });
    expect((await call("GET", "/api/deliveries/019bd2f0")).status).toBe(409);
    expect((await call("GET", "/api/deliveries/nothing")).status).toBe(404);
  });
});

describe("asking for a delivery again", () => {
  test("answers it as it is then, and is refused while it is pending", async () => {
    const { call } = called();

    const first = await call("POST", `/api/deliveries/${DEAD_ID}/redeliver`);
    const second = await call("POST", `/api/deliveries/${DEAD_ID}/redeliver`);

    expect([first.status, first.body.status, first.body.replays]).toEqual([202, "pending", 1]);
    expect(second.status).toBe(409);
    expect(second.body.detail).toContain("it is pending, and rung as soon as its turn comes");
  });

  test("is refused when its hook is not in the config", async () => {
    const { call, deliveries } = called();
    deliveries.push(aDelivery({ id: id(1), hook: GONE }));

    const { status, body } = await call("POST", `/api/deliveries/${id(1)}/redeliver`);

    expect(status).toBe(409);
    expect(body.detail).toContain("is not in the config, so it would only die again");
  });

  test("by a filter rings the dead ones, and says how many were left alone", async () => {
    const { call, deliveries } = called();
    deliveries.push(
      aDelivery({ id: id(1), hook: GONE }),
      aDelivery({ id: id(2), status: "delivered" }),
      aDelivery({ id: id(3), status: "retrying" }),
    );

    const counted = await call("POST", "/api/deliveries/redeliver", {
      flow: "backup",
      dryRun: true,
    });
    const rung = await call("POST", "/api/deliveries/redeliver", { flow: "backup" });
    const named = await call("POST", "/api/deliveries/redeliver", {
      status: ["delivered", "retrying"],
    });

    expect(counted.body).toEqual({ redelivered: 1, skipped: 1, dryRun: true });
    expect(rung.body).toEqual({ redelivered: 1, skipped: 1 });
    expect(named.body).toEqual({ redelivered: 2, skipped: 0 });
  });

  test.each([
    [{}, "say which ones with hook, run, flow, since or status"],
    [{ until: "1h" }, "say which ones with hook, run, flow, since or status"],
    [{ status: "pending" }, "status"],
    [{ since: "yesterday" }, "expected a time"],
    [{ hooks: "x" }, "there is no such field"],
  ])("%j is refused", async (body, why) => {
    const answer = await called().call("POST", "/api/deliveries/redeliver", body);

    expect(answer.status).toBe(400);
    expect(answer.body.detail).toContain(why);
  });

  test("is 503 while nothing can be saved", async () => {
    const daemon = memoryDaemon();
    const commands: Commands = {
      ...daemon.api.commands,
      redeliver: async () => "unavailable",
      redeliverMany: async () => "unavailable",
    };
    const app = createApp({ ...daemon.api, commands });
    const post = { method: "POST", headers: { "content-type": "application/json" } };

    const one = await app.request(`/api/deliveries/${DEAD_ID}/redeliver`, post);
    const many = await app.request("/api/deliveries/redeliver", {
      ...post,
      body: '{"since":"1d"}',
    });

    expect([one.status, many.status]).toEqual([503, 503]);
  });
});

describe("hooks", () => {
  test("are listed with whose they are, their options and how their deliveries stand", async () => {
    const { body } = await called().call("GET", "/api/hooks");

    expect(body.items).toEqual([
      {
        key: NOTIFY,
        name: "notify",
        owner: { kind: "flow", name: "backup" },
        moments: ["onFailure"],
        timeoutMs: 30_000,
        retry: "at once, then after 5s, 5m, 30m, 2h, 5h, 10h, 14h, 20h, 1d",
        retryMs: expect.any(Array),
        deliveries: { dead: 1 },
        lastFailure: { at: isoOf(NOON), message: "HTTP 500" },
      },
    ]);
  });

  test("that the config has no longer are listed as gone while they have deliveries", async () => {
    const { call, deliveries } = called();
    deliveries.push(aDelivery({ id: id(1), hook: GONE, status: "retrying" }));

    const { items } = (await call("GET", "/api/hooks")).body;

    expect(items.at(-1)).toMatchObject({
      key: GONE,
      name: "old-bell",
      owner: { kind: "flow", name: "backup" },
      gone: true,
      deliveries: { retrying: 1 },
    });
  });

  test("that are down say since when, what waits, and when they are tried next", async () => {
    const since = instant(NOON - 60_000);
    const record = {
      key: NOTIFY,
      deliveries: { pending: 4, retrying: 2 },
      oldestDueAt: since,
      down: { since, nextTryAt: NOON },
    };
    const app = createApp(memoryDaemon({ hookRecords: async () => [record] }).api);

    const { items } = (await (await app.request("/api/hooks")).json()) as { items: object[] };

    expect(items[0]).toMatchObject({
      waiting: { count: 6, oldestDueAt: isoOf(since) },
      down: { since: isoOf(since), nextTryAt: isoOf(NOON) },
    });
  });
});

test("decisions are listed newest first, by flow and kind", async () => {
  const { call, decisions } = called();
  const one = {
    flow: "backup",
    schedule: "hourly",
    dueAt: isoOf(NOON),
    kind: "skipped",
    reason: "the run before is still open",
    decidedAt: isoOf(NOON),
  } as const;
  decisions.push(one, { ...one, kind: "missed" }, { ...one, flow: "report" });

  const { items } = (await call("GET", "/api/decisions?flow=backup")).body;
  const missed = (await call("GET", "/api/decisions?kind=missed")).body;

  expect(items.map(({ kind }: { kind: string }) => kind)).toEqual(["missed", "skipped"]);
  expect(missed.items).toHaveLength(1);
  expect((await call("GET", "/api/decisions?kind=merged")).status).toBe(400);
});
