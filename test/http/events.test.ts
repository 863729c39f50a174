import { describe, expect, test } from "bun:test";
import { connect } from "node:net";
import { advance } from "../../src/domain/advance.ts";
import type { FlowName, TaskRunId } from "../../src/domain/ids.ts";
import { uuidv7 } from "../../src/domain/ids.ts";
import { createRedactor } from "../../src/domain/redaction.ts";
import type { Run, TaskRun } from "../../src/domain/run.ts";
import { createApp } from "../../src/http/app.ts";
import { EventFeed } from "../../src/http/event-feed.ts";
import { serveHttp } from "../../src/http/server.ts";
import { historyOf } from "../../src/store/history-of.ts";
import { newsOf } from "../../src/store/news-history.ts";
import { type EventReader, readEvents } from "../support/event-stream.ts";
import { aRun, at, NOON, temporaryStore } from "../support/stores.ts";
import { until } from "../support/until.ts";
import { memoryDaemon } from "./support/memory-daemon.ts";

/** A store whose commits are told of, behind the API. */
function aFeed() {
  const store = temporaryStore();
  const redactor = createRedactor();
  const feed = new EventFeed({ news: newsOf(store.reader), redactor });
  store.watch({
    runMoved: () => feed.moved(),
    taskMoved: () => feed.moved(),
    deliveryMoved: (no) => feed.deliveryMoved(no),
  });
  const app = createApp({ ...memoryDaemon().api, feed, history: historyOf(store.reader) });
  const listen = async (query = "", lastId?: string): Promise<EventReader> => {
    const headers = lastId === undefined ? {} : { "last-event-id": lastId };
    const reader = readEvents(await app.request(`/api/events${query}`, { headers }));
    if (reader.status === 200) await reader.untilEvent(({ event }) => event === "hello");
    return reader;
  };
  const bear = async (count: number, changes: Partial<Run> = {}): Promise<readonly Run[]> => {
    const runs = Array.from({ length: count }, () => aRun(store, changes));
    await Promise.all(runs.map((after) => store.saveRunStep({ before: undefined, after })));
    return runs;
  };
  const lastSeq = () => newsOf(store.reader).lastSeq();
  return { store, feed, app, listen, bear, lastSeq, redactor };
}

const range = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, no) => from + no);

