import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createRedactor } from "../../src/domain/redaction.ts";
import { type BlockDeps, openBlocks } from "../../src/store/block-store.ts";
import { NOON, temporaryFolder, temporaryStore } from "../support/stores.ts";

const NAMES = ["one", "two", "three", "four", "five"];
const OTHER = Buffer.alloc(32, 9).toString("base64");

async function opened(folder: string, changes: Partial<BlockDeps> = {}) {
  const store = temporaryStore(folder);
  const blocks = await openBlocks({
    ...{ store, storePath: store.path, clock: () => NOON, redactor: createRedactor() },
    ...{ environment: undefined, credentialsDirectory: undefined },
    ...{ declared: () => [], check: async () => undefined },
    ...changes,
  }).catch((error: unknown) => {
    void store.close(NOON);
    throw error;
  });
  return { store, blocks };
}

/** A folder with a store in which five secrets lie, and the key they were encrypted with. */
async function aFolder(changes: Partial<BlockDeps> = {}) {
  const folder = temporaryFolder();
  const { store, blocks } = await opened(folder, changes);
  for (const name of NAMES) {
    await blocks.save({ type: "secret", name, value: `value-${name}`, overwrite: false });
  }
  await store.close(NOON);
  return folder;
}

async function valuesIn(folder: string, changes: Partial<BlockDeps> = {}) {
  const { store, blocks } = await opened(folder, changes);
  const values = await Promise.all(NAMES.map((name) => blocks.load("secret", name)));
  await store.close(NOON);
  return values;
}

const VALUES = NAMES.map((name) => `value-${name}`);
const keyIn = (folder: string) => readFileSync(join(folder, "key"), "utf8");

describe("a new key", () => {
  test("is made and put into the key file; the old one opens nothing any more", async () => {
    const folder = await aFolder();
    const before = keyIn(folder);
    const { store, blocks } = await opened(folder);

    const rekeyed = await blocks.rekey(undefined);
    await blocks.save({ type: "secret", name: "six", value: "value-six", overwrite: false });

    expect(rekeyed).toEqual({ blocks: 5, source: "file", place: join(folder, "key") });
    expect(await blocks.load("secret", "one")).toBe("value-one");
    await store.close(NOON);
    expect(keyIn(folder)).not.toBe(before);
    expect(await valuesIn(folder)).toEqual(VALUES);
    writeFileSync(join(folder, "key"), before);
    expect(opened(folder)).rejects.toThrow("were encrypted with another key");
  });

  test("can be given, and must be where the key comes from the environment", async () => {
    const environment = Buffer.alloc(32, 1).toString("hex");
    const folder = await aFolder({ environment });
    const { store, blocks } = await opened(folder, { environment });

    expect(blocks.rekey(undefined)).rejects.toThrow("give it with --new-key-file");
    expect(blocks.rekey("too short")).rejects.toThrow("the new key must be 32 bytes");
    expect(await blocks.rekey(OTHER)).toEqual({
      blocks: 5,
      source: "environment",
      place: "TOCSIN_KEY",
    });
    await blocks.save({ type: "secret", name: "one", value: "value-one", overwrite: true });
    await store.close(NOON);

    expect(existsSync(join(folder, "key"))).toBe(false);
    expect(await valuesIn(folder, { environment: OTHER })).toEqual(VALUES);
    expect(opened(folder, { environment })).rejects.toThrow("were encrypted with another key");
  });

  test("takes along what is saved while the key changes", async () => {
    const folder = await aFolder();
    const { store, blocks } = await opened(folder);

    await Promise.all([
      ...NAMES.map((name) =>
        blocks.save({ type: "secret", name, value: `value-${name}`, overwrite: true }),
      ),
      blocks.rekey(undefined),
      blocks.save({ type: "secret", name: "one", value: "value-one", overwrite: true }),
      blocks.rekey(undefined),
    ]);
    await store.close(NOON);

    expect(await valuesIn(folder)).toEqual(VALUES);
  });

  test("is not taken when a block cannot be read with the old one, and nothing is lost", async () => {
    const folder = await aFolder();
    const { store, blocks } = await opened(folder);
    await store.write((connection) =>
      connection.run("UPDATE block SET name = 'moved' WHERE name = 'five'"),
    );

    expect(blocks.rekey(undefined)).rejects.toThrow('Cannot read block "secret/moved"');
    await store.write((connection) =>
      connection.run("UPDATE block SET name = 'five' WHERE name = 'moved'"),
    );
    await store.close(NOON);

    expect(await valuesIn(folder)).toEqual(VALUES);
  });
});

