import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { createServer } from "node:net";
import { join } from "node:path";
import { configText } from "../support/configs.ts";
import { aScene, type Scene, type TestDaemon } from "../support/daemon.ts";
import { aHostileReceiver, type Hostility } from "../support/hostile-receiver.ts";
import { aReceiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";

const STORY_MS = 120_000;
const WAITING = 5_000;
const OTHERS = 200;
const PER_CALL = 500;
/** How many deliveries of one hook may be under way at once, however well its receiver does. */
const AT_ONCE_MAX = 64;

test(
  `${WAITING} deliveries wait for a receiver that is down, hold up nobody, and come in growing numbers when it is back`,
  async () => {
    await using alive = aReceiver();
    const port = await closedPort();
    await using scene = await aScene(
      configText({
        code: `
          const down = webhook({ name: "down", url: "http://127.0.0.1:${port}", retry: Array(50).fill("100ms") });
          const waiting = flow({ name: "waiting", overlap: "allow", onCompletion: down, run: () => {} });
          const other = flow({ name: "other", overlap: "allow", onCompletion: webhook({ url: "${alive.url}" }), run: () => {} });`,
        flows: ["waiting", "other"],
      }),
    );
    const daemon = await scene.serve({ args: ["--no-watch"] });
    await ask(daemon, "waiting", WAITING);
    await ask(daemon, "other", OTHERS);
    await until("the others are told", () => alive.requests.length === OTHERS, daemon);
    await until(
      "all runs are over",
      async () => {
        const { runs, deliveries } = await daemon.status();
        return runs.COMPLETED === WAITING + OTHERS && deliveries.delivered === OTHERS;
      },
      daemon,
    );
    const { deliveries } = await daemon.status();
    expect(deliveries.pending + deliveries.retrying).toBe(WAITING);
    expect(deliveries.dead).toBe(0);

    await using back = theReceiverIsBack(port);
    await until(
      "all are delivered",
      async () => {
        const { deliveries: now } = await daemon.status();
        return now.delivered === WAITING + OTHERS;
      },
      { log: daemon.log, ms: 90_000 },
    );
    expect(await daemon.stop()).toBe(0);

    expect(back.ids).toHaveLength(WAITING);
    expect(new Set(back.ids).size).toBe(WAITING);
    expect(back.tooMany).toEqual([]);
    expect(recordedOnce(scene)).toBe(WAITING + OTHERS);
  },
  STORY_MS,
);

test(
  "a receiver that hangs has a few deliveries at once, and the hooks of other flows are rung meanwhile",
  async () => {
    await using hanging = await aHostileReceiver("hangs");
    await using alive = aReceiver();
    await using scene = await aScene(
      configText({
        code: `
          const stuck = flow({ name: "stuck", overlap: "allow", onCompletion: webhook({ name: "stuck", url: "${hanging.url}" }), run: () => {} });
          const other = flow({ name: "other", overlap: "allow", onCompletion: webhook({ name: "other", url: "${alive.url}" }), run: () => {} });`,
        flows: ["stuck", "other"],
      }),
    );
    const daemon = await scene.serve({ args: ["--no-watch"] });
    await ask(daemon, "stuck", OTHERS);
    await until("it is rung", () => hanging.requests() > 0, daemon);
    await ask(daemon, "other", OTHERS);
    await until("the others are told", () => alive.requests.length === OTHERS, daemon);
    await until(
      "the runs of both are over",
      async () => {
        const { runs, deliveries } = await daemon.status();
        return runs.COMPLETED === 2 * OTHERS && deliveries.delivered === OTHERS;
      },
      daemon,
    );

    expect((await daemon.status()).deliveries.pending).toBe(OTHERS);
    expect(hanging.atOnce()).toBeLessThanOrEqual(16);
  },
  STORY_MS,
);

/** What each does, and what is on record of the attempt. */
const HOSTILE: Readonly<Record<Exclude<Hostility, "hangs">, RegExp>> = {
  drips: /500|too long|timeout/i,
  refuses: /answered 500/,
  "asks for time": /answered 429/,
  redirects: /answered 302/,
  closes: /Cannot reach the webhook/,
  "never ends": /answered 500/,
};

test(
  "receivers that drip, refuse, ask for time, redirect, close, or never end are on record with why, and nothing more is taken from them",
  async () => {
    await using alive = aReceiver();
    await using stack = new AsyncDisposableStack();
    const kinds = Object.keys(HOSTILE) as (keyof typeof HOSTILE)[];
    const receivers = await Promise.all(
      kinds.map(async (kind) => stack.use(await aHostileReceiver(kind, `${alive.url}/stolen`))),
    );
    const hooks = kinds.map(
      (kind, no) =>
        `webhook({ name: "${kind}", url: "${receivers[no]?.url}", timeout: "2s", retry: ${kind === "asks for time" ? '["0s"]' : "[]"} })`,
    );
    await using scene = await aScene(
      configText({
        code: `
          const rung = flow({ name: "rung", onCompletion: [${hooks.join(", ")}, webhook({ name: "good", url: "${alive.url}/good" })], run: () => {} });`,
        flows: ["rung"],
      }),
    );
    const daemon = await scene.serve({ args: ["--no-watch"] });
    const { id } = await daemon.trigger("rung");
    const deliveries = await until(
      "every delivery is over",
      async () => {
        const found = await daemon.deliveries(id);
        const isOver = found.every(({ status }) => status === "delivered" || status === "dead");
        return isOver && found.length === hooks.length + 1 ? found : undefined;
      },
      daemon,
    );

    const byName = new Map(deliveries.map((one) => [one.hook.split("/").at(-1) ?? "", one]));
    expect(byName.get("good")?.status).toBe("delivered");
    expect(alive.requests.map(({ path }) => path)).toEqual(["/good"]);
    for (const [kind, why] of Object.entries(HOSTILE)) {
      const { status, attempts = [] } = byName.get(kind) ?? {};
      expect([kind, status, attempts.length]).toEqual([
        kind,
        "dead",
        kind === "asks for time" ? 2 : 1,
      ]);
      expect([kind, attempts[0]?.error?.message]).toEqual([kind, expect.stringMatching(why)]);
    }
    const [first, second] = byName.get("asks for time")?.attempts ?? [];
    const waited = Date.parse(second?.startedAt ?? "") - Date.parse(first?.endedAt ?? "");
    expect(waited).toBeGreaterThanOrEqual(1_000);
    const endless = receivers[kinds.indexOf("never ends")];
    await until("the endless one is left", () => (endless?.sent() ?? 0) > 0, daemon);
    expect(endless?.sent()).toBeLessThan(64 * 1024 * 1024);
  },
  STORY_MS,
);

async function ask(daemon: TestDaemon, flow: string, count: number): Promise<void> {
  for (let asked = 0; asked < count; asked += PER_CALL) {
    const items = Array.from({ length: Math.min(PER_CALL, count - asked) }, () => ({ flow }));
    const { status, text } = await daemon.post("/api/runs/bulk", { items });
    expect([status, status === 201 ? "" : text]).toEqual([201, ""]);
  }
}

/** A port at which nobody listens: not one of those that the system gives to whoever asks. */
async function closedPort(): Promise<number> {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 20_000);
    const server = createServer();
    const isFree = await new Promise<boolean>((answer) => {
      server.once("error", () => answer(false));
      server.listen(port, "127.0.0.1", () => server.close(() => answer(true)));
    });
    if (isFree) return port;
  }
}

