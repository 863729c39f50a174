import { expect, test } from "bun:test";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import Libsql from "libsql";
import type { StoreCheck, StoreStats } from "../../src/domain/store-care.ts";
import { configText } from "../support/configs.ts";
import { aScene, isOver, type Scene } from "../support/daemon.ts";

const STORY_MS = 90_000;
const DAY_MS = 86_400_000;

async function aFolder(): Promise<Scene & { readonly store: string }> {
  const scene = await aScene(
    configText({
      code: `const good = flow({ name: "good", overlap: "allow", run: () => 42, onCompletion: [function note() {}] });`,
      flows: ["good"],
    }),
  );
  return { ...scene, store: join(scene.folder, ".tocsin/state.db") };
}

/** A daemon that ran the flow so often, and was stopped. */
async function ranAndStopped(scene: Scene, times: number): Promise<void> {
  const daemon = await scene.serve();
  for (let run = 0; run < times; run += 1) {
    const { id } = await daemon.trigger("good");
    await daemon.untilRun(id, isOver);
  }
  expect(await daemon.stop()).toBe(0);
}

/** Changes a store behind everybody's back, while nobody has it open. */
function meddle(path: string, sql: string): void {
  const database = new Libsql(path);
  database.exec(sql);
  database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  database.close();
}

test(
  "the store is counted, checked and backed up while the daemon serves, and when none runs, alike",
  async () => {
    await using scene = await aFolder();
    const daemon = await scene.serve();
    const { id } = await daemon.trigger("good");
    await daemon.untilRun(id, isOver);

    const stats = await scene.tocsin(["db", "stats", "--json"]);
    const checked = await scene.tocsin(["db", "check"]);
    const served = await scene.tocsin(["db", "backup", "served.db"]);
    const twice = await scene.tocsin(["db", "backup", "served.db"]);
    const nowhere = await scene.tocsin(["db", "backup", "none/served.db"]);
    const young = await scene.tocsin(["db", "prune", "--older-than", "1m"]);
    expect(await daemon.stop()).toBe(0);
    const alone = await scene.tocsin(["db", "backup", "alone.db", "--json"]);
    const path = await scene.tocsin(["db", "path"]);
    const offline = await scene.tocsin(["db", "stats"], { env: { NO_COLOR: "1" } });

    const told = JSON.parse(stats.out) as StoreStats;
    expect(told.tables.find(({ table }) => table === "run")?.rows).toBe(1);
    expect(told.flows).toMatchObject([{ flow: "good", runs: 1 }]);
    expect([checked.code, checked.out]).toEqual([0, expect.stringMatching(/^ok: 1 runs, 4 /)]);
    expect([served.code, twice.code]).toEqual([0, 1]);
    expect(twice.err).toContain("exists already");
    expect(nowhere.err).toMatch(/^error: Cannot back up to ".+": its folder is not there$/m);
    expect(young.err).toStartWith("error: Cannot read --older-than: ");
    expect(statSync(join(scene.folder, "served.db")).mode & 0o777).toBe(0o600);
    const copy = await scene.tocsin(["db", "check", "--store", "served.db", "--json"]);
    expect(JSON.parse(copy.out) as StoreCheck).toMatchObject({ ok: true, runs: 1 });
    expect(JSON.parse(alone.out)).toMatchObject({ file: join(scene.folder, "alone.db") });
    expect(path.out).toBe(`${scene.store}\n`);
    expect(offline.out).toMatch(/^run\t1\t/m);
    expect(offline.out).not.toContain("\u001b");
    expect(readdirSync(join(scene.folder, ".tocsin")).filter((name) => /copy/.test(name))).toEqual(
      [],
    );
  },
  STORY_MS,
);

