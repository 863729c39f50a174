import { afterEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { rmSync } from "node:fs";
import { join } from "node:path";
import Libsql from "libsql";
import type { HranaServer } from "../support/hrana-server.ts";
import {
  contentOf,
  leftByKill,
  remoteStore,
  schemaOf,
  story,
  TOKEN,
  temporaryServer,
} from "../support/remote-stores.ts";
import { aRun, at, NOON, temporaryFolder, temporaryStore } from "../support/stores.ts";
import { until } from "../support/until.ts";

setDefaultTimeout(60_000);
const servers: HranaServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

async function aServer(...options: Parameters<typeof temporaryServer>): Promise<HranaServer> {
  const server = await temporaryServer(...options);
  servers.push(server);
  return server;
}

/** Something else did with the server's database. */
function meddle(server: HranaServer, ...statements: readonly string[]): void {
  const database = new Libsql(server.path);
  for (const statement of statements) database.exec(statement);
  database.close();
}

async function whyNot(opening: Promise<unknown>): Promise<string> {
  try {
    await opening;
    return "it was opened";
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
}

describe("opening a server's store", () => {
  test("makes one on an empty database; it is the same there as in the working copy", async () => {
    const [server, folder] = [await aServer(), temporaryFolder()];
    const store = await remoteStore(server, folder);

    await story(store, 5);
    await store.close(at(9_000));

    const there = contentOf(server.path);
    expect(there["run"]).toHaveLength(5);
    expect(there["log"]).toHaveLength(5);
    expect(there["delivery"]?.length).toBeGreaterThan(0);
    expect(contentOf(store.path)).toEqual(there);
    expect(schemaOf(server.path)).toEqual(schemaOf(store.path));
    expect(schemaOf(server.path)).toEqual(schemaOf(temporaryStore().path));
  });

  test("goes on with the copy of a daemon that ended, and fetches nothing", async () => {
    const [server, folder] = [await aServer(), temporaryFolder()];
    const first = await remoteStore(server, folder);
    await story(first, 3);
    await first.close(at(9_000));
    const notes: string[] = [];

    const second = await remoteStore(server, folder, { onNote: (note) => notes.push(note) });
    await story(second, 2);
    await second.close(NOON);

    expect(notes).toEqual([]);
    expect(second.previousBoot).toEqual({ lastSeenAt: at(9_000), clean: true });
    expect(contentOf(second.path)).toEqual(contentOf(server.path));
    expect(contentOf(server.path)["run"]).toHaveLength(5);
  });

  test("goes on at once after a kill on the same machine, whatever the lease says", async () => {
    const server = await aServer();
    const killed = await remoteStore(server, temporaryFolder());
    await story(killed, 3);
    const notes: string[] = [];

    const next = await remoteStore(server, leftByKill(killed), {
      onNote: (note) => notes.push(note),
    });
    await story(next, 1);
    await next.close(NOON);

    expect(notes).toEqual([]);
    expect(next.previousBoot).toEqual({ lastSeenAt: at(3), clean: false });
    expect(contentOf(next.path)).toEqual(contentOf(server.path));
    await killed.close(NOON);
  });

  test("makes up for a commit that only the server had when the daemon was killed", async () => {
    const server = await aServer();
    const killed = await remoteStore(server, temporaryFolder(), { answerMs: 2_000 });
    await story(killed, 3);
    const before = headOf(server).no;
    server.judge((body) => (body.includes("COMMIT") ? "hangs" : "answered"));
    const saving = killed.saveRunStep({ before: undefined, after: aRun(killed) });
    await until("the server has it", () => headOf(server).no > before);
    server.judge(() => "answered");
    const notes: string[] = [];

    const next = await remoteStore(server, leftByKill(killed), {
      onNote: (note) => notes.push(note),
    });
    await next.close(NOON);

    expect(notes).toEqual([]);
    expect(contentOf(next.path)).toEqual(contentOf(server.path));
    expect(contentOf(next.path)["run"]).toHaveLength(4);
    await killed.close(NOON);
    expect(await whyNot(saving)).toContain("another tocsin has taken it");
  });

  test("fetches everything where the copy is gone, in as many pages as it takes", async () => {
    const [server, folder] = [await aServer(), temporaryFolder()];
    const first = await remoteStore(server, folder);
    await story(first, 20);
    const lines = Array.from({ length: 4_000 }, (_, line) => ({
      ...{ at: NOON, level: "info" as const, text: `${line} ${"x".repeat(1_000)}` },
    }));
    first.saveLogLines({ runNo: 1, attempt: 1, lines });
    await first.saved();
    await first.close(NOON);
    rmSync(first.path);
    const notes: string[] = [];

    const second = await remoteStore(server, folder, { onNote: (note) => notes.push(note) });
    await second.close(NOON);

    expect(notes).toEqual([`Fetches a copy of store "${server.url}"`]);
    expect(contentOf(second.path)).toEqual(contentOf(server.path));
    expect(contentOf(server.path)["log"]).toHaveLength(4_020);
  });

  test("fetches everything where the copy is older than the server, or of another one", async () => {
    const [server, other, folder] = [await aServer(), await aServer(), temporaryFolder()];
    const first = await remoteStore(server, folder);
    await story(first, 2);
    const older = leftByKill(first);
    await story(first, 2);
    await first.close(NOON);

    const second = await remoteStore(server, older);
    await second.close(NOON);
    expect(contentOf(second.path)).toEqual(contentOf(server.path));

    const third = await remoteStore(other, older);
    await third.close(NOON);
    expect(contentOf(third.path)).toEqual(contentOf(other.path));
    expect(contentOf(other.path)["run"]).toEqual([]);
  });

  test("fetches everything where the copy was used as a store of its own meanwhile", async () => {
    const [server, folder] = [await aServer(), temporaryFolder()];
    const path = join(folder, "state.db");
    const first = await remoteStore(server, folder, { path });
    await story(first, 2);
    await first.close(NOON);

    const alone = temporaryStore(folder);
    await story(alone, 1);
    await alone.close(NOON);
    const again = await remoteStore(server, folder, { path });
    await again.close(NOON);

    expect(contentOf(path)).toEqual(contentOf(server.path));
    expect(contentOf(path)["run"]).toHaveLength(2);
  });
});

describe("a server's store that somebody holds", () => {
  test("is refused with the holder's name as soon as the holder shows that it lives", async () => {
    const server = await aServer();
    const first = await remoteStore(server, temporaryFolder(), { leaseMs: 10_000 });
    first.describeHolder({ url: "http://127.0.0.1:1234", token: "toc_own" });
    const beating = setInterval(() => void first.beat(NOON), 100);

    const why = await whyNot(remoteStore(server, temporaryFolder()));

    expect(why).toContain(`StartRefused: Cannot open store "${server.url}": another tocsin holds`);
    expect(why).toContain(`pid ${process.pid}`);
    expect(why).toContain("listening on http://127.0.0.1:1234");
    clearInterval(beating);
    await first.close(NOON);
    expect(JSON.stringify(headOf(server))).not.toContain("toc_own");
  });

  test("is refused at once to another process of the same machine and folder", async () => {
    const [server, folder] = [await aServer(), temporaryFolder()];
    const first = await remoteStore(server, folder);

    const why = await whyNot(remoteStore(server, folder));

    expect(why).toContain("another tocsin holds it");
    await first.close(NOON);
  });

  test("is waited for while its holder says nothing, and then it is lost to that holder", async () => {
    const server = await aServer();
    const lost: Error[] = [];
    const silent = await remoteStore(server, temporaryFolder(), {
      leaseMs: 1_500,
      onLost: (error) => lost.push(error),
    });
    await story(silent, 2);
    const notes: string[] = [];

    const next = await remoteStore(server, temporaryFolder(), {
      onNote: (note) => notes.push(note),
    });
    const late = silent.saveRunStep({ before: undefined, after: aRun(silent) });
    const write = silent.write((connection) => connection.run("DELETE FROM run"));

    expect(notes[0]).toStartWith(`Waits for store "${server.url}"`);
    expect(await whyNot(write)).toContain("another tocsin has taken it");
    expect(lost.map(({ message }) => message)).toEqual([
      `Cannot go on with store "${server.url}": another tocsin has taken it (pid ${process.pid} on ${next.previousBoot === undefined ? "" : hostOf(server)})`,
    ]);
    expect(silent.trouble()?.error).toBe(lost[0] as Error);
    await silent.close(NOON);
    expect(await whyNot(late)).toContain("another tocsin has taken it");
    await story(next, 1);
    await next.close(NOON);
    expect(contentOf(next.path)).toEqual(contentOf(server.path));
    expect(contentOf(server.path)["run"]).toHaveLength(3);
  });
});

describe("a server's store is refused", () => {
  test("where the database is another program's, and nothing is changed in it", async () => {
    const server = await aServer();
    meddle(server, "CREATE TABLE mine (a TEXT)", "INSERT INTO mine VALUES ('1')");

    const why = await whyNot(remoteStore(server, temporaryFolder()));

    expect(why).toContain("StartRefused: Cannot open store");
    expect(why).toContain("it is a database of another program");
    expect(Object.keys(contentOf(server.path))).toEqual(["mine"]);
  });

  test("where a newer tocsin wrote it", async () => {
    const [server, folder] = [await aServer(), temporaryFolder()];
    await (await remoteStore(server, folder)).close(NOON);
    meddle(server, "UPDATE remote_head SET version = 99");

    const why = await whyNot(remoteStore(server, folder));

    expect(why).toContain("it was written by a newer tocsin (store version 99");
  });

  test("where the token is wrong; neither is shown", async () => {
    const server = await aServer();
    const token = "not-the-right-one";

    const why = await whyNot(remoteStore(server, temporaryFolder(), { token }));

    expect(why).toContain("does not take the token (Server returned HTTP status 401)");
    expect(why).toContain("TOCSIN_STORE_TOKEN");
    expect(why).not.toContain(token);
    expect(why).not.toContain(TOKEN);
  });

  test("where the server is not there", async () => {
    const server = await temporaryServer();
    await server.stop();

    const why = await whyNot(remoteStore(server, temporaryFolder()));

    expect(why).toContain(`Cannot open store "${server.url}": ${server.url} does not answer`);
  });
});

function headOf({ path }: HranaServer): { readonly no: number; readonly holder: string } {
  const database = new Libsql(path);
  const [row] = database.prepare("SELECT no, holder FROM remote_head").all();
  database.close();
  return row as { readonly no: number; readonly holder: string };
}

function hostOf(server: HranaServer): string {
  return (JSON.parse(headOf(server).holder) as { readonly host: string }).host;
}
