import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { configText } from "../support/configs.ts";
import { aScene, isOver, type Scene } from "../support/daemon.ts";

const STORY_MS = 60_000;
const CONFIG = configText({
  code: `
    const keep = flow({ name: "keep", run: () => blocks.save("secret", "word", "xyzzy", { overwrite: true }) });`,
  flows: ["keep"],
});

interface Refusal {
  readonly what: string;
  /** Puts something that is no store of ours where the store would be. */
  readonly put: (path: string, scene: Scene) => Promise<unknown>;
  readonly why: RegExp;
}

const REFUSALS: readonly Refusal[] = [
  {
    what: "a file that is not a database",
    put: (path) => writeFile(path, "dear diary,\n".repeat(1_000)),
    why: /it is not a database; name another file with --store/,
  },
  {
    what: "a short file that is not a database",
    put: (path) => writeFile(path, "x"),
    why: /it is not a database; name another file with --store/,
  },
  {
    what: "a database of another program",
    put: async (path) => aDatabase(path, "CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1)"),
    why: /it is a database of another program; name another file with --store/,
  },
  {
    what: "a database of another program that holds text which is not UTF-8",
    put: async (path) =>
      aDatabase(path, "CREATE TABLE t (x TEXT); INSERT INTO t VALUES (CAST(x'ff' AS TEXT))"),
    why: /it is a database of another program; name another file with --store/,
  },
  {
    what: "a store from a newer version",
    put: async (path, scene) => {
      await makeStore(scene);
      aDatabase(path, "PRAGMA user_version = 999");
    },
    why: /it was written by a newer tocsin \(store version 999, this one knows \d+\); upgrade/,
  },
  {
    what: "a damaged store",
    put: async (path, scene) => {
      await makeStore(scene);
      aDatabase(path, "PRAGMA wal_checkpoint(TRUNCATE)");
      const bytes = await readFile(path);
      await writeFile(path, bytes.fill(0xa5, 4_096, bytes.length - 4_096));
    },
    why: /it is damaged \(.+\); put a backup in its place, nothing was changed/s,
  },
];

describe("a start is refused, and the file is left as it is, over", () => {
  for (const { what, put, why } of REFUSALS) {
    test(
      what,
      async () => {
        await using scene = await aScene(CONFIG);
        const path = join(scene.folder, ".tocsin/state.db");
        await mkdir(dirname(path), { mode: 0o700 });
        await put(path, scene);
        const before = Bun.hash(await readFile(path));

        const refused = await scene.refusal();

        expect(refused.code).toBe(1);
        expect(refused.err).toContain(`Cannot open store "${path}"`);
        expect(refused.err).toMatch(why);
        expect(Bun.hash(await readFile(path))).toBe(before);
        const elsewhere = join(scene.folder, "elsewhere/state.db");
        const daemon = await scene.serve({ args: ["--store", elsewhere], store: elsewhere });
        expect(await daemon.stop()).toBe(0);
      },
      STORY_MS,
    );
  }

  test(
    "a directory in its place",
    async () => {
      await using scene = await aScene(CONFIG);
      const path = join(scene.folder, ".tocsin/state.db");
      await mkdir(path, { recursive: true });

      const refused = await scene.refusal();

      expect(refused.code).toBe(1);
      expect(refused.err).toMatch(/Cannot open store ".+": it is not a file/);
      expect(await readdir(path)).toEqual([]);
    },
    STORY_MS,
  );

  test(
    "a folder that cannot be made",
    async () => {
      await using scene = await aScene(CONFIG);
      await scene.write("file", "mine");

      const refused = await scene.refusal({ args: ["--store", "file/state.db"] });

      expect(refused.code).toBe(1);
      expect(refused.err).toMatch(
        /Cannot open store ".*file\/state.db": its directory cannot be made/,
      );
      expect(scene.read("file")).toBe("mine");
    },
    STORY_MS,
  );
});

test(
  "a refused start leaves nothing behind that blocks the next one",
  async () => {
    await using scene = await aScene(CONFIG);
    const path = await scene.write(".tocsin/state.db", "not a database".repeat(100));
    expect((await scene.refusal()).code).toBe(1);
    expect((await readdir(dirname(path))).filter((name) => name.endsWith(".holder"))).toEqual([]);

    await writeFile(path, "");
    const daemon = await scene.serve();
    expect(await daemon.stop()).toBe(0);
  },
  STORY_MS,
);

test(
  "a log that an older life left half written does not keep the store from opening",
  async () => {
    await using scene = await aScene(CONFIG);
    const first = await scene.serve();
    const { id } = await first.trigger("keep");
    await first.untilRun(id, isOver);
    await first.kill9();
    const log = join(scene.folder, ".tocsin/state.db-wal");
    await writeFile(log, (await readFile(log)).subarray(0, -1_000));

    const second = await scene.serve();
    expect((await second.run(id)).id).toBe(id);
    expect(await second.stop()).toBe(0);
  },
  STORY_MS,
);

test(
  "what is stored is its owner's alone, also after init",
  async () => {
    await using scene = await aScene(CONFIG);
    expect((await scene.tocsin(["init"])).code).toBe(0);
    const daemon = await scene.serve();
    const { id } = await daemon.trigger("keep");
    expect((await daemon.untilRun(id, isOver)).state.message).toBe("");

    const folder = join(scene.folder, ".tocsin");
    expect(await modeOf(folder)).toBe("700");
    for (const file of ["state.db", "state.db-wal", "state.db.lock", "state.db.holder", "key"]) {
      expect([file, await modeOf(join(folder, file))]).toEqual([file, "600"]);
    }
    expect(await daemon.stop()).toBe(0);
  },
  STORY_MS,
);

function aDatabase(path: string, script: string): void {
  using database = new Database(path);
  database.run("PRAGMA journal_mode = WAL");
  for (const statement of script.split("; ")) database.run(statement);
  database.run("PRAGMA wal_checkpoint(TRUNCATE)");
}

async function makeStore(scene: Scene): Promise<void> {
  const daemon = await scene.serve();
  const { id } = await daemon.trigger("keep");
  await daemon.untilRun(id, isOver);
  await daemon.stop();
}

async function modeOf(path: string): Promise<string> {
  return ((await stat(path)).mode & 0o777).toString(8);
}
