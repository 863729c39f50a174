import { afterEach, expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { configText } from "../support/configs.ts";
import { temporaryFolder } from "../support/stores.ts";
import { served, stopServers } from "./support/served.ts";
import { tocsin } from "./support/terminal.ts";

afterEach(stopServers);

/** The daemon's `nightly-report` at another rhythm, no `backup`, and a flow, a hook and a limit more. */
const EDITED = `
  const report = flow({
    name: "nightly-report",
    retries: 2,
    schedule: { key: "hourly", cron: "0 */6 * * *" },
    run: () => {},
  });
  const fresh = flow({
    name: "fresh",
    onFailure: [function shout() {}],
    schedule: { every: "8h" },
    run: () => {},
  });`;

async function edited() {
  const folder = temporaryFolder();
  const text = configText({
    code: EDITED,
    flows: ["report", "fresh"],
    options: "limits: { db: 2 }",
  });
  await writeFile(join(folder, "flows.config.ts"), text);
  return folder;
}

test("check --diff shows what the edited config changes of the one in force", async () => {
  const { call } = await served();
  const folder = await edited();

  const { code, out, err } = await call(`check --no-types --diff --config ${folder}`);

  expect(code).toBe(0);
  expect(err).toContain(
    "Compared with generation 1 of /etc/tocsin/flows.config.ts, accepted 2026-01-31T12:00:00.000Z\n",
  );
  expect(out.split("\n")).toEqual([
    "ok: 2 flows, 2 schedules, 1 hook",
    "~ flow nightly-report: retry",
    "+ flow fresh",
    "- flow backup",
    "~ schedule nightly-report/hourly: Every hour, UTC → On the hour, every 6 hours, UTC",
    expect.stringMatching(/^ {4}- within 24 h: 2026-01-31T13:00:00Z, .* and 15 more$/),
    "+ schedule fresh/fresh#1: Every 8h",
    expect.stringMatching(/^ {4}\+ within 24 h: 2026-01-31T16:00:00Z, /),
    "+ hook flow:fresh/onFailure/shout",
    "- hook flow:backup/onFailure/notify",
    "+ limit db: 2",
    "",
  ]);
});

test("check --diff --json answers it as data", async () => {
  const { call } = await served();

  const { out } = await call(`check --no-types --diff --json --config ${await edited()}`);

  const { ok, comparedWith, diff } = JSON.parse(out);
  expect([ok, comparedWith]).toEqual([true, 1]);
  expect(diff.limits).toEqual([{ tag: "db", change: "added", after: 2 }]);
  expect(diff.schedules[0]).toMatchObject({
    flow: "nightly-report",
    change: "changed",
    options: ["timing"],
  });
  expect(diff.schedules[0].disappearing).toHaveLength(20);
});

test("check --diff without a daemon compares with nothing, and says so", async () => {
  const folder = await edited();
  const env = { TOCSIN_STORE: join(folder, "state.db") };

  const { code, out, err } = await tocsin(["check", "--no-types", "--diff", "--config", folder], {
    env,
  });

  expect(code).toBe(0);
  expect(err).toContain(
    "No daemon runs here to compare with: all that the config says counts as added",
  );
  expect(out).toContain("+ flow fresh\n");
  expect(out).not.toContain("- ");
});
