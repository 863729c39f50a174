import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Instant, instant } from "../../src/domain/instant.ts";
import { TOKENS_MAX } from "../../src/domain/tokens.ts";
import { isSameToken, openTokens, randomToken } from "../../src/store/token-store.ts";
import { NOON, temporaryFolder, temporaryStore } from "../support/stores.ts";

const WANTED = { name: "ci", scope: "write", createdBy: "cli of anna" } as const;

async function made(tokens: ReturnType<typeof openTokens>, wanted = WANTED): Promise<string> {
  const answer = await tokens.make(wanted);
  if (typeof answer === "string") throw new Error(answer);
  return answer.token;
}

describe("tokens", () => {
  test("are 256 random bits behind their prefix, each another", () => {
    const all = new Set(Array.from({ length: 1_000 }, randomToken));

    expect(all.size).toBe(1_000);
    for (const token of all) expect(token).toMatch(/^toc_[\w-]{43}$/);
  });

  test("are found by their text, also after a restart, and by nothing else", async () => {
    const folder = temporaryFolder();
    const store = temporaryStore(folder);
    const token = await made(openTokens({ store, clock: () => NOON }));
    await store.close(NOON);
    const again = temporaryStore(folder);
    const tokens = openTokens({ store: again, clock: () => NOON });

    expect(tokens.find(token)).toMatchObject({ ...WANTED, createdAt: NOON, lastUsedAt: NOON });
    for (const wrong of ["", "toc_", token.slice(0, -1), `${token}x`, token.toUpperCase()]) {
      expect(tokens.find(wrong)).toBeUndefined();
    }
    await again.close(NOON);
  });

  test("are in no file of the store, and the files are for nobody else", async () => {
    const folder = temporaryFolder();
    const store = temporaryStore(folder);
    const tokens = openTokens({ store, clock: () => NOON });
    const token = await made(tokens);
    tokens.find(token);
    store.describeHolder({ url: "http://127.0.0.1:1", token: "toc_own" });

    for (const file of readdirSync(folder)) {
      const path = join(folder, file);
      expect(readFileSync(path, "latin1").includes(token.slice(4))).toBe(false);
      expect([file, statSync(path).mode & 0o077]).toEqual([file, 0]);
    }
    await store.close(NOON);
    expect(readdirSync(folder).some((file) => file.endsWith(".holder"))).toBe(false);
  });

  test("have names of their own, and an end of their number", async () => {
    const store = temporaryStore();
    const tokens = openTokens({ store, clock: () => NOON });
    await made(tokens);

    expect(await tokens.make({ ...WANTED, scope: "read" })).toBe("name-taken");
    for (let no = 1; no < TOKENS_MAX; no += 1) await tokens.make({ ...WANTED, name: `t${no}` });
    expect(await tokens.make({ ...WANTED, name: "more" })).toBe("too-many");
    await store.close(NOON);
  });

  test("that are revoked are worth nothing at once, and after a restart", async () => {
    const folder = temporaryFolder();
    const store = temporaryStore(folder);
    const tokens = openTokens({ store, clock: () => NOON });
    const token = await made(tokens);

    expect([await tokens.revoke("ci"), await tokens.revoke("ci")]).toEqual([true, false]);
    expect(tokens.any()).toBe(false);
    expect(tokens.find(token)).toBeUndefined();
    await store.close(NOON);
    const again = temporaryStore(folder);
    expect(openTokens({ store: again, clock: () => NOON }).find(token)).toBeUndefined();
    await again.close(NOON);
  });

  test("note when they were used, once a minute", async () => {
    const store = temporaryStore();
    let now: Instant = NOON;
    let writes = 0;
    const counting = {
      ...store,
      write: <Answer>(body: Parameters<typeof store.write<Answer>>[0]) => {
        writes += 1;
        return store.write(body);
      },
    };
    const tokens = openTokens({ store: counting, clock: () => now });
    const token = await made(tokens);

    for (let second = 0; second < 120; second += 1) {
      now = instant(NOON + second * 1_000);
      tokens.find(token);
    }

    expect(writes).toBe(3);
    expect(tokens.list()[0]?.lastUsedAt).toBe(instant(NOON + 60_000));
    await store.close(NOON);
  });

  test("still open when the store cannot be written", async () => {
    const store = temporaryStore();
    const token = await made(openTokens({ store, clock: () => NOON }));
    const full = {
      ...store,
      write: () => Promise.reject(new Error("disk full")),
    };

    expect(openTokens({ store: full, clock: () => NOON }).find(token)?.name).toBe("ci");
    await store.close(NOON);
  });

  test("are compared whole", () => {
    expect(isSameToken("toc_a", "toc_a")).toBe(true);
    expect(isSameToken("toc_a", "toc_b")).toBe(false);
    expect(isSameToken("toc_a", "toc_aa")).toBe(false);
  });
});