test(
  "a backup takes the place of the store, which stays beside it; not while a daemon runs",
  async () => {
    await using scene = await aFolder();
    await ranAndStopped(scene, 1);
    await scene.tocsin(["db", "backup", "one.db"]);
    const daemon = await scene.serve();
    const second = await daemon.trigger("good");
    await daemon.untilRun(second.id, isOver);

    const refused = await scene.tocsin(["db", "restore", "one.db"]);
    expect(await daemon.stop()).toBe(0);
    const restored = await scene.tocsin(["db", "restore", "one.db", "--json"]);

    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining("holds it (pid")]);
    expect(restored.code).toBe(0);
    const { aside, check } = JSON.parse(restored.out) as { aside: string; check: StoreCheck };
    expect(check).toMatchObject({ ok: true, runs: 1 });
    const before = await scene.tocsin(["db", "check", "--store", aside]);
    expect(before.out).toMatch(/^ok: 2 runs/);
    const again = await scene.serve();
    expect((await again.get("/api/runs")).status).toBe(200);
    const list = await scene.tocsin(["runs", "ls"]);
    expect(list.out.trim().split("\n")).toHaveLength(1);
    expect(await again.stop()).toBe(0);
  },
  STORY_MS,
);

test(
  "what is no sound store is not restored, and nothing is changed",
  async () => {
    await using scene = await aFolder();
    await ranAndStopped(scene, 1);
    await scene.tocsin(["db", "backup", "bad.db"]);
    meddle(join(scene.folder, "bad.db"), "DELETE FROM transition WHERE type = 'RUNNING'");
    await scene.write("notes.txt", "no database at all, but long enough to be one. ".repeat(50));
    const was = statSync(scene.store).mtimeMs;

    const bad = await scene.tocsin(["db", "restore", "bad.db"]);
    const foreign = await scene.tocsin(["db", "restore", "notes.txt"]);
    const missing = await scene.tocsin(["db", "restore", "nowhere.db"]);

    expect([bad.code, foreign.code, missing.code]).toEqual([1, 1, 1]);
    expect(bad.err).toContain("a run has more or fewer transitions than steps");
    expect(bad.err).toContain("Nothing was changed");
    expect(foreign.err).toContain("it is not a database");
    expect(missing.err).toContain("there is no such file");
    expect(statSync(scene.store).mtimeMs).toBe(was);
    expect(
      readdirSync(join(scene.folder, ".tocsin")).filter((it) => /before|rest/.test(it)),
    ).toEqual([]);
  },
  STORY_MS,
);

test(
  "a check finds rows that promise each other what does not hold, and a damaged file",
  async () => {
    await using scene = await aFolder();
    await ranAndStopped(scene, 2);
    const fault = async (sql: string) => {
      await scene.tocsin(["db", "backup", "copy.db", "--force"]);
      meddle(join(scene.folder, "copy.db"), sql);
      const { code, out } = await scene.tocsin(["db", "check", "--store", "copy.db"]);
      expect(code).toBe(1);
      return out;
    };

    expect(await fault("UPDATE run SET state_type = 'FAILED', state_name = 'Failed'")).toContain(
      "a run's state is not that of its newest transition (2)",
    );
    expect(await fault("UPDATE delivery SET seq = 999 WHERE no = 1")).toContain(
      "a delivery is of no transition (1): 999",
    );
    expect(await fault("UPDATE run SET ended_at = NULL WHERE no = 1")).toContain("has no end (1)");
    expect(await fault("UPDATE transition SET type = 'COMPLETED' WHERE seq = 2")).toContain(
      "that cannot follow it",
    );
    expect(await fault("DELETE FROM hook")).toContain("a delivery is of no hook (2)");
    const bytes = await Bun.file(join(scene.folder, "copy.db")).bytes();
    await Bun.write(join(scene.folder, "torn.db"), bytes.fill(0x5a, 8_192, 40_960));
    const torn = await scene.tocsin(["db", "check", "--store", "torn.db"]);
    expect([torn.code, torn.out + torn.err]).toEqual([1, expect.stringMatching(/damaged/)]);
  },
  STORY_MS,
);

