import { expect, test } from "bun:test";
import { resolve } from "node:path";
import { readConfig } from "../../src/threads/read-config.ts";

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
    ["crashing-flow", "", "onCrashed deleteCloudRunJob"],
  ]);
  expect(hookModules).toMatchObject([{ name: "audit", moments: ["onFailure", "onCrashed"] }]);
});
