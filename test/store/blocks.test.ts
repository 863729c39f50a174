import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Json } from "../../src/domain/json.ts";
import { createRedactor } from "../../src/domain/redaction.ts";
import { type KeySources, readBlockKey } from "../../src/store/block-key.ts";
import { type BlockDeps, openBlocks } from "../../src/store/block-store.ts";
import { NOON, temporaryFolder, temporaryStore } from "../support/stores.ts";

async function opened(folder = temporaryFolder(), changes: Partial<BlockDeps> = {}) {
  const store = temporaryStore(folder);
  const redactor = createRedactor();
  const deps: BlockDeps = {
    ...{ store, redactor, storePath: store.path, clock: () => NOON },
    ...{ environment: undefined, credentialsDirectory: undefined },
    ...{ declared: () => [], check: async () => undefined },
    ...changes,
  };
  try {
    return { folder, store, redactor, blocks: await openBlocks(deps) };
  } catch (error) {
    await store.close(NOON);
    throw error;
  }
}

const save = { type: "secret", name: "token", value: "hunter2-canary", overwrite: false };

describe("blocks", () => {
  test("come back as they were saved, and lie encrypted in the file", async () => {
    const { folder, store, blocks } = await opened();
    await blocks.save(save);
    await blocks.save({
      type: "json",
      name: "settings",
      value: { a: [1, null, "ü"] },
      overwrite: false,
    });

    expect(await blocks.load("secret", "token")).toBe("hunter2-canary");
    expect(await blocks.load("json", "settings")).toEqual({ a: [1, null, "ü"] });
    await store.close(NOON);
    for (const file of ["state.db", "key"]) {
      expect(readFileSync(join(folder, file)).includes("hunter2-canary")).toBe(false);
    }
  });

  test("are not overwritten unless that is asked for", async () => {
    const { blocks } = await opened();
    await blocks.save(save);

    expect(blocks.save({ ...save, value: "other" })).rejects.toThrow(
      'Cannot save block "secret/token": it is there already',
    );
    await blocks.save({ ...save, value: "other", overwrite: true });

    expect(await blocks.load("secret", "token")).toBe("other");
  });

  test("that are not there are named in the error", async () => {
    const { blocks } = await opened();

    expect(blocks.load("secret", "nobody")).rejects.toThrow('Cannot find block "secret/nobody"');
    expect(blocks.delete("secret", "nobody")).rejects.toThrow('Cannot find block "secret/nobody"');
  });

  test("have a key in a file of mode 0600, made when the first is saved", async () => {
    const { folder, blocks } = await opened();

    await blocks.save(save);

    expect(statSync(join(folder, "key")).mode & 0o777).toBe(0o600);
  });

  test("are not opened with another key, and nothing is lost by trying", async () => {
    const { folder, store, blocks } = await opened();
    await blocks.save(save);
    const right = readFileSync(join(folder, "key"));
    await store.close(NOON);
    writeFileSync(join(folder, "key"), Buffer.alloc(32, 7).toString("base64"));

    expect(opened(folder)).rejects.toThrow("were encrypted with another key");
    const environment = Buffer.alloc(32, 8).toString("hex");
    expect(opened(folder, { environment })).rejects.toThrow(
      'Cannot use block key "TOCSIN_KEY": the blocks in the store were encrypted with another key',
    );

    writeFileSync(join(folder, "key"), right);
    expect(await (await opened(folder)).blocks.load("secret", "token")).toBe("hunter2-canary");
  });

  test("do not get a new key when theirs is lost", async () => {
    const { folder, store, blocks } = await opened();
    await blocks.save(save);
    await store.close(NOON);
    rmSync(join(folder, "key"));

    expect(opened(folder)).rejects.toThrow("it is not there, and the store holds blocks");
    expect(existsSync(join(folder, "key"))).toBe(false);
  });

  test("may have another key once there are none any more", async () => {
    const { folder, store, blocks } = await opened();
    await blocks.save(save);
    await blocks.delete("secret", "token");
    await store.close(NOON);
    rmSync(join(folder, "key"));

    const again = await opened(folder);
    await again.blocks.save({ ...save, value: "another-value" });

    expect(await again.blocks.load("secret", "token")).toBe("another-value");
    await again.store.close(NOON);
    expect(await (await opened(folder)).blocks.load("secret", "token")).toBe("another-value");
  });

  test("of types that only the config knows are held against its schema, unless that was done", async () => {
    const declared = () => [{ name: "postgres", secret: true }];
    const check = async ({ value }: { readonly value: Json }) =>
      typeof value === "string" ? "its value does not fit: expected an object" : undefined;
    const { blocks } = await opened(undefined, { declared, check });
    const wrong = { type: "postgres", name: "main", value: "x", overwrite: true };

    expect(blocks.save(wrong)).rejects.toThrow(
      'Cannot save block "postgres/main": its value does not fit: expected an object',
    );
    expect(blocks.save({ ...wrong, type: "mysql" })).rejects.toThrow(
      "there is no such type; the types are string, secret, json, slack-webhook, webhook, smtp, postgres",
    );
    await blocks.save({ ...wrong, value: { host: "db" } });
    expect(await blocks.load("postgres", "main")).toEqual({ host: "db" });
    await blocks.save({ ...wrong, value: "judged elsewhere", checked: true });
    expect(await blocks.load("postgres", "main")).toBe("judged elsewhere");
  });

  test("that are secret are known to the redactor, from the start and from when they are saved", async () => {
    const { folder, store, blocks, redactor } = await opened();
    await blocks.save(save);
    await blocks.save({ ...save, type: "string", value: "no-secret" });
    await blocks.save({
      ...save,
      type: "smtp",
      value: { host: "mail.example.org", pass: "p4ss-word" },
    });

    const shown = "‹redacted› no-secret mail.example.org ‹redacted›";
    expect(redactor.redact("hunter2-canary no-secret mail.example.org p4ss-word")).toBe(shown);
    await store.close(NOON);
    const again = await opened(folder);
    expect(again.redactor.redact("hunter2-canary no-secret mail.example.org p4ss-word")).toBe(
      shown,
    );
  });

  test("cannot be moved to another name inside the file", async () => {
    const { store, blocks } = await opened();
    await blocks.save(save);
    await store.write((connection) => connection.run("UPDATE block SET name = 'moved'"));

    expect(blocks.load("secret", "moved")).rejects.toThrow("another key");
  });

  test("take their key from the environment or a credential first, and refuse one that is none", () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "tocsin-key"), Buffer.alloc(32, 2).toString("base64"));
    const sources: KeySources = {
      environment: Buffer.alloc(32, 1).toString("hex"),
      credentialsDirectory: folder,
      storePath: join(folder, "state.db"),
    };

    expect(readBlockKey(sources, false)).toMatchObject({
      source: "environment",
      place: "TOCSIN_KEY",
    });
    expect(readBlockKey({ ...sources, environment: undefined }, false)).toEqual({
      source: "credential",
      place: join(folder, "tocsin-key"),
      bytes: new Uint8Array(32).fill(2),
    });
    for (const environment of ["short", "=".repeat(44), `${"A".repeat(43)}!`]) {
      expect(() => readBlockKey({ ...sources, environment }, false)).toThrow(
        'Cannot read block key "TOCSIN_KEY"',
      );
    }
  });
});
