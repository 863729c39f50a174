import { afterEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import Libsql from "libsql";
import { isStorageError } from "../../src/store/connection.ts";
import { historyOf } from "../../src/store/history-of.ts";
import type { OpenRemoteOptions } from "../../src/store/open-remote-store.ts";
import type { Store } from "../../src/store/open-store.ts";
import { pruneEnded } from "../../src/store/prune.ts";
import type { Trouble } from "../../src/store/troubles.ts";
import { type HranaServer, losing } from "../support/hrana-server.ts";
import { contentOf, remoteStore, story, temporaryServer } from "../support/remote-stores.ts";
import { aRun, at, NOON, temporaryFolder } from "../support/stores.ts";
import { until } from "../support/until.ts";

setDefaultTimeout(60_000);
const servers: HranaServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

interface Opened {
  readonly server: HranaServer;
  readonly folder: string;
  readonly store: Store;
}

async function opened(
  options: Partial<OpenRemoteOptions> = {},
  served: Parameters<typeof temporaryServer>[0] = {},
): Promise<Opened> {
  const [server, folder] = [await temporaryServer(served), temporaryFolder()];
  servers.push(server);
  return { server, folder, store: await remoteStore(server, folder, options) };
}

const birth = (store: Store) => ({ before: undefined, after: aRun(store) });

function runsIn({ reader }: Store): number {
  return reader.all("SELECT 1 FROM run").length;
}

/** Numbers that look random and are the same each time. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

describe("a commit at a server", () => {
  for (const percent of [3, 15]) {
    test(`is made once where ${percent} % of requests and as many answers are lost`, async () => {
      const { server, store } = await opened();
      server.judge(losing(percent, seeded(percent)));

      await Promise.all(Array.from({ length: 8 }, () => story(store, 12)));
      await store.write((connection) => connection.run("UPDATE delivery SET due_at = NULL"));
      await store.write((connection) => pruneEnded(connection, at(5), 20));
      server.judge(() => "answered");
      await store.close(at(9_000));

      const there = contentOf(server.path);
      expect(server.lost()).toBeGreaterThan(0);
      expect(there["run"]?.length).toBe(96 - 20);
      expect(contentOf(store.path)).toEqual(there);
    });
  }

  test("is not made again where only its answer was lost", async () => {
    const { server, store } = await opened();
    let losses = 0;
    server.judge((body) => {
      if (!body.includes("COMMIT") || losses > 0) return "answered";
      losses += 1;
      return "answer-lost";
    });
    const before = commitsAt(server);

    expect(await store.saveRunStep(birth(store))).toBe("saved");

    expect(losses).toBe(1);
    expect(commitsAt(server)).toBe(before + 1);
    await store.close(NOON);
  });

  test("is asked for again where the request hangs", async () => {
    const { server, store } = await opened({ answerMs: 300 });
    let hung = 0;
    server.judge(() => {
      hung += 1;
      return hung === 1 ? "hangs" : "answered";
    });

    expect(await store.saveRunStep(birth(store))).toBe("saved");

    expect(runsIn(store)).toBe(1);
    await store.close(NOON);
    expect(contentOf(server.path)["run"]).toHaveLength(1);
  });

  test("shows nobody anything before the server has it", async () => {
    const { server, store } = await opened();
    const release = Promise.withResolvers<void>();
    const came = Promise.withResolvers<void>();
    server.judge(() => {
      came.resolve();
      return release.promise.then(() => "answered" as const);
    });

    const saving = store.saveRunStep(birth(store));
    await came.promise;
    expect(runsIn(store)).toBe(0);
    release.resolve();

    expect(await saving).toBe("saved");
    expect(runsIn(store)).toBe(1);
    await store.close(NOON);
  });

  test("holds all that was asked for while the one before was under way", async () => {
    const { server, store } = await opened();
    const before = commitsAt(server);

    const first = store.saveRunStep(birth(store));
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    const others = Array.from({ length: 500 }, () => store.saveRunStep(birth(store)));
    await Promise.all([first, ...others]);

    expect(commitsAt(server)).toBe(before + 2);
    await store.close(NOON);
  });

  test("is split where it is too much for one request; what is too much by itself fails alone", async () => {
    const { server, store } = await opened({}, { bytesMax: 200_000 });
    const text = "x".repeat(9_000);
    const lines = (runNo: number, count: number) =>
      store.saveLogLines({
        ...{ runNo, attempt: 1 },
        lines: Array.from({ length: count }, () => ({ at: NOON, level: "info" as const, text })),
      });

    const saving = Array.from({ length: 50 }, () => store.saveRunStep(birth(store)));
    for (let runNo = 1; runNo <= 50; runNo += 1) lines(runNo, 1);
    lines(51, 30);
    expect(await Promise.all(saving)).toEqual(saving.map(() => "saved"));
    await store.saved();

    expect(store.reader.all("SELECT 1 FROM log WHERE run_no <= 50")).toHaveLength(50);
    expect(store.reader.all("SELECT 1 FROM log WHERE run_no = 51")).toEqual([]);
    expect(store.trouble()).toBeUndefined();
    await store.close(NOON);
    expect(contentOf(store.path)).toEqual(contentOf(server.path));
  });
});

describe("a small write at a server", () => {
  test("comes after what was asked for before, and answers when it is there", async () => {
    const { server, store } = await opened();

    const saving = Array.from({ length: 3 }, () => store.saveRunStep(birth(store)));
    const seen = await store.write((connection) => {
      connection.run("INSERT INTO clock_jump (from_at, to_at) VALUES (1, 2)");
      return connection.all("SELECT 1 FROM run").length;
    });

    expect(seen).toBe(3);
    expect(contentOf(server.path)["clock_jump"]).toHaveLength(1);
    await Promise.all(saving);
    await store.close(NOON);
  });

  test("keeps nothing where it throws, and asks the server nothing where it changes nothing", async () => {
    const { server, store } = await opened();
    const before = server.requests();

    const thrown = store.write((connection) => {
      connection.run("INSERT INTO clock_jump (from_at, to_at) VALUES (1, 2)");
      throw new Error("not this time");
    });
    await expect(thrown).rejects.toThrow("not this time");
    await store.write((connection) => connection.run("DELETE FROM run"));

    expect(server.requests()).toBe(before);
    expect(store.reader.all("SELECT 1 FROM clock_jump")).toEqual([]);
    await store.close(NOON);
  });
});

describe("while the server is away", () => {
  test("everything can be read, what was asked for is kept, small writes fail, and then it goes on", async () => {
    const told: (Trouble | undefined)[] = [];
    const { server, store } = await opened({ onTrouble: (trouble) => void told.push(trouble) });
    await story(store, 2);
    server.judge(() => "unavailable");

    const saving = store.saveRunStep(birth(store));
    await until("it is in trouble", () => store.trouble() !== undefined);
    const later = store.saveRunStep(birth(store));

    expect(store.trouble()?.error.message).toContain(`${server.url} does not answer as it should`);
    expect(store.trouble()?.error.message).toContain("503");
    expect(await historyOf(store.reader).listRuns({ limit: 10 })).toHaveLength(2);
    const error = await store.write(() => 1).catch((why: unknown) => why);
    expect(isStorageError(error)).toBe(true);

    server.judge(() => "answered");
    expect(await Promise.all([saving, later])).toEqual(["saved", "saved"]);
    expect(told.map((trouble) => trouble !== undefined)).toEqual([true, false]);
    await store.close(NOON);
    expect(contentOf(store.path)).toEqual(contentOf(server.path));
  });

  test("a daemon that stops gives up after a while, and the next one finds what the server has", async () => {
    const { server, folder, store } = await opened({ leaseMs: 1_000 });
    await story(store, 2);
    server.judge((body) => (body.includes("COMMIT") ? "answer-lost" : "unavailable"));

    const saving = store.saveRunStep(birth(store)).catch((error: unknown) => error);
    await store.close(NOON);
    expect(isStorageError(await saving)).toBe(true);

    server.judge(() => "answered");
    const next = await remoteStore(server, folder);
    expect(runsIn(next)).toBe(3);
    await next.close(NOON);
    expect(contentOf(next.path)).toEqual(contentOf(server.path));
  });
});

test("a copy that the server contradicts is not gone on with, and fetched again", async () => {
  const lost: Error[] = [];
  const { server, folder, store } = await opened({ onLost: (error) => void lost.push(error) });
  await story(store, 1);
  meddle(
    server,
    "INSERT INTO log (no, run_no, attempt, at, level, text) VALUES (2, 1, 1, 1, 'info', 'mine')",
  );

  store.saveLogLines({ runNo: 1, attempt: 1, lines: [{ at: NOON, level: "info", text: "ours" }] });
  await until("it is lost", () => lost.length > 0);

  expect(lost[0]?.message).toContain("it differs from its copy here");
  await store.close(NOON);
  const next = await remoteStore(server, folder);
  await next.close(NOON);
  expect(contentOf(next.path)).toEqual(contentOf(server.path));
  expect(next.previousBoot?.clean).toBe(false);
});

/** Something else did with the server's database. */
function meddle({ path }: HranaServer, statement: string): void {
  const database = new Libsql(path);
  database.exec(statement);
  database.close();
}

function commitsAt({ path }: HranaServer): number {
  const database = new Libsql(path);
  const [row] = database.prepare("SELECT no FROM remote_head").all();
  database.close();
  return (row as { readonly no: number }).no;
}
