import { cpSync, existsSync } from "node:fs";
import { join } from "node:path";
import Libsql from "libsql";
import { advance } from "../../src/domain/advance.ts";
import { hookBook } from "../../src/domain/hook-matching.ts";
import type { BootId } from "../../src/domain/ids.ts";
import { systemRandom, uuidv7 } from "../../src/domain/ids.ts";
import { bootOf } from "../../src/store/boot-store.ts";
import { type OpenRemoteOptions, openRemoteStore } from "../../src/store/open-remote-store.ts";
import type { Store } from "../../src/store/open-store.ts";
import { type HranaServer, startHranaServer } from "./hrana-server.ts";
import { aFlow, aGeneration, aHook } from "./manifests.ts";
import { aRun, at, NOON, temporaryFolder } from "./stores.ts";

const SELF = [process.execPath, join(import.meta.dir, "../../src/main.ts")] as const;
export const TOKEN = "a-token-that-nobody-may-see";

export function temporaryServer(
  options: Omit<Parameters<typeof startHranaServer>[0], "path"> = {},
): Promise<HranaServer> {
  return startHranaServer({ path: join(temporaryFolder(), "server.db"), token: TOKEN, ...options });
}

/** The server's store, opened with a working copy in the folder. */
export async function remoteStore(
  server: Pick<HranaServer, "url">,
  folder: string,
  options: Partial<OpenRemoteOptions> = {},
): Promise<Store> {
  const boot = bootOf(uuidv7(NOON, systemRandom) as BootId, "test", NOON);
  return await openRemoteStore({
    ...{ boot, self: SELF, url: server.url, token: TOKEN, path: join(folder, "copy.db") },
    onLost: () => undefined,
    ...options,
  });
}

/** A working copy as a daemon leaves it that is killed at this moment, in a folder of its own. */
export function leftByKill(store: Pick<Store, "path">): string {
  const folder = temporaryFolder();
  for (const side of ["", "-wal", ".sent"]) {
    const [from, to] = [`${store.path}${side}`, join(folder, `copy.db${side}`)];
    if (existsSync(from)) cpSync(from, to);
  }
  return folder;
}

/** Runs that come and go, with log lines, hooks and deliveries. */
export async function story(store: Store, runs: number): Promise<void> {
  store.useHooks(hookBook(aGeneration([aFlow({ hooks: [aHook("notify")] })]).manifest));
  for (let count = 0; count < runs; count += 1) {
    const run = aRun(store);
    const submit = advance(run, { type: "submit" }, NOON);
    const start = advance(submit.after, { type: "start" }, NOON);
    const end = advance(start.after, { type: "succeed" }, at(count));
    await Promise.all([
      store.saveRunStep({ before: undefined, after: run }),
      store.saveRunStep(submit),
    ]);
    await store.saveRunStep(start);
    const lines = [{ at: NOON, level: "info" as const, text: `ünïcode "${count}" 😀` }];
    store.saveLogLines({ runNo: run.no, attempt: 1, lines });
    await store.saveRunStep(end);
  }
  await store.beat(at(runs));
}

/** All rows of a store's file, by table; without what only one of copy and server has. */
export function contentOf(path: string): Readonly<Record<string, readonly unknown[]>> {
  const database = new Libsql(path);
  try {
    const names = database
      .prepare(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name <> 'remote_head'",
      )
      .all() as { name: string }[];
    return Object.fromEntries(
      names.map(({ name }) => {
        const kept = name === "meta" ? "WHERE key <> 'copy-of'" : "";
        const rows = database.prepare(`SELECT * FROM ${name} ${kept}`).all();
        return [name, rows.map((row) => JSON.stringify(row)).sort()];
      }),
    );
  } finally {
    database.close();
  }
}

/** What a store's file is made of, but for what only a server's has. */
export function schemaOf(path: string): readonly unknown[] {
  const database = new Libsql(path);
  try {
    return database
      .prepare(
        "SELECT name, sql FROM sqlite_schema WHERE name NOT LIKE '%remote_head%' ORDER BY name",
      )
      .all();
  } finally {
    database.close();
  }
}
