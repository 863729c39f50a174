import { expect, test } from "bun:test";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import Libsql from "libsql";
import type { RunView } from "../../src/domain/run-view.ts";
import { configText } from "../support/configs.ts";
import { aScene, isOver, type Scene, type TestDaemon } from "../support/daemon.ts";
import { type HranaServer, losing } from "../support/hrana-server.ts";
import { liveAndDie, untilQuiet } from "../support/load.ts";
import { aReceiver, type Receiver } from "../support/receiver.ts";
import { contentOf, TOKEN, temporaryServer } from "../support/remote-stores.ts";
import { until } from "../support/until.ts";

const STORY_MS = 240_000;
const KILLS = 6;
const RUNS_PER_REQUEST = 10;
const LOAD = { perRequest: RUNS_PER_REQUEST, lifeMsMax: 1_500 };
const ENV = { TOCSIN_STORE_TOKEN: TOKEN };
const CONFIG = configText({
  code: `const one = flow({ name: "one", overlap: "allow", run: () => String(process.env.TOCSIN_STORE_TOKEN) });`,
  flows: ["one"],
});

test(
  `${KILLS} random kill -9 at a server that loses 3 % of requests and answers lose and repeat nothing`,
  async () => {
    await using receiver = aReceiver();
    await using scene = await aScene();
    await scene.write("flows.config.ts", loadConfig(receiver));
    const server = await temporaryServer();
    server.judge(losing(3));
    const acknowledged: string[] = [];

    for (let kill = 0; kill < KILLS; kill += 1) {
      acknowledged.push(...(await liveAndDie(await serve(scene, server), LOAD)));
      if (kill === 1) await loseCopy(scene, server);
    }
    const last = await serve(scene, server);
    await untilQuiet(last);
    expect(await last.stop()).toBe(0);
    await server.stop();

    expect(server.lost()).toBeGreaterThan(0);
    expect(contentOf(copyIn(scene, server))).toEqual(contentOf(server.path));
    const ends = endsIn(server);
    expect(acknowledged.length).toBeGreaterThan(RUNS_PER_REQUEST);
    expect(acknowledged.filter((id) => !ends.has(id))).toEqual([]);
    const told = Map.groupBy(receiver.requests, ({ body }) => runIn(body));
    for (const [id, states] of ends) {
      const [state = ""] = states;
      expect([id, states.length, ["COMPLETED", "CRASHED"].includes(state)]).toEqual([id, 1, true]);
      const ids = new Set(told.get(id)?.map(({ headers }) => headers.get("webhook-id")));
      expect([id, ids.size]).toEqual([id, 1]);
    }
    expect(duesIn(server)).toBeGreaterThan(1);
  },
  STORY_MS,
);

test(
  "while the server is away the daemon lives and says so, and then everything goes on",
  async () => {
    await using scene = await aScene(CONFIG);
    const server = await temporaryServer();
    const daemon = await serve(scene, server);
    await daemon.untilRun((await daemon.trigger("one")).id, isOver);

    server.judge(() => "unavailable");
    // It waits for the server, or is answered that it is away.
    const meanwhile = daemon.post("/api/flows/one/runs").catch(() => undefined);
    const unready = await until(
      "it is not ready",
      async () => {
        const answer = await daemon.get("/readyz?verbose");
        return answer.status === 503 ? answer : undefined;
      },
      daemon,
    );
    expect(unready.text).toContain("Cannot write to the store");
    expect((await daemon.get("/api/runs")).status).toBe(200);
    expect((await daemon.post("/api/flows/one/runs")).status).toBe(503);

    server.judge(() => "answered");
    await until("it is ready", async () => (await daemon.get("/readyz")).status === 200, daemon);
    const later = await daemon.untilRun((await daemon.trigger("one")).id, isOver);
    expect(later.state.type).toBe("COMPLETED");
    expect(daemon.log()).toContain("The store can be written again");
    expect([201, 503]).toContain((await meanwhile)?.status ?? 0);
    expect(await daemon.stop()).toBe(0);
    expect(contentOf(copyIn(scene, server))).toEqual(contentOf(server.path));
    await server.stop();
  },
  STORY_MS,
);