describe("GET /api/events", () => {
  test("tells of what is committed from now on, in order, with ids", async () => {
    const { store, listen, bear } = aFeed();
    await bear(3);

    const reader = await listen();
    const [run] = await bear(1);
    if (run !== undefined) await store.saveRunStep(advance(run, { type: "submit" }, at(5)));
    await reader.untilEvent(({ data }) => data.state?.type === "PENDING");

    expect(reader.events[0]).toEqual({ event: "hello", id: "3", data: { seq: 3 } });
    expect(reader.events.slice(1).map(({ id }) => id)).toEqual(["4", "5"]);
    expect(reader.events[1]?.data).toMatchObject({
      ...{ seq: 4, run: run?.id, runName: run?.name, flow: "report", attempt: 0 },
      state: { type: "SCHEDULED", dueAt: "2026-06-01T12:00:00.000Z" },
    });
    reader.close();
  });

  test("goes on after the last id, through many pages, then live, without a gap or a double", async () => {
    const { listen, bear, lastSeq } = aFeed();
    await bear(1_700);

    const reader = await listen("", "7");
    const bearing = Array.from({ length: 40 }, async () => await bear(11));
    await Promise.all(bearing);
    await reader.untilEvent(({ data }) => data.seq === lastSeq());

    expect(reader.seqs()).toEqual(range(8, 1_700 + 440));
    reader.close();
  });

  test("joined and left at any moment of a burst, hands everything over from one to the next", async () => {
    const { listen, bear, lastSeq } = aFeed();
    const seqs: number[] = [];
    let lastId = (await listen()).lastId();

    let isOver = false;
    const burst = (async () => {
      for (let no = 0; no < 60; no += 1) {
        await bear(7);
        await new Promise((resolve) => setImmediate(resolve));
      }
      isOver = true;
    })();
    while (!isOver || Number(lastId) < lastSeq()) {
      const reader = await listen("", lastId);
      await until("it is told of something, or there is nothing", () => {
        return reader.seqs().length > 0 || (isOver && Number(lastId) === lastSeq());
      });
      seqs.push(...reader.seqs());
      lastId = String(reader.seqs().at(-1) ?? lastId);
      reader.close();
    }
    await burst;

    expect(seqs).toEqual(range(1, 420));
  });

  test("narrows down by flow and run, and tells of tasks only when asked", async () => {
    const { store, listen, bear } = aFeed();
    const [report] = await bear(1);
    const [other] = await bear(1, { flow: "other" as FlowName });
    if (report === undefined || other === undefined) throw new Error("no runs");
    const task: TaskRun = {
      ...{ id: uuidv7(NOON) as TaskRunId, task: "fetch", call: 0, rev: 1, attempt: 1 },
      createdAt: NOON,
      state: { type: "RUNNING", name: "Running", message: "", at: NOON },
    };
    const readers = await Promise.all([
      listen("?flow=report", "0"),
      listen(`?run=${other.id}`, "0"),
      listen(`?run=${report.id}&tasks=1`, "0"),
      listen("?flow=report,other&tasks=1", "0"),
    ]);

    await store.saveTaskStep(report, { before: undefined, after: task });
    await store.saveRunStep(advance(other, { type: "submit" }, at(1)));
    await store.saveRunStep(advance(report, { type: "submit" }, at(1)));
    await readers[3]?.untilEvent(({ data }) => data.seq === 5);
    await readers[1]?.untilEvent(({ data }) => data.seq === 4);

    expect(readers.map((reader) => reader.seqs())).toEqual([
      [1, 5],
      [2, 4],
      [1, 3, 5],
      [1, 2, 3, 4, 5],
    ]);
    expect(readers[2]?.events.find(({ event }) => event === "task")?.data).toMatchObject({
      ...{ run: report.id, task: "fetch", taskRun: task.id },
    });
    for (const reader of readers) reader.close();
  });

  test.each([
    ["?tasks=yes", {}, "tasks"],
    ["?flows=a", {}, "flows"],
    ["", { "last-event-id": "x" }, "Last-Event-ID"],
    ["", { "last-event-id": "-1" }, "Last-Event-ID"],
    ["", { "last-event-id": "9".repeat(30) }, "Last-Event-ID"],
  ])("refuses %p with %j", async (query, headers, field) => {
    const { app } = aFeed();

    const answer = await app.request(`/api/events${query}`, { headers });

    expect([answer.status, (await answer.json()).field]).toEqual([400, field]);
  });

  test("tells a client that knows more than there is to read everything again", async () => {
    const { listen, bear } = aFeed();
    await bear(2);

    const reader = await listen("", "900");
    await bear(1);
    await reader.untilEvent(({ event }) => event === "transition");

    expect(reader.events.map(({ event }) => event)).toEqual(["reset", "hello", "transition"]);
    expect(reader.seqs()).toEqual([3]);
    reader.close();
  });

  test("tells of configs that were accepted and refused, also to others than followers of a run", async () => {
    const { feed, listen, bear } = aFeed();
    const [run] = await bear(1);
    const [all, one] = await Promise.all([listen(), listen(`?run=${run?.id}`)]);

    feed.configRead({ generation: 2, accepted: true, changed: true });
    feed.configRead({ generation: 2, accepted: false, problems: 3 });
    await all.untilEvent(({ data }) => data.problems === 3);
    await bear(1);
    await all.untilEvent(({ event }) => event === "transition");

    expect(all.events.filter(({ event }) => event === "config")).toHaveLength(2);
    expect(one.events.map(({ event }) => event)).toEqual(["hello"]);
    all.close();
    one.close();
  });

  test("holds no secret", async () => {
    const { store, listen, redactor } = aFeed();
    redactor.learn("secret/x", 'tok"en-canary');
    const reader = await listen();

    const run = aRun(store);
    const state = { ...run.state, message: 'has tok"en-canary in it' };
    await store.saveRunStep({ before: undefined, after: { ...run, state } });
    const { data } = await reader.untilEvent(({ event }) => event === "transition");

    expect(data.state.message).toBe("has ‹redacted› in it");
    expect(data.flow).toBe("report");
    reader.close();
  });

  test("says goodbye to all when the daemon stops", async () => {
    const { feed, listen } = aFeed();
    const readers = await Promise.all([listen(), listen("?flow=report")]);

    feed.stop();
    await Promise.all(readers.map(({ ended }) => ended));

    for (const { events } of readers) {
      expect(events.at(-1)).toMatchObject({ event: "bye", data: { reason: "stopping" } });
    }
    expect(feed.clients).toBe(0);
  });

  test("a HEAD is no listener", async () => {
    const { app, feed } = aFeed();

    const answer = await app.request("/api/events", { method: "HEAD" });

    expect([answer.status, feed.clients]).toEqual([200, 0]);
  });
});

