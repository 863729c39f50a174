import { afterEach, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import type { BootId } from "../../src/domain/ids.ts";
import { systemRandom, uuidv7 } from "../../src/domain/ids.ts";
import { bootOf } from "../../src/store/boot-store.ts";
import { restoreToServer } from "../../src/store/restore-to-server.ts";
import { fileOf } from "../../src/store/store-place.ts";
import { type HranaServer, losing } from "../support/hrana-server.ts";
import {
  contentOf,
  remoteStore,
  schemaOf,
  story,
  TOKEN,
  temporaryServer,
} from "../support/remote-stores.ts";
import { NOON, temporaryFolder, temporaryStore } from "../support/stores.ts";

setDefaultTimeout(60_000);
const before = process.env["STATE_DIRECTORY"];
const servers: HranaServer[] = [];
afterEach(async () => {
  if (before === undefined) delete process.env["STATE_DIRECTORY"];
  else process.env["STATE_DIRECTORY"] = before;
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

/** A store in a file that has ended, with lines as long as wanted. */
async function aBackup(lineLength: number): Promise<string> {
  const store = temporaryStore();
  await story(store, 10);
  const lines = Array.from({ length: 3_000 }, (_, line) => ({
    ...{ at: NOON, level: "info" as const, text: `${line} ünïcode "😀" ${"x".repeat(lineLength)}` },
  }));
  store.saveLogLines({ runNo: 1, attempt: 1, lines });
  await store.saved();
  await store.close(NOON);
  return store.path;
}

async function restore(backup: string, server: HranaServer): Promise<unknown> {
  process.env["STATE_DIRECTORY"] ??= temporaryFolder();
  const boot = bootOf(uuidv7(NOON, systemRandom) as BootId, "test", NOON);
  const self = [process.execPath, join(import.meta.dir, "../../src/main.ts")] as const;
  const env = { TOCSIN_STORE_TOKEN: TOKEN };
  return await restoreToServer(backup, { path: server.url, boot, self, env });
}

async function aServer(...options: Parameters<typeof temporaryServer>): Promise<HranaServer> {
  const server = await temporaryServer(...options);
  servers.push(server);
  return server;
}

const whyNot = (done: Promise<unknown>) =>
  done.then(
    () => "it was done",
    (error: unknown) => String(error),
  );

test("a backup is put into a server's empty database, whatever is lost on the way, and gone on with", async () => {
  process.env["STATE_DIRECTORY"] = temporaryFolder();
  const [server, backup] = [await aServer(), await aBackup(1_000)];
  server.judge(losing(5));

  await restore(backup, server);
  server.judge(() => "answered");

  expect(contentOf(server.path)).toEqual(contentOf(backup));
  expect(schemaOf(server.path)).toEqual(schemaOf(backup));
  const notes: string[] = [];
  const store = await remoteStore(server, temporaryFolder(), {
    path: fileOf(server.url),
    onNote: (note) => notes.push(note),
  });
  await story(store, 1);
  await store.close(NOON);
  expect(notes).toEqual([]);
  expect(contentOf(server.path)["run"]).toHaveLength(11);
  expect(contentOf(store.path)).toEqual(contentOf(server.path));
  expect(await whyNot(restore(backup, server))).toContain("there is a store already");
});

test("one that is broken off is nothing to start on", async () => {
  process.env["STATE_DIRECTORY"] = temporaryFolder();
  const [server, backup] = [await aServer({ bytesMax: 100_000 }), await aBackup(1_000)];

  const why = await whyNot(restore(backup, server));

  expect(why).toContain(`Cannot restore store "${server.url}": ${server.url} finds it too large`);
  const opening = remoteStore(server, temporaryFolder(), { leaseMs: 500 });
  expect(await whyNot(opening)).toContain("a restore into it was broken off");
  expect(await whyNot(restore(backup, server))).toContain("a restore into it was broken off");
});