test(
  "a daemon whose store somebody else has taken ends at once, and its runs with it",
  async () => {
    await using scene = await aScene(CONFIG);
    const server = await temporaryServer();
    const daemon = await serve(scene, server);
    const database = new Libsql(server.path);
    database.exec("UPDATE remote_head SET token = 'of another', boot = 'another'");
    database.close();

    const asked = daemon.post("/api/flows/one/runs").catch(() => undefined);

    expect(await daemon.ended()).toBe(1);
    expect((await asked)?.status).not.toBe(201);
    expect(daemon.log()).toContain(`Cannot go on with store \\"${server.url}\\": another tocsin`);
    expect(contentOf(server.path)["run"]).toEqual([]);
    await server.stop();
  },
  STORY_MS,
);

test(
  "a file is moved to a server, and back",
  async () => {
    await using scene = await aScene(CONFIG);
    const server = await temporaryServer();
    const at = (...args: string[]) => scene.tocsin(args, { env: ENV });
    const { id } = JSON.parse((await at("run", "one", "--json")).out) as RunView;

    const steps = [
      await at("db", "backup", "out.db"),
      await at("db", "restore", "out.db", "--store", server.url),
      await at("db", "backup", "back.db", "--store", server.url),
      await at("db", "restore", "back.db", "--store", "back/state.db"),
    ];
    const daemon = await serve(scene, server);
    const moved = await daemon.run(id);
    await daemon.stop();

    expect(steps.map(({ code, err }) => [code, code === 0 ? "" : err])).toEqual(
      steps.map(() => [0, ""]),
    );
    expect(moved.state.type).toBe("COMPLETED");
    const back = contentOf(join(scene.folder, "back/state.db"));
    expect(back["run"]).toEqual(contentOf(server.path)["run"]);
    await server.stop();
  },
  STORY_MS,
);

test(
  "the token is nowhere to be seen, and flows do not get it",
  async () => {
    await using scene = await aScene(CONFIG);
    const server = await temporaryServer();
    await scene.write("token", `${TOKEN}\n`);
    const env = { TOCSIN_STORE: server.url, TOCSIN_STORE_TOKEN_FILE: join(scene.folder, "token") };
    const daemon = await scene.serve({ env, store: copyIn(scene, server), args: ["--verbose"] });

    const run = await daemon.untilRun((await daemon.trigger("one")).id, isOver);
    const shown = [
      (await scene.tocsin(["config", "show", "--json"], { env })).out,
      (await scene.tocsin(["doctor"], { env })).out,
      await daemon.json<object>("/api/status").then((status) => JSON.stringify(status)),
      readFileSync(`/proc/${daemon.pid}/cmdline`, "utf8"),
    ];
    await daemon.stop();
    const wrong = await scene.refusal({
      env: { ...ENV, TOCSIN_STORE: `${server.url}?authToken=${TOKEN}` },
    });
    const refused = await scene.refusal({
      env: { TOCSIN_STORE: server.url, TOCSIN_STORE_TOKEN: "no" },
    });

    expect(run.result).toBe("undefined");
    expect(shown[0]).toContain(server.url);
    expect(shown[1]).toContain(`${server.url}, held by pid ${daemon.pid}`);
    expect([wrong.code, refused.code]).toEqual([6, 1]);
    expect(wrong.err).toContain("without a token in it");
    expect(refused.err).toContain("does not take the token");
    for (const text of [...shown, daemon.log(), wrong.err, refused.err]) {
      expect(text).not.toContain(TOKEN);
    }
    await server.stop();
  },
  STORY_MS,
);

test(
  "a second daemon elsewhere is refused, and so are commands that need the store for themselves",
  async () => {
    await using scene = await aScene(CONFIG);
    await using elsewhere = await aScene(CONFIG);
    const server = await temporaryServer();
    const env = { ...ENV, TOCSIN_STORE: server.url };
    const daemon = await serve(scene, server);

    const second = await elsewhere.refusal({ env });
    const stats = await elsewhere.tocsin(["db", "stats", "--store", server.url], { env });

    for (const { code, err } of [second, stats]) {
      expect(code).toBe(1);
      expect(err).toContain(`Cannot open store "${server.url}": another tocsin holds it`);
      expect(err).toContain(`pid ${daemon.pid}`);
      expect(err).toContain(daemon.url);
    }
    expect(await daemon.stop()).toBe(0);
    await server.stop();
  },
  STORY_MS,
);

