import { afterEach, describe, expect, test } from "bun:test";
import { type Client, createClient } from "@libsql/client/http";
import { type HranaServer, losing } from "../support/hrana-server.ts";
import { TOKEN, temporaryServer } from "../support/remote-stores.ts";
import { until } from "../support/until.ts";

const opened: { readonly server: HranaServer; readonly client: Client }[] = [];
afterEach(async () => {
  for (const { client, server } of opened.splice(0)) {
    client.close();
    await server.stop();
  }
});

async function asked(options: Parameters<typeof temporaryServer>[0] = {}) {
  const server = await temporaryServer(options);
  const client = createClient({ url: server.url, authToken: TOKEN });
  opened.push({ server, client });
  await client.executeMultiple("CREATE TABLE kept (a, b UNIQUE); CREATE TABLE other (c)");
  return { server, client };
}

const count = async (client: Client) =>
  (await client.execute("SELECT count(*) AS n FROM kept")).rows[0]?.["n"];

const STORY_MS = 30_000;

describe("the stand-in for a libSQL server", () => {
  test("keeps and answers values of every kind", async () => {
    const { client } = await asked();
    const blob = new Uint8Array([0, 1, 255]).buffer;

    const wrote = await client.execute({
      sql: "INSERT INTO kept VALUES (?, ?), (:text, NULL), (1.5, 'x')",
      args: [9_007_199_254_740_991n, blob, "ünïcode 😀"],
    });
    const { rows, columns } = await client.execute("SELECT a, b FROM kept ORDER BY rowid");

    expect(wrote.rowsAffected).toBe(3);
    expect(columns).toEqual(["a", "b"]);
    expect(rows.map((row) => row["a"])).toEqual([9_007_199_254_740_991, "ünïcode 😀", 1.5]);
    expect(rows.map((row) => row["b"])).toEqual([blob, null, "x"]);
  });

  test("does a batch whole or not at all, and says what was wrong", async () => {
    const { client } = await asked();
    const insert = "INSERT INTO kept VALUES (1, ?)";

    await client.batch([{ sql: insert, args: ["x"] }], "write");
    const again = client.batch(
      [
        { sql: insert, args: ["y"] },
        { sql: insert, args: ["x"] },
      ],
      "write",
    );

    await expect(again).rejects.toMatchObject({ code: "SQLITE_CONSTRAINT", statementIndex: 1 });
    expect(await count(client)).toBe(1);
  });

  test(
    "keeps a transaction open from request to request, and ends one that is left alone",
    async () => {
      const { client } = await asked({ streamMs: 600 });

      const first = await client.transaction("write");
      await first.execute("INSERT INTO kept VALUES (1, 1)");
      await first.execute("INSERT INTO kept VALUES (2, 2)");
      await first.commit();
      expect(await count(client)).toBe(2);

      const second = await client.transaction("write");
      await second.execute("INSERT INTO kept VALUES (3, 3)");
      // Somebody else can write again once it is ended.
      await until("it is ended", () =>
        client.execute("INSERT INTO other VALUES (1)").catch(() => false),
      );
      await expect(second.commit()).rejects.toThrow("the stream has expired");
      expect(await count(client)).toBe(2);
    },
    STORY_MS,
  );

  test("wants its token, and loses what it is told to lose, before or after it did it", async () => {
    const { server, client } = await asked();
    const stranger = createClient({ url: server.url, authToken: "another" });
    await expect(stranger.execute("SELECT 1")).rejects.toThrow("401");
    stranger.close();

    server.judge(() => "request-lost");
    await expect(client.execute("INSERT INTO kept VALUES (1, 1)")).rejects.toThrow();
    server.judge(() => "answer-lost");
    await expect(client.execute("INSERT INTO kept VALUES (2, 2)")).rejects.toThrow();
    server.judge(() => "answered");

    expect(await count(client)).toBe(1);
    const fates = Array.from({ length: 10_000 }, losing(3));
    for (const fate of ["request-lost", "answer-lost"] as const) {
      const lost = fates.filter((one) => one === fate).length;
      expect(lost).toBeGreaterThan(200);
      expect(lost).toBeLessThan(400);
    }
  });
});
