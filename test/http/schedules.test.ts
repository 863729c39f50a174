import { describe, expect, test } from "bun:test";
import { createApp } from "../../src/http/app.ts";
import { memoryDaemon } from "./support/memory-daemon.ts";
import { BACKFILL } from "./support/memory-schedules.ts";

function caller(daemon = memoryDaemon()) {
  const app = createApp(daemon.api);
  return async (method: string, path: string, json?: unknown) => {
    const body = json === undefined ? {} : { body: JSON.stringify(json) };
    const headers = { "content-type": "application/json" };
    const response = await app.request(path, { method, headers, ...body });
    const { status } = response;
    // biome-ignore lint/suspicious/noExplicitAny: answers of every shape
    return { status, headers: response.headers, body: (await response.json()) as any };
  };
}

const RANGE = { from: "2026-01-01T00:00:00Z", to: "2026-01-31T00:00:00Z" };

describe("pausing over HTTP", () => {
  test("shows the flow and its schedules as paused, and as going on once it is resumed", async () => {
    const ask = caller();

    const paused = await ask("POST", "/api/flows/nightly-report/pause", { reason: "holidays" });
    expect(paused).toMatchObject({
      status: 200,
      body: { changed: true, pauses: [{ reason: "holidays" }] },
    });
    expect((await ask("GET", "/api/flows/nightly-report")).body).toMatchObject({
      pause: { reason: "holidays" },
      schedules: [{ key: "hourly", paused: true, pause: { reason: "holidays" } }],
    });

    expect((await ask("POST", "/api/flows/nightly-report/resume")).body).toMatchObject({
      pauses: [],
    });
    const { body } = await ask("GET", "/api/flows/nightly-report");
    expect(body.pause).toBeUndefined();
    expect(body.schedules[0].paused).toBe(false);
  });

  test("says which flow or schedule there is not", async () => {
    const ask = caller();

    const flow = await ask("POST", "/api/flows/nightly-reprot/pause");
    expect(flow).toMatchObject({ status: 404, body: { nearest: "nightly-report" } });
    const schedule = await ask("POST", "/api/flows/nightly-report/pause", { schedule: "daily" });
    expect(schedule.status).toBe(404);
    expect(schedule.body.detail).toBe(
      'Cannot find schedule "daily" of flow "nightly-report": it has hourly',
    );
  });

  test("is refused while nothing can be saved", async () => {
    const daemon = memoryDaemon();
    const { schedules } = daemon.api;
    if (schedules === undefined) throw new Error("there is no care of schedules");
    const full = { ...schedules, unavailable: () => "database or disk is full" };
    const ask = caller({ ...daemon, api: { ...daemon.api, schedules: full } });

    const answer = await ask("POST", "/api/flows/nightly-report/pause");

    expect(answer.status).toBe(503);
    expect(answer.body.detail).toContain("database or disk is full");
  });
});

describe("a backfill over HTTP", () => {
  test("is begun, looked at and cancelled", async () => {
    const ask = caller();

    const begun = await ask("POST", "/api/flows/nightly-report/backfill", RANGE);
    expect(begun.status).toBe(201);
    expect(begun.headers.get("location")).toBe(`/api/backfills/${BACKFILL}`);
    expect((await ask("GET", `/api/backfills/${BACKFILL}`)).body).toMatchObject({ total: 3 });
    expect((await ask("POST", `/api/backfills/${BACKFILL}/cancel`)).body).toMatchObject({
      status: "cancelled",
    });
  });

  test("may be only planned", async () => {
    const answer = await caller()("POST", "/api/flows/nightly-report/backfill", {
      ...RANGE,
      dryRun: true,
    });

    expect(answer).toMatchObject({ status: 200, body: { dryRun: true, total: 1, hadRun: 0 } });
  });

  test.each<readonly [string, object, number, string]>([
    ["without its end", { from: RANGE.from }, 400, 'body field "to"'],
    ["of a time that is none", { ...RANGE, from: "yesterday" }, 400, "2026-01-31T08:00:00Z"],
    [
      "that ends before it begins",
      { from: RANGE.to, to: RANGE.from },
      400,
      "from is not before to",
    ],
    ["with a policy for due times", { ...RANGE, overlap: "skip" }, 400, "overlap"],
    ["of a schedule that is not", { ...RANGE, schedule: "daily" }, 404, "it has hourly"],
  ])("%s is refused", async (...[, body, status, wanted]) => {
    const answer = await caller()("POST", "/api/flows/nightly-report/backfill", body);

    expect(answer.status).toBe(status);
    expect(answer.body.detail).toContain(wanted);
  });

  test("that is not there is 404", async () => {
    const ask = caller();

    for (const path of ["/api/backfills/abcdef", "/api/backfills/abcdef/dues"]) {
      expect((await ask("GET", path)).status).toBe(404);
    }
  });
});

describe("explain over HTTP", () => {
  test("answers with a verdict, sentences and facts", async () => {
    const at = "2026-01-31T02:00:00Z";
    const { status, body } = await caller()("GET", `/api/flows/nightly-report/explain?at=${at}`);

    expect(status).toBe(200);
    expect(body).toMatchObject({
      verdict: "no-schedule",
      sentences: ["It has no schedule: it runs when somebody asks for it."],
      facts: { flow: "nightly-report", at: "2026-01-31T02:00:00.000Z" },
    });
  });

  test("refuses a time that is none, and a flow that nobody knows", async () => {
    const ask = caller();

    expect((await ask("GET", "/api/flows/nightly-report/explain?at=noon")).status).toBe(400);
    expect((await ask("GET", "/api/flows/nope/explain")).status).toBe(404);
  });
});