test(
  "old runs are deleted by the daemon or without one, and the room goes back to the disk",
  async () => {
    await using scene = await aFolder();
    await ranAndStopped(scene, 3);
    meddle(scene.store, `UPDATE run SET ended_at = ended_at - ${40 * DAY_MS} WHERE no = 1`);
    meddle(scene.store, `UPDATE run SET ended_at = ended_at - ${20 * DAY_MS} WHERE no = 2`);
    const daemon = await scene.serve();

    const counted = await scene.tocsin([
      "db",
      "prune",
      "--older-than",
      "10d",
      "--dry-run",
      "--json",
    ]);
    const served = await scene.tocsin(["db", "prune", "--older-than", "30d"]);
    const refused = await scene.tocsin(["db", "vacuum"]);
    expect(await daemon.stop()).toBe(0);
    const alone = await scene.tocsin(["db", "prune", "--older-than", "10d", "--json"]);
    const vacuumed = await scene.tocsin(["db", "vacuum", "--json"]);
    const wrong = await scene.tocsin(["db", "prune", "--older-than", "soon"]);
    const short = await scene.tocsin(["db", "prune", "--older-than", "1s"]);
    const checked = await scene.tocsin(["db", "check"]);

    expect(JSON.parse(counted.out)).toEqual({ total: 2, dryRun: true });
    expect([served.code, served.out]).toEqual([0, "deleted 1 run\n"]);
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining("Stop the daemon")]);
    expect(JSON.parse(alone.out)).toEqual({ deleted: 1, total: 1, done: true });
    expect(vacuumed.code).toBe(0);
    expect([wrong.code, short.code]).toEqual([2, 2]);
    expect(checked.out).toMatch(/^ok: 1 runs/);
  },
  STORY_MS,
);

test(
  "without a daemon and without a store, and at an address where nobody is, that is what is said",
  async () => {
    await using scene = await aScene();

    const nothing = await scene.tocsin(["db", "stats"]);
    const named = await scene.tocsin(["db", "check", "--store", "gone.db"]);
    const away = await scene.tocsin(["db", "backup", "b.db", "--server", "http://127.0.0.1:9"]);

    expect([nothing.code, named.code, away.code]).toEqual([5, 3, 5]);
    expect([nothing.out, named.out, away.out]).toEqual(["", "", ""]);
    expect(named.err).toContain("there is no such file");
    const secret = ["--store", "mysql://anna:hush-hush@example.org/db"];
    for (const command of [
      ["db", "path"],
      ["db", "stats"],
      ["runs", "ls"],
      ["logs", "x"],
    ]) {
      const { code, out, err } = await scene.tocsin([...command, ...secret]);
      expect([command, code, out]).toEqual([command, 2, ""]);
      expect(err).toStartWith(
        'error: Cannot use --store "mysql://…@example.org/db": expected a path',
      );
    }
    const refused = await scene.refusal({ args: secret });
    expect(refused.err).not.toContain("hush");
    expect(readdirSync(scene.folder)).not.toContain("mysql:");
    expect(existsSync(join(scene.folder, "b.db.partial"))).toBe(false);
  },
  STORY_MS,
);

test(
  "a copy that a daemon left which was killed while it made one is gone after the next start",
  async () => {
    await using scene = await aFolder();
    await scene.write(".tocsin/.state.db.copy-1234", "half a copy");

    const daemon = await scene.serve();

    expect(existsSync(join(scene.folder, ".tocsin/.state.db.copy-1234"))).toBe(false);
    expect(await daemon.stop()).toBe(0);
  },
  STORY_MS,
);

test(
  "a backup that is made while runs come in is whole",
  async () => {
    await using scene = await aFolder();
    const daemon = await scene.serve();
    const over = new AbortController();
    const load = (async () => {
      while (!over.signal.aborted) await daemon.trigger("good");
    })();

    const codes = [];
    for (const name of ["one.db", "two.db", "three.db"]) {
      codes.push((await scene.tocsin(["db", "backup", name])).code);
    }
    over.abort();
    await load;
    expect(await daemon.stop()).toBe(0);

    expect(codes).toEqual([0, 0, 0]);
    const counts = [];
    for (const name of ["one.db", "two.db", "three.db"]) {
      const { out } = await scene.tocsin(["db", "check", "--store", name, "--json"]);
      const { ok, runs } = JSON.parse(out) as StoreCheck;
      expect(ok).toBe(true);
      counts.push(runs);
    }
    expect(counts.toSorted((one, other) => one - other)).toEqual(counts);
  },
  STORY_MS,
);
