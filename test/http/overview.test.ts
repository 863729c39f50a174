import { describe, expect, test } from "bun:test";
import type { FlowName } from "../../src/domain/ids.ts";
import type { ApiDeps } from "../../src/http/api-deps.ts";
import { createApp } from "../../src/http/app.ts";
import type { OutcomeQuery } from "../../src/store/run-history.ts";
import { aFlow, aGeneration, aSchedule } from "../support/manifests.ts";
import { memoryDaemon, NOON } from "./support/memory-daemon.ts";

/** The API, and what it asks the store for. */
function anApp(overrides: Partial<ApiDeps> = {}) {
  const asked: unknown[] = [];
  const daemon = memoryDaemon(overrides);
  const history = {
    ...daemon.api.history,
    recentRuns: async (flow: string, limit: number) => {
      asked.push([flow, limit]);
      return [];
    },
    outcomes: async (flow: string, query: OutcomeQuery) => {
      asked.push([flow, query]);
      return { flow, bins: [] };
    },
  };
  const app = createApp({ ...daemon.api, history });
  return { asked, ask: async (path: string) => await app.request(`http://localhost${path}`) };
}

function atTime(time: string): string {
  return `2026-01-31T${time}:00.000Z`;
}

describe("what charts are drawn of", () => {
  test("is answered for several flows at once", async () => {
    const { ask, asked } = anApp();

    const answer = await ask("/api/recent-runs?flow=a&flow=b&n=7");

    expect(await answer.json()).toEqual({
      items: [
        { flow: "a", runs: [] },
        { flow: "b", runs: [] },
      ],
    });
    expect(asked).toEqual([
      ["a", 7],
      ["b", 7],
    ]);
  });

  test("looks at so many runs in all, however many flows are asked for", async () => {
    const { ask, asked } = anApp();
    const flows = Array.from({ length: 100 }, (_, no) => `flow=flow-${no}`).join("&");

    await ask(`/api/outcomes?${flows}&since=1h&every=20`);
    await ask(`/api/recent-runs?${flows}&n=500`);

    expect(asked[0]).toEqual([
      "flow-0",
      { since: NOON - 3_600_000, everyMs: 1_200_000, runsMax: 100 },
    ]);
    expect(asked[100]).toEqual(["flow-0", 100]);
  });

  test("says once for each bin to come that a flow is due in it, however often it is", async () => {
    const every = (minutes: number) => ({
      kind: "every" as const,
      everyMs: minutes * 60_000,
      anchor: NOON,
    });
    const flows = [
      aFlow({ name: "often" as FlowName, schedules: [aSchedule(every(1))] }),
      aFlow({ name: "seldom" as FlowName, schedules: [aSchedule(every(45))] }),
    ];
    const { ask } = anApp({ generation: () => aGeneration(flows) });

    const answer = await ask(
      "/api/outcomes?flow=often&flow=seldom&flow=gone&since=1h&every=20&ahead=60",
    );

    expect(await answer.json()).toEqual({
      items: [
        { flow: "often", bins: [], dues: ["12:01", "12:20", "12:40", "13:00"].map(atTime) },
        { flow: "seldom", bins: [], dues: [atTime("12:45")] },
        { flow: "gone", bins: [], dues: [] },
      ],
    });
  });

  test.each([
    "/api/recent-runs",
    "/api/recent-runs?flow=a&n=501",
    "/api/recent-runs?flow=a&flows=b",
    "/api/outcomes?flow=a&since=yesterday",
    "/api/outcomes?flow=a&every=0",
    "/api/outcomes?flow=a&every=1&ahead=51",
    `/api/outcomes?${Array.from({ length: 101 }, (_, no) => `flow=${no}`).join("&")}`,
  ])("is refused where the question is wrong: %s", async (path) => {
    const { ask } = anApp();

    expect((await ask(path)).status).toBe(400);
  });
});
