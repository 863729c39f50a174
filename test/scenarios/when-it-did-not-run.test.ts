import { expect, test } from "bun:test";
import type { BackfillView } from "../../src/domain/backfill.ts";
import type { RunView } from "../../src/domain/run-view.ts";
import type { ExplainView } from "../../src/http/explain-view.ts";
import type { FlowView } from "../../src/http/flow-view.ts";
import { configText } from "../support/configs.ts";
import { aScene, isOver, type TestDaemon } from "../support/daemon.ts";
import { until } from "../support/until.ts";

const STORY_MS = 60_000;
/** What is later than this was missed. */
const ENV = { TOCSIN_MISSED_GRACE: "1s" };

async function newestRun(daemon: TestDaemon, flow: string): Promise<RunView> {
  return await until(
    `flow ${flow} has run`,
    async () => {
      const path = `/api/runs?flow=${flow}&state=COMPLETED&limit=1`;
      return (await daemon.json<{ items: readonly RunView[] }>(path)).items[0];
    },
    daemon,
  );
}

function explained(daemon: TestDaemon, flow: string, at: number): Promise<ExplainView> {
  return daemon.json(`/api/flows/${flow}/explain?at=${new Date(at).toISOString()}`);
}

test(
  "a due time that was missed while the daemon was killed is explained: from when to when it was down",
  async () => {
    const code = `const tick = flow({ name: "tick", schedule: { every: "1s" }, overlap: "allow",
      missed: { policy: "skip" }, run: () => {} });`;
    await using scene = await aScene(configText({ code, flows: ["tick"] }));
    const first = await scene.serve({ env: ENV });
    const { scheduledFor = "" } = await newestRun(first, "tick");
    await first.kill9();
    const due = Math.max(Date.parse(scheduledFor), Math.floor(Date.now() / 1_000) * 1_000) + 2_000;
    await until("it is long past", () => Date.now() > due + 3_000);
    const second = await scene.serve({ env: ENV });
    await newestRun(second, "tick");

    const answer = await explained(second, "tick", due);

    expect(answer.verdict).toBe("missed");
    const [{ absence, decision } = { absence: undefined, decision: undefined }] =
      answer.facts.schedules;
    expect(decision).toMatchObject({ kind: "missed", dueAt: new Date(due).toISOString() });
    expect(absence).toMatchObject({ kind: "down", clean: false });
    expect(Date.parse(absence?.from ?? "")).toBeLessThan(due);
    expect(Date.parse(absence?.to ?? "")).toBeGreaterThan(due);
    const told = await scene.tocsin(["explain", "tick", "--at", new Date(due).toISOString()]);
    expect(told).toMatchObject({ code: 0 });
    expect(told.out).toContain(`The daemon was down from ${absence?.from} to ${absence?.to}`);
    await second.stop();
  },
  STORY_MS,
);

test(
  "a flow that somebody paused stays paused across a kill, says why, and goes on from now",
  async () => {
    const code = `const tick = flow({ name: "tick", schedule: { every: "1s" }, overlap: "allow",
      missed: { policy: "all" }, run: () => {} });`;
    await using scene = await aScene(configText({ code, flows: ["tick"] }));
    const first = await scene.serve({ env: ENV });
    await newestRun(first, "tick");
    const paused = await scene.tocsin(["flows", "pause", "tick", "--reason", "the disk moves"]);
    expect(paused.out).toContain("(the disk moves)");
    await first.kill9();
    const restartedAt = Date.now();
    const second = await scene.serve({ env: ENV });

    expect(await second.json<FlowView>("/api/flows/tick")).toMatchObject({
      pause: { reason: "the disk moves" },
      schedules: [{ paused: true }],
    });
    expect((await second.status()).pausedFlows).toEqual(["tick"]);
    expect((await second.get("/readyz?verbose")).text).toContain("the disk moves");
    await until("two due times have passed", () => Date.now() > restartedAt + 2_500);
    const resumed = await scene.tocsin(["flows", "resume", "tick"]);
    expect(resumed).toMatchObject({ code: 0, out: "flow tick runs by its schedules\n" });

    const after = await until("it runs again", async () => {
      const run = await newestRun(second, "tick");
      return Date.parse(run.scheduledFor ?? "") > restartedAt + 2_500 ? run : undefined;
    });
    const between = Math.ceil(restartedAt / 1_000) * 1_000;
    expect((await explained(second, "tick", between)).verdict).toBe("paused");
    const { items } = await second.json<{ items: readonly RunView[] }>(
      "/api/runs?flow=tick&limit=200",
    );
    const dues = items.map(({ scheduledFor = "" }) => Date.parse(scheduledFor));
    expect(dues.filter((due) => due >= between && due < between + 2_000)).toEqual([]);
    expect(after.state.name).toBe("Completed");
    await second.stop();
  },
  STORY_MS,
);

