import { describe, expect, test } from "bun:test";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openConnection } from "../../src/store/connection.ts";
import { createWriter } from "../../src/store/writer.ts";
import { countCommits } from "./support/count-commits.ts";

function opened() {
  const path = join(mkdtempSync(join(tmpdir(), "tocsin-writer-")), "w.db");
  const connection = openConnection(path, "writer");
  connection.script("CREATE TABLE kept (value INTEGER NOT NULL UNIQUE) STRICT");
  const writer = createWriter(connection);
  const settled: string[] = [];
  const add = writer.collect<number>({
    save: (to, items) => {
      for (const item of items) to.run("INSERT INTO kept VALUES (?)", [item]);
      return { tell: () => void settled.push(...items.map((item) => `saved ${item}`)) };
    },
    fail: (items, error) => {
      settled.push(
        ...items.map(
          (item) => `failed ${item}: ${error instanceof Error ? error.message.slice(0, 24) : ""}`,
        ),
      );
    },
  });
  const kept = () =>
    connection
      .all<{ value: number }>("SELECT value FROM kept ORDER BY value")
      .map(({ value }) => value);
  return { path, connection, writer, settled, add, kept };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe("the writer", () => {
  test("commits what was asked for in one turn together, and answers after the commit", async () => {
    const { connection, settled, add, kept } = opened();
    const commits = countCommits(connection);

    for (const value of [1, 2, 3]) add(value);
    expect(settled).toEqual([]);
    await turn();

    expect(settled).toEqual(["saved 1", "saved 2", "saved 3"]);
    expect(kept()).toEqual([1, 2, 3]);
    expect(commits.count).toBe(1);
  });

  test("does not let one item that cannot be saved take the others with it", async () => {
    const { settled, add, kept } = opened();

    for (const value of [1, 1, 2]) add(value);
    await turn();

    expect(kept()).toEqual([1, 2]);
    expect(settled).toHaveLength(3);
    expect(settled.filter((line) => line.startsWith("failed 1"))).toHaveLength(1);
  });

  test("keeps what it could not save while the file is locked, says so, and goes on by itself", async () => {
    const { path, writer, settled, add, kept } = opened();
    const other = openConnection(path, "writer");
    other.run("BEGIN IMMEDIATE");

    add(1);
    await turn();
    expect(writer.trouble()?.error.message).toContain("locked");
    expect(settled).toEqual([]);

    other.run("ROLLBACK");
    while (settled.length === 0) await turn();

    expect(settled).toEqual(["saved 1"]);
    expect(kept()).toEqual([1]);
    expect(writer.trouble()).toBeUndefined();
  });

  test("saves what is left when it is closed, and refuses what comes after", () => {
    const { writer, settled, add, kept } = opened();

    add(1);
    expect(writer.close()).toBeUndefined();
    add(2);

    expect(kept()).toEqual([1]);
    expect(settled).toEqual(["saved 1", "failed 2: Cannot save: the store i"]);
  });
});
