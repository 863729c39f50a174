import { afterEach, describe, expect, test } from "bun:test";
import { pastTime, startTime } from "../../src/cli/times.ts";
import { BACKFILL } from "../http/support/memory-schedules.ts";
import { served, stopServers } from "./support/served.ts";

afterEach(stopServers);

const RANGE = "--from 2026-01-01 --to 2026-01-31";

describe("flows", () => {
  test("ls shows schedule, next due time and who paused it", async () => {
    const { call } = await served();
    await call("flows pause nightly-report --reason holidays");

    const { out, code } = await call("flows ls");

    expect(code).toBe(0);
    expect(out).toMatch(/^nightly-report\t.*\tEvery hour, UTC\t.*\tby .+$/m);
    expect(out).toMatch(/^backup\t\t\t\t\t$/m);
  });

  test("pause and resume say what rests afterwards, and whether that is new", async () => {
    const { call } = await served();

    const paused = await call("flows pause nightly-report --schedule hourly --reason holidays");
    const shown = await call("flows show nightly-report");
    const resumed = await call("flows resume nightly-report");
    const again = await call("flows resume nightly-report --json");

    expect(paused.out).toMatch(/^schedule hourly is paused by .+ \(holidays\)\n$/);
    expect(shown.out).toContain("hourly: Every hour, UTC; paused by ");
    expect(resumed.out).toBe("flow nightly-report runs by its schedules\n");
    expect(JSON.parse(again.out)).toMatchObject({ changed: false, pauses: [] });
  });

  test("that are not there are named with what was meant", async () => {
    const { call } = await served();

    const { code, err } = await call("flows pause nightly-reprot");

    expect(code).toBe(3);
    expect(err).toContain('did you mean "nightly-report"?');
  });
});

describe("explain", () => {
  test("says a word, and then why", async () => {
    const { call } = await served();

    const { out, code } = await call("explain nightly-report --at 2026-01-31T02:00:00Z");

    expect({ out, code }).toEqual({
      code: 0,
      out: "nightly-report: no-schedule\nIt has no schedule: it runs when somebody asks for it.\n",
    });
  });

  test("refuses a time without a zone: whose would it be?", async () => {
    const { call } = await served();

    const { code, err } = await call("explain nightly-report --at 2026-01-31T02:00:00");

    expect(code).toBe(2);
    expect(err).toContain("expected a time with its zone");
  });
});

describe("backfill", () => {
  test("asks a person, and wants to be told by a program", async () => {
    const { call } = await served();

    const refused = await call(`backfill nightly-report ${RANGE}`);
    const begun = await call(`backfill nightly-report ${RANGE} --yes`);

    expect(refused.code).toBe(2);
    expect(refused.err).toContain("say --yes to make them");
    expect(begun.code).toBe(0);
    expect(begun.out).toContain(`backfill    ${BACKFILL}\n`);
    expect(begun.out).toContain("0 of 3 completed, 3 to be made");
  });

  test("only says which with --dry-run", async () => {
    const { call } = await served();

    const { out, code } = await call(`backfill nightly-report ${RANGE} --dry-run`);

    expect({ out, code }).toEqual({
      code: 0,
      out: "2026-01-01T00:00:00.000Z\thourly\tbe run\n",
    });
  });

  test("is listed, shown and cancelled", async () => {
    const { call } = await served();

    expect((await call("backfills ls")).out).toContain(BACKFILL);
    expect((await call("backfills show 0190a5b0")).out).toContain("status      making");
    expect((await call("backfills cancel 0190a5b0")).out).toContain("status      cancelled");
    expect((await call("backfills show abcdef")).code).toBe(3);
  });
});

describe("a backfill whose runs cannot be made", () => {
  /** Each look at it finds one more try in vain. */
  async function inTrouble() {
    const { daemon, call } = await served();
    const { schedules } = daemon.api;
    const [begun] = schedules?.listBackfills(1) ?? [];
    let tries = 17;
    const trouble = () => ({ why: "the disk is full", tries: ++tries });
    const findBackfill = () => begun && { ...begun, trouble: trouble() };
    Object.assign(schedules ?? {}, { findBackfill });
    return call;
  }

  test("is shown with the reason", async () => {
    const call = await inTrouble();

    expect((await call("backfills show 0190a5b0")).out).toContain(
      "trouble     its runs cannot be made: the disk is full (tried 18 times, and goes on trying)\n",
    );
  });

  test("is not waited for without end", async () => {
    const call = await inTrouble();

    const { code, err } = await call(`backfill nightly-report ${RANGE} --yes --wait`);

    expect(code).toBe(1);
    expect(err).toContain(
      `Cannot wait for backfill "${BACKFILL}": its runs cannot be made: the disk is full; tried 20 times, and goes on trying`,
    );
  });
});

describe("a time that was", () => {
  const now = new Date("2026-01-31T12:00:00Z");

  test.each([
    ["7d", "2026-01-24T12:00:00.000Z"],
    ["0s", "2026-01-31T12:00:00.000Z"],
    ["2026-01-01", "2026-01-01T00:00:00.000Z"],
    ["2026-01-01T08:00+01:00", "2026-01-01T07:00:00.000Z"],
  ])("is read from %s", (text, at) => {
    expect(pastTime("--from", text, now)).toBe(at);
  });

  test.each([
    "2026-01-01T08:00",
    "yesterday",
    "2026-13-01",
    "2025-02-29",
    "2025-02-29T08:00Z",
    "999999999d",
    "",
  ])("is not read from %p", (text) => {
    expect(() => pastTime("--from", text, now)).toThrow(`Cannot read --from "${text}": expected`);
  });
});

describe("a time to come", () => {
  const now = new Date("2026-01-31T12:00:00Z");

  test.each([
    ["10m", "2026-01-31T12:10:00.000Z"],
    ["2026-02-01", "2026-02-01T00:00:00.000Z"],
    ["2026-02-01T08:00+01:00", "2026-02-01T07:00:00.000Z"],
    ["9999-12-31T00:00:00Z", "9999-12-31T00:00:00.000Z"],
  ])("is read from %s", (text, at) => {
    expect(startTime(text, now)).toBe(at);
  });

  test.each(["2026-02-01T08:00", "2026-02-30T08:00Z", "2026-02-30", "999999999d", "tomorrow", ""])(
    "is not read from %p",
    (text) => {
      expect(() => startTime(text, now)).toThrow(`Cannot read --at "${text}": expected a time`);
    },
  );
});
