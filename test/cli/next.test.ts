import { afterEach, describe, expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { configText } from "../support/configs.ts";
import { temporaryFolder } from "../support/stores.ts";
import { served, stopServers } from "./support/served.ts";
import { tocsin } from "./support/terminal.ts";

afterEach(stopServers);

const CODE = `
  const report = flow({
    name: "report",
    schedules: [
      { cron: "0,30 2 * * *", timezone: "America/New_York", key: "night" },
      { every: "6h", key: "rhythm", jitter: "10m" },
      { cron: "@daily", key: "resting", paused: true },
    ],
    run: () => {},
  });
  const past = flow({ name: "past", schedule: { at: ["2020-01-01T00:00:00Z"] }, run: () => {} });
  const ended = flow({ name: "ended", schedule: { every: "1h", until: "2020-01-01T00:00:00Z" }, run: () => {} });
  const boot = flow({ name: "boot", schedule: { onStart: true }, run: () => {} });
  const manual = flow({ name: "manual", run: () => {} });`;

/** The command line over a config, and no daemon. */
async function configured() {
  const folder = temporaryFolder();
  await writeFile(
    join(folder, "flows.config.ts"),
    configText({ code: CODE, flows: ["report", "past", "ended", "boot", "manual"] }),
  );
  return (line: string, tty = false) =>
    tocsin(["next", ...line.split(" ").filter(Boolean), "--config", folder], { tty });
}

const GAP_DAY = "report --from 2027-03-14T04:00:00Z --to 2027-03-14T12:00:00Z";

describe("next, by the config", () => {
  test("lists due times in order, in the schedule's zone, with what the clock does to them", async () => {
    const next = await configured();

    const { code, out } = await next(GAP_DAY);

    expect(code).toBe(0);
    const rows = out
      .trimEnd()
      .split("\n")
      .map((line) => line.split("\t"));
    expect(rows.map(([due, , flow, schedule]) => [due, flow, schedule])).toEqual([
      ["2027-03-14T06:00:00+00:00", "report", "rhythm"],
      ["2027-03-14T03:00:00-04:00", "report", "night"],
      ["2027-03-14T12:00:00+00:00", "report", "rhythm"],
    ]);
    expect(rows[0]?.[4]).toBe("Every 6h");
    expect(rows[0]?.[5]).toMatch(/^starts .+ later, by a jitter of at most 10m$/);
    expect(rows[1]?.[4]).toBe("At 0 and 30 minutes past the hour, at 02:00, America/New_York");
    expect(rows[1]?.[5]).toBe("one for 02:00 and 02:30: the clock is put forward");
  });

  test("answers as the API does with --json", async () => {
    const next = await configured();

    const { items } = JSON.parse((await next(`${GAP_DAY} --json`)).out);

    expect(items[1]).toEqual({
      flow: "report",
      schedule: "night",
      dueAt: "2027-03-14T07:00:00.000Z",
      dueAtLocal: "2027-03-14T03:00:00-04:00[America/New_York]",
      dst: "merged",
      standsFor: ["2027-03-14T02:00:00", "2027-03-14T02:30:00"],
    });
    expect(Date.parse(items[0].startsAt)).toBeGreaterThanOrEqual(Date.parse(items[0].dueAt));
  });

  test("shows another zone's time, and how soon it is", async () => {
    const next = await configured();

    const { out } = await next("-n 1 --tz Asia/Tokyo --color never", true);

    // The present of these tests is 2026-01-31T12:03:20Z.
    expect(out).toMatch(
      /^DUE +IN +FLOW +SCHEDULE +WHEN +NOTE\n2026-02-01T03:00:00\+09:00 +in 5h 56m /,
    );
  });

  test("refuses a time up to which nothing can be due", async () => {
    const next = await configured();

    const back = await next("--from 2027-03-15T00:00:00Z --to 2027-03-14T00:00:00Z");
    const past = await next("--to 2020-01-01T00:00:00Z");

    expect([back.code, past.code]).toEqual([2, 2]);
    expect(back.err).toContain(
      'Cannot list due times up to "2027-03-14T00:00:00Z": it is not after --from "2027-03-15T00:00:00Z"',
    );
    expect(past.err).toContain('up to "2020-01-01T00:00:00Z": it has passed');
  });

  test("says what has no due time, and why", async () => {
    const next = await configured();

    expect((await next("")).err).toBe(
      "Paused: resting (At 00:00, UTC)\nAt the daemon's next start: boot#1 (When the daemon starts)\n",
    );
    expect(await next("manual")).toEqual({
      code: 0,
      out: "",
      err: 'Flow "manual" has no schedule\nNothing is due\n',
    });
  });

  test("is not refused for a schedule that is not due any more: check says so", async () => {
    const folder = temporaryFolder();
    const flows = ["report", "past", "ended", "boot", "manual"];
    await writeFile(join(folder, "flows.config.ts"), configText({ code: CODE, flows }));

    const answer = await tocsin(["check", "--no-types", "--config", folder]);

    expect({ code: answer.code, out: answer.out }).toEqual({
      code: 0,
      out: "ok: 5 flows, 6 schedules, 0 hooks\n",
    });
    expect(answer.err).toContain(
      'Schedule "past#1" of flow "past" is not due any more\nSchedule "ended#1" of flow "ended" is not due any more\n',
    );
  });

  test("names what is not due any more, and what is due at a start only", async () => {
    const next = await configured();

    expect((await next("past ended")).err).toBe(
      "Not due any more: past#1 (At 2020-01-01T00:00:00.000Z), ended#1 (Every 1h)\nNothing is due\n",
    );
    expect((await next("boot")).err).toBe(
      "At the daemon's next start: boot#1 (When the daemon starts)\n",
    );
  });

  test.each([
    ["reprot", 3, 'Cannot find flow "reprot": did you mean "report"?'],
    ["--tz Mars/Olympus", 2, "There is no such time zone"],
    ["-n 0", 2, "It is not a number from 1 to 500"],
    ["--from yesterday", 2, "It is neither a time such as"],
  ])("refuses %s", async (line, code, message) => {
    const next = await configured();

    const answer = await next(line);

    expect([answer.code, answer.out]).toEqual([code, ""]);
    expect(answer.err).toContain(message);
  });

  test("tells every problem of a config that cannot be read", async () => {
    const folder = temporaryFolder();
    const code = `const never = flow({ name: "never", schedule: { cron: "0 0 31 2 *" }, run: () => {} });`;
    await writeFile(join(folder, "flows.config.ts"), configText({ code, flows: ["never"] }));

    const answer = await tocsin(["next", "--config", folder]);

    expect(answer.code).toBe(6);
    expect(answer.err).toMatch(/flows\.config\.ts:\d+:\d+ .*cron "0 0 31 2 \*": it is never due/);
  });
});

describe("next, by a daemon", () => {
  test("lists what the daemon's flows are due", async () => {
    const { call } = await served();

    const all = await call("next -n 2 --json");
    const one = await call("next nightly-report -n 2");

    const items = [13, 14].map((hour) => ({
      flow: "nightly-report",
      schedule: "hourly",
      dueAt: `2026-01-31T${hour}:00:00.000Z`,
      dueAtLocal: `2026-01-31T${hour}:00:00+00:00[UTC]`,
    }));
    expect(JSON.parse(all.out)).toEqual({ items });
    expect(one.out.split("\n")[0]).toBe(
      "2026-01-31T13:00:00+00:00\tin 56m 40s\tnightly-report\thourly\tEvery hour, UTC\t",
    );
    expect((await call("next nope")).code).toBe(3);
  });
});