test("a key that could not be changed stays in force", async () => {
  const folder = await aFolder();
  const before = keyIn(folder);
  const { store, blocks } = await opened(folder);
  await store.write((connection) =>
    connection.script(
      "CREATE TRIGGER stop BEFORE UPDATE ON block WHEN old.name = 'two' BEGIN SELECT raise(ABORT, 'no more'); END",
    ),
  );

  expect(blocks.rekey(undefined)).rejects.toThrow("no more");

  expect(await blocks.load("secret", "one")).toBe("value-one");
  await store.write((connection) => connection.script("DROP TRIGGER stop"));
  await store.close(NOON);
  expect([keyIn(folder), existsSync(join(folder, "key.next"))]).toEqual([before, false]);
  expect(await valuesIn(folder)).toEqual(VALUES);
});

describe("a daemon that dies while the key changes", () => {
  test("before the store was committed goes on with the old key", async () => {
    const folder = await aFolder();
    const before = keyIn(folder);
    for (const left of ["", "half a key", `${OTHER}\n`]) {
      writeFileSync(join(folder, "key.next"), left);

      expect(await valuesIn(folder)).toEqual(VALUES);
      expect([keyIn(folder), existsSync(join(folder, "key.next"))]).toEqual([before, false]);
    }
  });

  test("after the store was committed goes on with the new key", async () => {
    const folder = await aFolder();
    const before = keyIn(folder);
    const { store, blocks } = await opened(folder);
    await blocks.rekey(undefined);
    await store.close(NOON);
    const after = keyIn(folder);
    renameSync(join(folder, "key"), join(folder, "key.next"));
    writeFileSync(join(folder, "key"), before);

    expect(await valuesIn(folder)).toEqual(VALUES);
    expect([keyIn(folder), existsSync(join(folder, "key.next"))]).toEqual([after, false]);
  });

  test("does not lose the new key to a start with a wrong one", async () => {
    const folder = await aFolder();
    const { store, blocks } = await opened(folder);
    await blocks.rekey(undefined);
    await store.close(NOON);
    renameSync(join(folder, "key"), join(folder, "key.next"));

    expect(opened(folder, { environment: OTHER })).rejects.toThrow(
      "were encrypted with another key",
    );

    expect(await valuesIn(folder)).toEqual(VALUES);
  });

  const CALLS = ["openat", "write", "pwrite64", "fsync", "rename", "unlink", "ftruncate"];

  test.skipIf(Bun.which("strace") === null)(
    "by kill -9 at any of the system calls that touch the store or the key loses no value",
    async () => {
      const folder = await aFolder();
      let kills = 0;
      for (const call of CALLS) {
        for (let nth = 1; await diesAt(folder, call, nth); nth += 1) {
          kills += 1;
          expect(await valuesIn(folder)).toEqual(VALUES);
        }
      }
      expect(kills).toBeGreaterThan(20);
    },
    180_000,
  );
});

/** Changes the key in a process that is killed at the nth such call on one of its files; false if it ended before. */
async function diesAt(folder: string, call: string, nth: number): Promise<boolean> {
  const files = ["", "/key", "/key.next", "/key.next.draft", "/state.db", "/state.db-wal"];
  const { exited } = Bun.spawn(
    [
      ...["strace", "-f", "-qq", "-o", "/dev/null", "-e", `trace=${call}`],
      ...files.flatMap((file) => ["-P", `${folder}${file}`]),
      ...["-e", `inject=${call}:signal=SIGKILL:when=${nth}`],
      ...[process.execPath, join(import.meta.dir, "../fixtures/rekey/main.ts"), folder],
    ],
    { stdio: ["ignore", "ignore", "inherit"] },
  );
  const code = await exited;
  if (code === 0) return false;
  expect(code).toBe(137);
  return true;
}
