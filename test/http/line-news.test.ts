import { expect, test } from "bun:test";
import { createApp } from "../../src/http/app.ts";
import { EventFeed } from "../../src/http/event-feed.ts";
import { historyOf } from "../../src/store/history-of.ts";
import { newsOf } from "../../src/store/news-history.ts";
import { readEvents } from "../support/event-stream.ts";
import { aRun, NOON, temporaryStore } from "../support/stores.ts";
import { memoryDaemon } from "./support/memory-daemon.ts";

function aFeed() {
  const store = temporaryStore();
  const feed = new EventFeed({ news: newsOf(store.reader) });
  store.watch({ runMoved: () => feed.moved(), committed: () => feed.committed() });
  const app = createApp({ ...memoryDaemon().api, feed, history: historyOf(store.reader) });
  const say = (runNo: number, text: string) =>
    store.saveLogLines({ runNo, attempt: 1, lines: [{ at: NOON, level: "info", text }] });
  const bear = async () => {
    const after = aRun(store);
    await store.saveRunStep({ before: undefined, after });
    return after;
  };
  return { app, say, bear };
}

test("a client that follows the lines of a run is told that there are more, and of no other run's", async () => {
  const { app, say, bear } = aFeed();
  const [run, other] = [await bear(), await bear()];
  const listen = async (query: string) => readEvents(await app.request(`/api/events${query}`));

  const lines = await listen(`?run=${run.id}&lines=1`);
  const plain = await listen(`?run=${run.id}`);
  await lines.untilEvent(({ event }) => event === "hello");
  await plain.untilEvent(({ event }) => event === "hello");
  say(other.no, "not told of");
  say(run.no, "told of");
  const { data, id } = await lines.untilEvent(({ event }) => event === "lines");

  expect(data).toEqual({ run: run.id, last: 2 });
  // Lines have no place in the order of transitions: the id to resume from stays.
  expect(id).toBe("2");
  expect(lines.events.filter(({ event }) => event === "lines")).toHaveLength(1);
  expect(plain.events.map(({ event }) => event)).toEqual(["hello"]);
  lines.close();
  plain.close();
});

test("lines are told of one run only", async () => {
  const { app } = aFeed();

  const refused = await app.request("/api/events?lines=1");

  expect(refused.status).toBe(400);
  expect(await refused.json()).toMatchObject({ field: "lines" });
});
