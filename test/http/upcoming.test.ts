import { describe, expect, test } from "bun:test";
import type { FlowName, ScheduleKey } from "../../src/domain/ids.ts";
import { createApp } from "../../src/http/app.ts";
import { aFlow, aGeneration, aSchedule } from "../support/manifests.ts";
import { memoryDaemon } from "./support/memory-daemon.ts";

const NIGHT = aSchedule(
  { kind: "cron", cron: "30 2 * * *", timezone: "Europe/Vienna", dst: "literal" },
  { key: "night" as ScheduleKey, jitterMs: 60_000 },
);
const RESTING = aSchedule(
  { kind: "every", everyMs: 60_000, anchor: 0 as never },
  { key: "resting" as ScheduleKey, paused: true },
);
const BOOT = aSchedule({ kind: "start" }, { key: "boot" as ScheduleKey });
const LAST = aSchedule(
  { kind: "every", everyMs: 3_600_000, anchor: 0 as never },
  { key: "last" as ScheduleKey, until: Date.parse("2026-01-31T14:00:00Z") as never },
);

const flows = [
  aFlow({ name: "report" as FlowName, schedules: [NIGHT, RESTING, BOOT] }),
  aFlow({ name: "ends" as FlowName, schedules: [LAST] }),
];

async function get(path: string) {
  const { api } = memoryDaemon({
    generation: () => aGeneration(flows, { settings: { key: "s3" } }),
  });
  const response = await createApp(api).request(`http://127.0.0.1:8627${path}`);
  const text = await response.text();
  return { status: response.status, text, body: JSON.parse(text) };
}

describe("GET /api/flows/{flow}/upcoming", () => {
  test("lists the due times of schedules that are not paused, in UTC and in their zone", async () => {
    const { body } = await get("/api/flows/report/upcoming?n=1");

    expect(body.items).toEqual([
      {
        flow: "report",
        schedule: "night",
        dueAt: "2026-02-01T01:30:00.000Z",
        dueAtLocal: "2026-02-01T02:30:00+01:00[Europe/Vienna]",
        startsAt: expect.stringMatching(/^2026-02-01T01:30:\d\d/),
      },
    ]);
  });

  test("marks what a clock change touched", async () => {
    // Vienna, 25 October 2026: 03:00 CEST = 01:00Z becomes 02:00 CET.
    const { body } = await get(
      "/api/flows/report/upcoming?from=2026-10-24T12:00:00Z&to=2026-10-26T00:00:00Z",
    );

    expect(body.items.map(({ dueAt, dst }: Record<string, string>) => [dueAt, dst])).toEqual([
      ["2026-10-25T00:30:00.000Z", undefined],
      ["2026-10-25T01:30:00.000Z", "repeated"],
    ]);
  });

  test("ends with until, the last due time included", async () => {
    const { body } = await get("/api/flows/ends/upcoming");

    expect(body.items.map(({ dueAt }: Record<string, string>) => dueAt)).toEqual([
      "2026-01-31T13:00:00.000Z",
      "2026-01-31T14:00:00.000Z",
    ]);
  });

  test.each(["n=0", "n=501", "from=today", "since=2026-01-01T00:00:00Z"])(
    "refuses ?%s",
    async (query) => {
      expect((await get(`/api/flows/report/upcoming?${query}`)).status).toBe(400);
    },
  );
});

test("GET /api/upcoming lists those of all flows, soonest first", async () => {
  const { body } = await get("/api/upcoming?n=3");

  expect(body.items.map(({ flow }: Record<string, string>) => flow)).toEqual([
    "ends",
    "ends",
    "report",
  ]);
});

test("GET /api/flows says schedules in words", async () => {
  const { body } = await get("/api/flows/report");

  expect(body.schedules).toMatchObject([
    { key: "night", inWords: "At 02:30, Europe/Vienna", jitterMs: 60_000 },
    { key: "resting", inWords: "Every 1m", paused: true },
    { key: "boot", inWords: "When the daemon starts", kind: "start" },
  ]);
});

test("GET /api/config/manifest answers the config in force without its settings", async () => {
  const { body, text } = await get("/api/config/manifest");

  expect(body).toMatchObject({ generation: 1, configPath: "/flows.config.ts" });
  expect(body.flows.map(({ name }: Record<string, string>) => name)).toEqual(["report", "ends"]);
  expect(text).not.toContain("s3");
});
