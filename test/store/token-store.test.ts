import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Instant, instant } from "../../src/domain/instant.ts";
import { TOKENS_MAX } from "../../src/domain/tokens.ts";
import { isSameToken, openTokens, randomToken } from "../../src/store/token-store.ts";
import { NOON, temporaryFolder, temporaryStore } from "../support/stores.ts";

const WANTED = { name: "ci", scope: "write", createdBy: "cli of anna" } as const;

function made(tokens: ReturnType<typeof openTokens>, wanted = WANTED): string {
  const answer = tokens.make(wanted);
  if (typeof answer === "string") throw new Error(answer);
  return answer.token;
}

describe("tokens", () => {
  test("are 256 random bits behind their prefix, each another", () => {
    const all = new Set(Array.from({ length: 1_000 }, randomToken));

    expect(all.size).toBe(1_000);
    for (const token of all) expect(token).toMatch(/^toc_[\w-]{43}$/);
  });

  test("are found by their text, also after a restart, and by nothing else", () => {
    const folder = temporaryFolder();
    const store = temporaryStore(folder);
    const token = made(openTokens({ store, clock: () => NOON }));
    store.close(NOON);
    const again = temporaryStore(folder);
    const tokens = openTokens({ store: again, clock: () => NOON });

    expect(tokens.find(token)).toMatchObject({ ...WANTED, createdAt: NOON, lastUsedAt: NOON });
    for (const wrong of ["", "toc_", token.slice(0, -1), `${token}x`, token.toUpperCase()]) {
      expect(tokens.find(wrong)).toBeUndefined();
    }
    again.close(NOON);
  });

  test("are in no file of the store, and the files are for nobody else", () => {
    const folder = temporaryFolder();
    const store = temporaryStore(folder);
    const tokens = openTokens({ store, clock: () => NOON });
    const token = made(tokens);
    tokens.find(token);
    store.describeHolder({ url: "http://127.0.0.1:1", token: "toc_own" });

    for (const file of readdirSync(folder)) {
      const path = join(folder, file);
      expect(readFileSync(path, "latin1").includes(token.slice(4))).toBe(false);
      expect([file, statSync(path).mode & 0o077]).toEqual([file, 0]);
    }
    store.close(NOON);
    expect(readdirSync(folder).some((file) => file.endsWith(".holder"))).toBe(false);
  });

  test("have names of their own, and an end of their number", () => {
    const store = temporaryStore();
    const tokens = openTokens({ store, clock: () => NOON });
    made(tokens);

    expect(tokens.make({ ...WANTED, scope: "read" })).toBe("name-taken");
    for (let no = 1; no < TOKENS_MAX; no += 1) tokens.make({ ...WANTED, name: `t${no}` });
    expect(tokens.make({ ...WANTED, name: "more" })).toBe("too-many");
    store.close(NOON);
  });

  test("that are revoked are worth nothing at once, and after a restart", () => {
    const folder = temporaryFolder();
    const store = temporaryStore(folder);
    const tokens = openTokens({ store, clock: () => NOON });
    const token = made(tokens);

    expect([tokens.revoke("ci"), tokens.revoke("ci"), tokens.any()]).toEqual([true, false, false]);
    expect(tokens.find(token)).toBeUndefined();
    store.close(NOON);
    const again = temporaryStore(folder);
    expect(openTokens({ store: again, clock: () => NOON }).find(token)).toBeUndefined();
    again.close(NOON);
  });

  test("note when they were used, once a minute", () => {
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
    const token = made(tokens);

    for (let second = 0; second < 120; second += 1) {
      now = instant(NOON + second * 1_000);
      tokens.find(token);
    }

    expect(writes).toBe(3);
    expect(tokens.list()[0]?.lastUsedAt).toBe(instant(NOON + 60_000));
    store.close(NOON);
  });

  test("still open when the store cannot be written", () => {
    const store = temporaryStore();
    const token = made(openTokens({ store, clock: () => NOON }));
    const full = {
      ...store,
      write: () => {
        throw new Error("disk full");
      },
    };

    expect(openTokens({ store: full, clock: () => NOON }).find(token)?.name).toBe("ci");
    store.close(NOON);
  });

  test("are compared whole", () => {
    expect(isSameToken("toc_a", "toc_a")).toBe(true);
    expect(isSameToken("toc_a", "toc_b")).toBe(false);
    expect(isSameToken("toc_a", "toc_aa")).toBe(false);
  });
});
