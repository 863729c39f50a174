import { expect, test } from "bun:test";
import { createApp } from "../../src/http/app.ts";
import { memoryDaemon } from "./support/memory-daemon.ts";
import { memoryStoreCare } from "./support/memory-store-care.ts";

const JSON_TYPE = { "content-type": "application/json" };

function anApp(care = memoryStoreCare()) {
  const app = createApp({ ...memoryDaemon().api, storeCare: care });
  return (path: string, body: object = {}) =>
    app.request(
      path,
      { method: "POST", headers: JSON_TYPE, body: JSON.stringify(body) },
      { peer: "127.0.0.1" },
    );
}

test("a backup is the copy itself, and says how large it is", async () => {
  const answer = await anApp()("/api/store/backup");

  expect(answer.headers.get("content-type")).toBe("application/vnd.sqlite3");
  expect(answer.headers.get("tocsin-copy-bytes")).toBe("4");
  expect(await answer.text()).toBe("copy");
});

test("deleting tells of each step in a line; only counting deletes nothing", async () => {
  const ask = anApp();

  const lines = await (await ask("/api/store/prune", { olderThan: "30d" })).text();
  const counted = await (await ask("/api/store/prune", { olderThan: "1h", dryRun: true })).text();

  expect(lines).toBe('{"deleted":2,"total":3,"done":false}\n{"deleted":3,"total":3,"done":true}\n');
  expect(JSON.parse(counted)).toEqual({ deleted: 0, total: 3, done: true });
});

test("who stops reading stops the deleting", async () => {
  const ended = Promise.withResolvers<string>();
  const care = {
    ...memoryStoreCare(),
    async *prune() {
      try {
        for (let deleted = 1; ; deleted += 1) yield { deleted, total: 1_000, done: false };
      } finally {
        ended.resolve("stopped");
      }
    },
  };

  const answer = await anApp(care)("/api/store/prune", { olderThan: "30d" });
  const reader = answer.body?.getReader();
  await reader?.read();
  await reader?.cancel();

  expect(await ended.promise).toBe("stopped");
});

for (const body of [
  {},
  { olderThan: "soon" },
  { olderThan: "59m" },
  { olderThan: "40000d" },
  { olderThan: 90 },
  { olderThan: "90d", dryRun: "yes" },
  { olderThan: "90d", all: true },
]) {
  test(`${JSON.stringify(body)} is no order to delete anything`, async () => {
    const answer = await anApp()("/api/store/prune", body);

    expect(answer.status).toBe(400);
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
  });
}

test("what cannot be done now is a conflict, with the reason", async () => {
  const answer = await anApp()("/api/store/vacuum");

  expect([answer.status, (await answer.json()).detail]).toEqual([
    409,
    "Cannot vacuum store: it is in use",
  ]);
});
