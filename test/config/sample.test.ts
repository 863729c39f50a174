import { expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { resolve } from "node:path";
import type { KeptResult } from "../../src/domain/executor.ts";
import type { Json } from "../../src/domain/json.ts";
import { readConfig } from "../../src/threads/read-config.ts";
import { generationOf, poolWith } from "../threads/support/pool-with.ts";

test("the sample that npm start serves is accepted, with its schedules and hooks", async () => {
  const answer = await readConfig(resolve("flows.config.ts"), { deadlineMs: 60_000 });

  if (answer.type === "refused") throw new Error(JSON.stringify(answer.problems, undefined, 2));
  const { flows, hookModules } = answer.manifest;
  const told = flows.map(({ name, schedules, hooks }) => [
    name,
    schedules.flatMap(({ timing }) => (timing.kind === "cron" ? [timing.cron] : [])).join(),
    hooks.map(({ moments, name }) => `${moments} ${name}`).join(),
  ]);
  expect(told).toEqual([
    ["heartbeat", "*/10 * * * * *", ""],
    ["disk-space", "*/5 * * * *", ""],
    ["flaky", "* * * * *", "onFailure ringBell"],
    ["failing-flow", "", "onFailure slack"],
    ["crashing-flow", "", "onCrashed cloud-run-job"],
    ["word-count", "0 6 * * *", ""],
  ]);
  expect(hookModules).toMatchObject([{ name: "audit", moments: ["onFailure", "onCrashed"] }]);
});

test("the sample that counts words fails once, and goes on without counting again", async () => {
  const made = poolWith("", {
    answerRequest: async ({ kind }): Promise<Json> =>
      kind === "cache-load" ? { found: false } : null,
  });
  made.state.generation = generationOf(resolve("flows.config.ts"));
  const perform = async (attempt: number, kept: readonly KeptResult[]) => {
    const offer = made.start("word-count", { attempt, kept });
    const { outcome } = await made.ledger.end(offer);
    const ended = made.ledger
      .steps(offer.runId)
      .flatMap(({ after }) => (after.endedAt === undefined ? [] : [after]));
    return { outcome, ended, names: ended.map(({ task, state }) => `${task} ${state.name}`) };
  };
  const papers = readdirSync("docs", { recursive: true, encoding: "utf8" }).filter((path) =>
    path.endsWith(".md"),
  ).length;

  const first = await perform(1, []);
  const kept = first.ended.flatMap(({ task, call, keep: key, result }) =>
    key === undefined || result === undefined ? [] : [{ task, call, key, result }],
  );
  const second = await perform(2, kept);
  await made.executor.stop(0);

  const counts = (name: string) => Array.from({ length: papers }, () => `count-words ${name}`);
  expect(papers).toBeGreaterThan(4);
  expect(first.outcome).toMatchObject({
    type: "failed",
    message: 'task "file-report": the archive is down, on purpose',
  });
  expect(first.names).toEqual([
    "list-papers Completed",
    ...counts("Completed"),
    "file-report Failed",
  ]);
  expect(second.outcome).toMatchObject({
    type: "completed",
    result: expect.stringContaining(`{"papers":${papers},"words":`),
  });
  expect(second.names).toEqual([
    "list-papers Cached",
    ...counts("Cached"),
    "file-report Completed",
  ]);
});