test(
  "commands work on the server's store where no daemon runs",
  async () => {
    await using scene = await aScene(CONFIG);
    await using elsewhere = await aScene(CONFIG);
    const server = await temporaryServer();
    const env = { ...ENV, TOCSIN_STORE: server.url };
    const at = (where: Scene, ...args: string[]) => where.tocsin(args, { env });

    const path = await at(scene, "db", "path");
    const ran = await at(scene, "run", "one", "--json");
    const runs = await at(elsewhere, "runs", "ls", "--json");
    const made = await at(scene, "token", "new", "ci");
    const tokens = await at(elsewhere, "token", "ls", "--json");
    const saved = await scene.tocsin(["blocks", "set", "string/greeting"], { env, stdin: "hello" });
    const block = await at(scene, "blocks", "get", "string/greeting");
    const stats = await at(elsewhere, "db", "stats", "--json");
    const backup = await at(elsewhere, "db", "backup", "copy.db");
    const checked = await at(elsewhere, "db", "check", "--store", "copy.db");
    const pruned = await at(elsewhere, "db", "prune", "--older-than", "1h");
    const [restore, vacuum] = [
      await at(elsewhere, "db", "restore", "copy.db"),
      await at(scene, "db", "vacuum"),
    ];

    expect(path.out.trim()).toBe(server.url);
    const { id } = JSON.parse(ran.out) as RunView;
    expect(JSON.parse(runs.out)).toMatchObject({ items: [{ id, state: { type: "COMPLETED" } }] });
    expect([made.code, saved.code, backup.code, checked.code, pruned.code]).toEqual([
      0, 0, 0, 0, 0,
    ]);
    expect(JSON.parse(tokens.out)).toMatchObject({ items: [{ name: "ci" }] });
    expect(block.out.trim()).toBe("hello");
    expect(JSON.parse(stats.out)).toMatchObject({ path: server.url });
    expect([restore.code, vacuum.code]).toEqual([1, 1]);
    expect(restore.err).toContain(`Cannot restore store "${server.url}": there is a store already`);
    expect(vacuum.err).toContain("its server sees to its own files");
    expect(contentOf(copyIn(elsewhere, server))).toEqual(contentOf(server.path));
    await server.stop();
  },
  STORY_MS,
);

function serve(scene: Scene, server: HranaServer): Promise<TestDaemon> {
  return scene.serve({
    args: ["--no-watch", "--store", server.url],
    env: ENV,
    store: copyIn(scene, server),
  });
}

function copyIn({ folder }: Scene, { url }: HranaServer): string {
  return join(folder, ".tocsin", `${new URL(url).host.replace(":", "_")}.copy.db`);
}

/** Another machine takes over: nothing tells it that the daemon before is dead but its silence. */
async function loseCopy(scene: Scene, server: HranaServer): Promise<void> {
  rmSync(join(scene.folder, ".tocsin"), { recursive: true });
  const silent = () =>
    ask(server, "SELECT lease_until AS value FROM remote_head") < Date.now() + 5_000;
  await until("the lease has nearly ended", silent, { ms: 60_000 });
}

function loadConfig({ url }: Receiver): string {
  return configText({
    code: `
      const load = flow({
        name: "load",
        overlap: "allow",
        schedules: [{ every: "1s" }],
        onAnyEnd: webhook({ url: "${url}" }),
        run: async () => {
          await wait(Math.random() * 20);
        },
      });`,
    flows: ["load"],
  });
}

/** The terminal transitions of every run, by run id, as the server has them. */
function endsIn(server: HranaServer): ReadonlyMap<string, readonly string[]> {
  const rows = rowsAt<{ id: string; type: string }>(
    server,
    `SELECT r.id, t.type FROM run r LEFT JOIN transition t ON t.run_no = r.no AND t.task_no IS NULL
       AND t.type IN ('COMPLETED', 'FAILED', 'CRASHED', 'CANCELLED')`,
  );
  const byRun = Map.groupBy(rows, ({ id }) => id);
  return new Map([...byRun].map(([id, ends]) => [id, ends.map(({ type }) => type)]));
}

function duesIn(server: HranaServer): number {
  return ask(server, "SELECT count(*) AS value FROM run WHERE schedule_key IS NOT NULL");
}

function ask(server: HranaServer, sql: string): number {
  return rowsAt<{ value: number }>(server, sql)[0]?.value ?? -1;
}

function rowsAt<Row>({ path }: HranaServer, sql: string): readonly Row[] {
  const database = new Libsql(path);
  try {
    return database.prepare(sql).all() as Row[];
  } finally {
    database.close();
  }
}

function runIn(body: string): string {
  const { data } = JSON.parse(body) as { data: { run: { id: string } } };
  return data.run.id;
}