/** Answers 200 after a moment, and notes when there were more at once than the answers so far allow. */
function theReceiverIsBack(port: number) {
  const ids: string[] = [];
  const tooMany: string[] = [];
  let [now, answered] = [0, 0];
  const server = Bun.serve({
    port,
    hostname: "127.0.0.1",
    async fetch(request) {
      now += 1;
      // One is tried; each that succeeds doubles what may come.
      const allowed = Math.min(AT_ONCE_MAX, 2 ** answered);
      if (now > allowed) tooMany.push(`${now} at once after ${answered} answers`);
      ids.push(request.headers.get("webhook-id") ?? "none");
      await request.text();
      await Bun.sleep(1);
      now -= 1;
      answered += 1;
      return new Response();
    },
  });
  return { ids, tooMany, [Symbol.asyncDispose]: () => server.stop(true) };
}

/** How many deliveries are delivered with exactly one attempt that succeeded, and it the last. */
function recordedOnce({ folder }: Scene): number {
  using database = new Database(join(folder, ".tocsin/state.db"), { readonly: true });
  const [row] = database
    .query<{ count: number }, []>(
      `SELECT count(*) AS count FROM delivery d WHERE d.status = 'delivered' AND 1 = (
         SELECT sum(a.error IS NULL) FROM delivery_attempt a WHERE a.delivery_no = d.no)
       AND EXISTS (SELECT 1 FROM delivery_attempt a WHERE a.delivery_no = d.no AND a.attempt = d.attempts AND a.error IS NULL)`,
    )
    .all();
  return row?.count ?? 0;
}
