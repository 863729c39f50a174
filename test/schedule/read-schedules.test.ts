import { expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readConfig } from "../../src/threads/read-config.ts";
import { configText } from "../support/configs.ts";
import { temporaryFolder } from "../support/stores.ts";

async function read(schedules: string) {
  const path = join(temporaryFolder(), "flows.config.ts");
  const code = `const report = flow({ name: "report", schedules: ${schedules}, run: () => {} });`;
  await writeFile(path, configText({ code, flows: ["report"] }));
  return await readConfig(path);
}

test("schedules keep their keys, parameters, jitter, end and rest", async () => {
  const answer = await read(`[
    { cron: "0 2 * * *", key: "night", parameters: { full: true }, jitter: "5m" },
    { every: "15m", paused: true },
    { at: [new Date("2027-01-01T00:00:00Z")], until: new Date("2028-01-01T00:00:00Z") },
    { onStart: true },
    { cron: "@reboot", key: "also" },
  ]`);

  expect(answer).toMatchObject({ type: "accepted" });
  const schedules = answer.type === "accepted" ? answer.manifest.flows[0]?.schedules : [];
  expect(schedules).toMatchObject([
    { key: "night", parameters: { full: true }, jitterMs: 300_000, paused: false },
    { key: "report#2", parameters: {}, jitterMs: 0, paused: true },
    { key: "report#3", until: Date.UTC(2028, 0, 1), timing: { at: [Date.UTC(2027, 0, 1)] } },
    { key: "report#4", timing: { kind: "start" } },
    { key: "also", timing: { kind: "start" } },
  ]);
});

test.each([
  [`[{ cron: "0 0 31 2 *" }]`, 'cannot read cron "0 0 31 2 *": it is never due'],
  [`[{ cron: "61 * * * *" }]`, 'minute "61": 61 is not a number from 0 to 59'],
  [`[{ cron: "@daily", timezone: "Mars/Olympus" }]`, "there is no such time zone"],
  [`[{ every: "1h", key: "a" }, { every: "2h", key: "a" }]`, 'has the key "a", which another'],
  [`[{ every: "1h", until: "tomorrow" }]`, 'until is "tomorrow", expected an ISO 8601 instant'],
  [`[{ every: "1h", parameters: [1] }]`, "parameters is a list, expected an object"],
  [`[{ every: "1h", paused: "yes" }]`, 'paused is "yes", expected true or false'],
])("schedules %s are refused, with the place", async (schedules, message) => {
  const answer = await read(schedules);

  const problems = answer.type === "refused" ? answer.problems : [];
  expect(problems).toHaveLength(1);
  expect(problems[0]?.message).toContain(message);
  expect(problems[0]?.at).toMatch(/flows\.config\.ts:\d+:\d+$/);
});