/** A client that sends its request and then reads nothing until it is told to. */
async function aSleeper(url: string, lastId: string) {
  const socket = connect({ host: "127.0.0.1", port: Number(new URL(url).port) });
  let text = "";
  socket.setEncoding("utf8");
  socket.pause();
  await new Promise<void>((resolve) => {
    socket.write(
      `GET /api/events HTTP/1.1\r\nHost: 127.0.0.1\r\nLast-Event-ID: ${lastId}\r\n\r\n`,
      () => resolve(),
    );
  });
  const ended = Promise.withResolvers<string>();
  socket.on("data", (chunk) => {
    text += chunk;
    if (text.includes('"reason":"slow"')) socket.destroy();
  });
  socket.on("close", () => ended.resolve(text));
  return { wake: () => void socket.resume(), ended: ended.promise };
}

describe("over sockets", () => {
  test("a client that reads nothing is let go with a word, holds up nobody, and resumes", async () => {
    const { app, feed, store, bear, listen, lastSeq } = aFeed();
    const server = await serveHttp(app, { hostname: "127.0.0.1", port: 0 });
    const sleeper = await aSleeper(server.url, "0");
    await until("it is there", () => feed.clients === 1);
    const awake = await listen();
    const message = "x".repeat(20_000);

    let told = 0;
    while (feed.clients === 2 && told < 2_000) {
      const state = { ...aRun(store).state, message };
      await Promise.all(
        Array.from({ length: 25 }, () => {
          const after = { ...aRun(store), state };
          return store.saveRunStep({ before: undefined, after });
        }),
      );
      told += 25;
      await awake.untilEvent(({ data }) => data.seq === lastSeq());
    }
    expect(feed.clients).toBe(1);
    sleeper.wake();
    const text = await sleeper.ended;
    const ids = [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));

    expect(text).toContain('event: bye\ndata: {"reason":"slow"');
    const last = ids.at(-1) ?? 0;
    expect(last).toBeLessThan(lastSeq());
    const resumed = await listen("", String(last));
    await bear(1);
    await resumed.untilEvent(({ data }) => data.seq === lastSeq());
    expect(resumed.seqs()).toEqual(range(last + 1, lastSeq()));
    awake.close();
    resumed.close();
    await server.stop();
  });

  test("200 clients are told the same, and are forgotten when they go", async () => {
    const { app, feed, bear, lastSeq } = aFeed();
    const server = await serveHttp(app, { hostname: "127.0.0.1", port: 0 });
    const readers = await Promise.all(
      Array.from({ length: 200 }, async () => readEvents(await fetch(`${server.url}/api/events`))),
    );
    await Promise.all(readers.map((reader) => reader.untilEvent(({ event }) => event === "hello")));

    await Promise.all(Array.from({ length: 10 }, async () => await bear(30)));
    await Promise.all(
      readers.map((reader) => reader.untilEvent(({ data }) => data.seq === lastSeq())),
    );

    for (const reader of readers) expect(reader.seqs()).toEqual(range(1, 300));
    for (const reader of readers) reader.close();
    await until("all are gone", () => feed.clients === 0);
    await server.stop();
  }, 60_000);
});
