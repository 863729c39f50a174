import { describe, expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { commitLink } from "../../src/store/commit-link.ts";
import { performPlan, planningOver } from "../../src/store/commit-plan.ts";
import { replyBoard } from "../../src/store/commit-reply.ts";
import { openConnection } from "../../src/store/connection.ts";
import { createWriter } from "../../src/store/writer.ts";
import { temporaryFolder } from "../support/stores.ts";
import { countCommits } from "./support/count-commits.ts";

const MANY = 100;
const INSERT = "INSERT INTO kept (value) VALUES (?) ON CONFLICT DO NOTHING";
const turn = () => new Promise((resolve) => setImmediate(resolve));

function newFile(): string {
  const path = join(temporaryFolder(), "w.db");
  const connection = openConnection(path, "writer");
  connection.script("CREATE TABLE kept (value INTEGER NOT NULL CHECK (value <> 13)) STRICT");
  connection.script("CREATE UNIQUE INDEX once ON kept (value)");
  connection.close();
  return path;
}

/** A writer, what it answered, and how many commits were made by the thread of the one who asked. */
function opened() {
  const path = newFile();
  const connection = openConnection(path, "writer");
  const commits = countCommits(connection);
  const reader = openConnection(path, "reader");
  const lost: Error[] = [];
  const writer = createWriter(connection, {
    elsewhere: { reader, onLost: (error) => void lost.push(error) },
  });
  const answers = new Map<number, string>();
  const add = writer.collect<number>({
    save(to, items) {
      const isNew = items.map((item) => to.runOne(INSERT, [item]));
      return {
        tell() {
          for (const [place, item] of items.entries())
            answers.set(item, isNew[place] === true ? "saved" : "there already");
        },
      };
    },
    fail(items, error) {
      for (const item of items) answers.set(item, error instanceof Error ? error.message : "?");
    },
  });
  const kept = () => reader.all<{ value: number }>("SELECT value FROM kept").length;
  const until = async (isSo: () => boolean) => {
    while (!isSo()) await turn();
  };
  const addAll = (from: number) => {
    const items = Array.from({ length: MANY }, (_, index) => from + index);
    for (const item of items) add(item);
    return items;
  };
  /** Resolves when large commits are made elsewhere: the thread takes a moment to begin. */
  const begun = async () => {
    let next = 1_000;
    for (let before = -1; before !== commits.count; next += MANY) {
      before = commits.count;
      const items = addAll(next);
      await until(() => items.every((item) => answers.has(item)));
    }
    answers.clear();
  };
  return { path, connection, writer, add, addAll, answers, commits, kept, until, begun, lost };
}

describe("a large commit", () => {
  test("is made by another thread, and nobody is answered before it is made", async () => {
    const { addAll, answers, commits, kept, until, begun, writer } = opened();
    await begun();
    const [before, count] = [kept(), commits.count];

    const items = addAll(100_000);
    await turn();
    const early = answers.size === 0 || kept() === before + MANY;
    await until(() => answers.size === MANY);

    expect(early).toBe(true);
    expect(items.map((item) => answers.get(item))).toEqual(items.map(() => "saved"));
    expect(kept()).toBe(before + MANY);
    expect(commits.count).toBe(count);
    await writer.close();
  });

  test("of which something is not as expected is made here, and each is answered what holds", async () => {
    const { add, addAll, answers, commits, until, begun, writer } = opened();
    await begun();
    const count = commits.count;

    add(1_000);
    const items = addAll(200_000);
    await until(() => answers.size === MANY + 1);

    expect(answers.get(1_000)).toBe("there already");
    expect(items.every((item) => answers.get(item) === "saved")).toBe(true);
    expect(commits.count).toBe(count + 1);
    await writer.close();
  });

  test("with an item that cannot be saved saves the others", async () => {
    const { add, addAll, answers, until, begun, writer } = opened();
    await begun();

    add(13);
    add(Number.NaN);
    const items = addAll(300_000);
    await until(() => answers.size === MANY + 2);

    expect(answers.get(13)).toContain("CHECK constraint failed");
    expect(answers.get(Number.NaN)).toBe('Cannot store number "NaN"');
    expect(items.every((item) => answers.get(item) === "saved")).toBe(true);
    await writer.close();
  });

  test("is kept while the file is locked, said to be in trouble, and made when it can be", async () => {
    const { path, addAll, answers, kept, until, begun, writer } = opened();
    await begun();
    const before = kept();
    const other = openConnection(path, "writer");
    other.run("BEGIN IMMEDIATE");

    addAll(400_000);
    await until(() => writer.trouble() !== undefined);
    expect(writer.trouble()?.error.message).toContain("locked");
    expect(answers.size).toBe(0);
    addAll(500_000);
    other.run("ROLLBACK");
    await until(() => answers.size === 2 * MANY);

    expect(kept()).toBe(before + 2 * MANY);
    expect(writer.trouble()).toBeUndefined();
    other.close();
    await writer.close();
  });

  test("that is under way is waited for by whoever asks for a commit now, and all stays in its order", async () => {
    const { add, addAll, answers, kept, begun, writer } = opened();
    await begun();
    const before = kept();

    addAll(600_000);
    await turn();
    add(600_000);
    writer.flush();

    expect(kept()).toBe(before + MANY);
    expect(answers.size).toBe(MANY);
    expect(answers.get(600_000)).toBe("there already");
    await writer.close();
  });

  test("is not begun elsewhere while somebody has all committed here", async () => {
    const { add, answers, begun, connection, writer } = opened();
    await begun();
    const items = Array.from({ length: 2_500 }, (_, index) => 650_000 + index);

    for (const item of items) add(item);
    writer.flush();

    expect(answers.size).toBe(items.length);
    expect(connection.transaction(() => "nobody else writes")).toBe("nobody else writes");
    await writer.close();
  });

  test("that is under way is saved when the writer is closed, and the file is left alone", async () => {
    const { path, connection, addAll, answers, begun, writer } = opened();
    await begun();

    addAll(700_000);
    await turn();
    const leaving = writer.close();

    expect(answers.size).toBe(MANY);
    await leaving;
    connection.close();
    const after = openConnection(path, "writer");
    after.run("BEGIN IMMEDIATE");
    after.run("ROLLBACK");
    after.close();
  });

  test("is made here where another thread cannot open the file", async () => {
    const { path, addAll, answers, until, lost, writer } = opened();
    rmSync(dirname(path), { recursive: true });

    for (let round = 0; round < 20; round += 1) {
      const items = addAll(800_000 + round * MANY);
      await until(() => items.every((item) => answers.has(item)));
      expect(items.every((item) => answers.get(item) === "saved")).toBe(true);
    }

    expect(lost).toEqual([]);
    await writer.close();
  });

  test("whose thread dies amid it is reported as lost: nobody knows whether it was made", async () => {
    const lost = Promise.withResolvers<Error>();
    const link = commitLink({
      path: newFile(),
      program: new URL("../fixtures/dying-commit-thread.ts", import.meta.url),
      onOver: () => lost.reject(new Error("it was said to be over")),
      onLost: lost.resolve,
    });

    link.start();
    while (!link.isReady()) await turn();
    link.send("{}");

    expect((await lost.promise).message).toBe(
      "Cannot tell whether a commit was made: its thread is gone: it ended by itself",
    );
    await link.close();
  });
});

describe("a plan", () => {
  test("does what was noted, with its texts cleaned as they are elsewhere", () => {
    const path = newFile();
    const connection = openConnection(path, "writer");
    connection.script("CREATE TABLE told (text TEXT, number REAL, flag INTEGER) STRICT");
    const planning = planningOver(openConnection(path, "reader"));

    planning.run("INSERT INTO told VALUES (?, ?, ?)", ["a\0b\ud800", 1.5, true]);
    planning.run("INSERT INTO told VALUES (?, ?, ?)", [undefined, null, false]);

    expect(performPlan(connection, planning.take())).toBe(true);
    expect(connection.all<object>("SELECT * FROM told")).toEqual([
      { text: "a␀b\ufffd", number: 1.5, flag: 1 },
      { text: null, number: null, flag: 0 },
    ]);
    expect(performPlan(connection, planning.take())).toBe(true);
  });

  test("keeps nothing where one of its statements does not change one row as it is to", () => {
    const path = newFile();
    const connection = openConnection(path, "writer");
    const planning = planningOver(openConnection(path, "reader"));

    planning.run(INSERT, [1]);
    planning.runOne(INSERT, [1]);

    expect(performPlan(connection, planning.take())).toBe(false);
    expect(connection.all("SELECT * FROM kept")).toEqual([]);
  });

  test("takes no number that would be another one on its way", () => {
    const planning = planningOver(openConnection(newFile(), "reader"));

    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, new Date()])
      expect(() => planning.run(INSERT, [value])).toThrow("to the thread that commits");
  });
});

describe("a reply", () => {
  test("is read as it was written, an error with its code", () => {
    const board = replyBoard();
    const error = Object.assign(new Error(`full: "${"ü".repeat(5_000)}"`), { code: "SQLITE_FULL" });

    expect(board.read(1)).toBeUndefined();
    expect(board.wait(1, 5)).toBe(false);
    board.write(1, { type: "done", ms: 1.25 });
    expect(board.wait(1, 5)).toBe(true);
    expect(board.read(1)).toEqual({ type: "done", ms: 1.25 });
    board.write(2, { type: "unexpected" });
    expect(board.read(2)).toEqual({ type: "unexpected" });
    expect(board.read(1)).toBeUndefined();
    board.write(3, { type: "failed", error });

    const reply = board.read(3);
    expect(reply?.type === "failed" && reply.error).toMatchObject({ code: "SQLITE_FULL" });
    expect(reply?.type === "failed" && reply.error.message.slice(0, 8)).toBe('full: "ü');
  });
});