test(
  "a backfill goes on where it was after a kill, and makes no due time twice",
  async () => {
    const code = `const report = flow({ name: "report", schedule: { cron: "* * * * *" }, run: () => {} });`;
    await using scene = await aScene(configText({ code, flows: ["report"] }));
    const first = await scene.serve();
    const range = ["--from", "2026-01-01", "--to", "2026-01-01T06:00Z"];
    const plan = await scene.tocsin(["backfill", "report", ...range, "--dry-run", "--json"]);
    expect(JSON.parse(plan.out).items).toHaveLength(360);
    const refused = await scene.tocsin(["backfill", "report", ...range]);
    expect(refused.code).toBe(2);
    const begun = await scene.tocsin(["backfill", "report", ...range, "--yes", "--json"]);
    const { id }: BackfillView = JSON.parse(begun.out);
    await until("some of it has run", async () => {
      const { counts } = await first.json<BackfillView>(`/api/backfills/${id}`);
      return counts.completed > 20;
    });
    const waiting = scene.tocsin(["backfills", "show", id, "--wait", "--json"]);
    await first.kill9();
    const second = await scene.serve();

    const over = await waiting;

    const { status, counts, total }: BackfillView = JSON.parse(over.out);
    expect({ status, total }).toEqual({ status: "done", total: 360 });
    // What ran at the kill has crashed.
    expect(counts.completed + counts.crashed).toBe(360);
    expect(counts.crashed).toBeLessThan(3);
    const dues = await scene.tocsin(["backfills", "show", id, "--dues", "--jsonl"]);
    const lines = dues.out.trim().split("\n");
    expect({ code: dues.code, lines: lines.length, err: dues.err }).toMatchObject({
      code: 0,
      lines: 360,
    });
    const runs = lines.map((line) => JSON.parse(line).run);
    expect(new Set(runs).size).toBe(360);
    await second.stop();
  },
  2 * STORY_MS,
);

test(
  "a run that is asked for at a later time is started then, also after a kill, and is explained",
  async () => {
    const code = `const report = flow({ name: "report", run: () => {} });`;
    await using scene = await aScene(configText({ code, flows: ["report"] }));
    const first = await scene.serve();
    const at = new Date(Date.now() + 3_000).toISOString();
    const asked = await scene.tocsin(["trigger", "report", "--at", at, "--json"]);
    const { id, name }: RunView = JSON.parse(asked.out);
    const ahead = await explained(first, "report", Date.parse(at));
    expect(ahead.sentences.join(" ")).toContain(`Run "${name}" waits to be started`);
    await first.kill9();
    const second = await scene.serve();

    const run = await second.untilRun(id, isOver);

    expect(run.state.name).toBe("Completed");
    expect(Date.parse(run.startedAt ?? "")).toBeGreaterThanOrEqual(Date.parse(at));
    const after = await explained(second, "report", Date.parse(run.startedAt ?? ""));
    expect(after.sentences.join(" ")).toContain(`Run "${name}" was started at ${run.startedAt}`);
    await second.stop();
  },
  STORY_MS,
);
