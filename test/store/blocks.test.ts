import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readBlockKey } from "../../src/store/block-key.ts";
import { blocksOver } from "../../src/store/block-store.ts";
import { NOON, temporaryFolder, temporaryStore } from "../support/stores.ts";

function opened(folder = temporaryFolder()) {
  const store = temporaryStore(folder);
  const sources = {
    environment: undefined,
    credentialsDirectory: undefined,
    storePath: store.path,
  };
  const blocks = blocksOver(
    store,
    (hasBlocks) => readBlockKey({ ...sources, hasBlocks }),
    () => NOON,
  );
  return { folder, store, blocks };
}

const save = { type: "secret", name: "token", value: "hunter2-canary", overwrite: false };

describe("blocks", () => {
  test("come back as they were saved, and lie encrypted in the file", async () => {
    const { folder, store, blocks } = opened();
    await blocks.save(save);
    await blocks.save({
      type: "json",
      name: "settings",
      value: { a: [1, null, "ü"] },
      overwrite: false,
    });

    expect(await blocks.load("secret", "token")).toBe("hunter2-canary");
    expect(await blocks.load("json", "settings")).toEqual({ a: [1, null, "ü"] });
    store.close(NOON);
    for (const file of ["state.db", "key"]) {
      expect(readFileSync(join(folder, file)).includes("hunter2-canary")).toBe(false);
    }
  });

  test("are not overwritten unless that is asked for", async () => {
    const { blocks } = opened();
    await blocks.save(save);

    expect(blocks.save({ ...save, value: "other" })).rejects.toThrow(
      'Cannot save block "secret/token": it is there already',
    );
    await blocks.save({ ...save, value: "other", overwrite: true });

    expect(await blocks.load("secret", "token")).toBe("other");
  });

  test("that are not there are named in the error", async () => {
    const { blocks } = opened();

    expect(blocks.load("secret", "nobody")).rejects.toThrow('Cannot find block "secret/nobody"');
    expect(blocks.delete("secret", "nobody")).rejects.toThrow('Cannot find block "secret/nobody"');
  });

  test("have a key in a file of mode 0600, made when the first is saved", async () => {
    const { folder, blocks } = opened();

    await blocks.save(save);

    expect(statSync(join(folder, "key")).mode & 0o777).toBe(0o600);
  });

  test("cannot be read or joined by others under another key, and nothing is lost by trying", async () => {
    const { folder, store, blocks } = opened();
    await blocks.save(save);
    const right = readFileSync(join(folder, "key"));
    store.close(NOON);
    writeFileSync(join(folder, "key"), Buffer.alloc(32, 7).toString("base64"));

    const wrong = opened(folder);
    expect(wrong.blocks.load("secret", "token")).rejects.toThrow(
      "it was encrypted with another key",
    );
    expect(wrong.blocks.save({ ...save, name: "second" })).rejects.toThrow("another key");
    wrong.store.close(NOON);

    writeFileSync(join(folder, "key"), right);
    expect(await opened(folder).blocks.load("secret", "token")).toBe("hunter2-canary");
  });

  test("do not get a new key when theirs is lost", async () => {
    const { folder, store, blocks } = opened();
    await blocks.save(save);
    store.close(NOON);
    rmSync(join(folder, "key"));

    const again = opened(folder);
    expect(again.blocks.load("secret", "token")).rejects.toThrow(
      "it is not there, and the store holds blocks",
    );
    expect(existsSync(join(folder, "key"))).toBe(false);
    again.store.close(NOON);
  });

  test("cannot be moved to another name inside the file", async () => {
    const { store, blocks } = opened();
    await blocks.save(save);
    store.write((connection) => connection.run("UPDATE block SET name = 'moved'"));

    expect(blocks.load("secret", "moved")).rejects.toThrow("another key");
  });

  test("take their key from the environment or a credential first, and refuse one that is none", () => {
    const folder = temporaryFolder();
    const key = Buffer.alloc(32, 1).toString("hex");
    writeFileSync(join(folder, "tocsin-key"), Buffer.alloc(32, 2).toString("base64"));
    const storePath = join(folder, "state.db");

    expect(
      readBlockKey({
        environment: key,
        credentialsDirectory: folder,
        storePath,
        hasBlocks: false,
      })[0],
    ).toBe(1);
    expect(
      readBlockKey({
        environment: undefined,
        credentialsDirectory: folder,
        storePath,
        hasBlocks: false,
      })[0],
    ).toBe(2);
    expect(() =>
      readBlockKey({
        environment: "short",
        credentialsDirectory: undefined,
        storePath,
        hasBlocks: false,
      }),
    ).toThrow('Cannot read block key "TOCSIN_KEY"');
  });
});
