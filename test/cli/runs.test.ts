import { afterEach, describe, expect, test } from "bun:test";
import { jsonText } from "../../src/domain/json.ts";
import type { Run } from "../../src/domain/run.ts";
import { COMPLETED, FAILED, NOON, PAUSED } from "../http/support/memory-daemon.ts";
import { served, stopServers } from "./support/served.ts";
import { aState, aTask } from "./support/task-runs.ts";

afterEach(stopServers);

describe("runs", () => {
  test("ls is a table with a head at a terminal, and tab-separated when piped", async () => {
    const { call } = await served();
    await call("trigger backup");

    const shown = await call("runs ls", { tty: true, env: { NO_COLOR: "1" } });
    const piped = await call("runs ls");

    expect(shown.out).toMatch(/^RUN +FLOW +STATE +CREATED +TOOK +ID\n/);
    expect(shown.out).toContain("3m 20s ago");
    expect(shown.err).toContain("next: tocsin runs show brave-otter-1");
    expect(piped.out).toMatch(
      /^brave-otter-1\tbackup\tScheduled\t2026-01-31T12:00:00.000Z\t\t\S+\n$/,
    );
    expect(piped.err).toBe("");
  });

  test("ls says on standard error that nothing fits, and answers 0", async () => {
    const { call } = await served();

    const { code, out, err } = await call("runs ls --state failed");

    expect([code, out]).toEqual([0, ""]);
    expect(err).toContain("No runs fit");
  });

  test("ls --jsonl prints one run a line, ls --json the page", async () => {
    const { call } = await served();
    await call("trigger backup");
    await call("trigger backup");

    const lines = (await call("runs ls --jsonl")).out.trim().split("\n");
    const page = JSON.parse((await call("--json runs ls --limit 1")).out);

    expect(lines.map((line) => JSON.parse(line).flow)).toEqual(["backup", "backup"]);
    expect([page.items.length, page.next]).toEqual([1, "2"]);
  });

  test("show prints the run with its states", async () => {
    const { call, daemon } = await served();
    await call("trigger backup");
    daemon.move(daemon.runs[0]?.id ?? "", FAILED);

    const { code, out } = await call("runs show brave-otter-1");

    expect(code).toBe(0);
    expect(out).toContain("state       Failed: disk is full");
  });

  test("show lists the tasks with state, duration and attempts", async () => {
    const { call, daemon } = await served();
    await call("trigger backup");
    const why = aState("FAILED", { message: "disk is full" });
    daemon.tasks.push(
      aTask("fetch", { result: { rows: 7 } }),
      aTask("load", { call: 0, result: "x".repeat(100) }),
      aTask("load", { call: 1, attempt: 3, state: why }),
    );

    const { out } = await call("runs show brave-otter-1");

    expect(out).toContain(
      [
        "tasks",
        '  fetch    Completed  1.2s  {"rows":7}',
        `  load[0]  Completed  1.2s  "${"x".repeat(58)}…`,
        "  load[1]  Failed     1.2s  3 attempts  disk is full\n",
      ].join("\n"),
    );
  });

  test("show lists below a task what it called, and child runs with theirs", async () => {
    const { call, daemon } = await served();
    await call("trigger backup --priority 3");
    await call("trigger nightly-report");
    const [parent, child] = daemon.runs;
    if (parent === undefined || child === undefined) throw new Error("there are no two runs");
    daemon.runs[1] = { ...child, parent: parent.id };
    daemon.tasks.push(aTask("outer"), aTask("inner", { parent: "outer-0" }));

    const { out } = await call("runs show brave-otter-1");
    const json = JSON.parse((await call("runs show brave-otter-1 --json")).out);

    // Both runs are said to have the same tasks.
    expect(out).toContain(
      [
        "tasks and child runs",
        "  outer                         Completed  1.2s",
        "    inner                       Completed  1.2s",
        "  nightly-report brave-otter-2  Scheduled",
        "    outer                       Completed  1.2s",
        "      inner                     Completed  1.2s\n",
      ].join("\n"),
    );
    expect(out).toMatch(/priority +3\n/);
    expect(json.children).toMatchObject([{ name: "brave-otter-2", parent: parent.id }]);
    expect((await call("runs show brave-otter-2")).out).toContain(parent.id);
  });

  test("show counts the calls of a task that was called often, and lists what went wrong", async () => {
    const { call, daemon } = await served();
    await call("trigger backup");
    for (let index = 0; index < 500; index++) daemon.tasks.push(aTask("load", { call: index }));
    daemon.tasks[7] = aTask("load", { call: 7, state: aState("FAILED", { message: "no" }) });

    const { out } = await call("runs show brave-otter-1");
    const { tasks } = JSON.parse((await call("runs show brave-otter-1 --json")).out);

    expect(out).toContain(
      "tasks\n  load     500/500  1.2s  1 failed\n  load[7]  Failed   1.2s  no\n",
    );
    expect(tasks).toHaveLength(500);
  });

  test("show prints the error with its causes, and the result", async () => {
    const { call, daemon } = await served();
    await call("trigger backup");
    const id = daemon.runs[0]?.id ?? "";
    const cause = { name: "SystemError", message: "no space left" };
    const error = {
      name: "Error",
      message: "disk is full",
      stack: "Error: disk is full\n  at x",
      cause,
    };
    daemon.move(id, { type: "FAILED", name: "Failed", message: "disk is full", at: NOON, error });
    const failed = await call("runs show brave-otter-1");
    daemon.move(id, COMPLETED);
    daemon.runs[0] = { ...daemon.runs[0], result: jsonText({ rows: 5 }) } as Run;
    const completed = await call("runs show brave-otter-1");

    expect(failed.out).toMatch(
      /error +Error: disk is full\n +at x\n +caused by SystemError: no space/,
    );
    expect(completed.out).toMatch(/result +\{"rows":5\}\n/);
  });

  test("show says what a paused run asks for, and how it goes on", async () => {
    const { call, daemon } = await served();
    await call("trigger backup");
    daemon.move(daemon.runs[0]?.id ?? "", PAUSED);

    const { out, err } = await call("runs show brave-otter-1", {
      tty: true,
      env: { NO_COLOR: "1" },
    });

    expect(out).toMatch(/state +Paused: waits for an approval\n/);
    expect(out).toMatch(/input +\{"type":"object"\}\n/);
    expect(err).toContain("next: tocsin runs resume brave-otter-1");
  });

  test("show answers 3 when there is none", async () => {
    const { call } = await served();

    expect((await call("runs show nobody")).code).toBe(3);
  });

  test("cancel asks, and answers 1 when it is too late", async () => {
    const { call } = await served();
    await call("trigger backup");

    const first = await call("runs cancel brave-otter-1");
    const second = await call("runs cancel brave-otter-1");

    expect([first.code, second.code]).toEqual([0, 1]);
    expect(second.err).toContain("it is over");
  });

  test("retry runs again what is over, and answers 1 for what is not", async () => {
    const { call, daemon } = await served();
    await call("trigger backup");

    const early = await call("runs retry brave-otter-1");
    daemon.move(daemon.runs[0]?.id ?? "", FAILED);
    const { code, out } = await call("runs retry brave-otter-1 --json");

    expect([early.code, early.err]).toEqual([
      1,
      'error: Cannot retry run "brave-otter-1": it is not over, but Scheduled\n',
    ]);
    expect([code, JSON.parse(out).state.type]).toEqual([0, "SCHEDULED"]);
  });

  test("retry --wait tells of what is new, and answers how it went", async () => {
    const { call, daemon } = await served();
    await call("trigger backup");
    const id = daemon.runs[0]?.id ?? "";
    daemon.move(id, FAILED);

    const { code, err } = await call("runs retry brave-otter-1 --wait", {
      onErr: (text) => {
        if (text.includes("asked for again")) daemon.move(id, COMPLETED);
      },
    });

    expect(code).toBe(0);
    expect(err).toContain("Completed");
    expect(err).not.toContain("disk is full");
  });

  test.each([
    ["-p approved=true -p by=Ada", { approved: true, by: "Ada" }],
    ['--params {"a":1} -p b=2', { a: 1, b: 2 }],
    ["--params [1,2]", [1, 2]],
    ["", null],
  ])("resume %s hands the input on", async (options, input) => {
    const { call, daemon } = await served();
    await call("trigger backup");
    daemon.move(daemon.runs[0]?.id ?? "", PAUSED);

    const { code, out } = await call(`runs resume brave-otter-1 ${options} --json`);

    expect(code).toBe(0);
    expect(JSON.parse(out).state.message).toBe(`resumed with ${JSON.stringify(input)}`);
  });

  test("resume answers 1 when the run is not paused, and 3 when there is none", async () => {
    const { call } = await served();
    await call("trigger backup");

    const { code, err } = await call("runs resume brave-otter-1");

    expect([code, err]).toEqual([
      1,
      'error: Cannot resume run "brave-otter-1": it is not paused, but Scheduled\n',
    ]);
    expect((await call("runs resume nobody")).code).toBe(3);
  });

  test("what a user wrote cannot move the cursor of a terminal", async () => {
    const { call, daemon } = await served();
    await call("trigger backup --tag \u001b[2Jevil");
    daemon.say("\u001b]0;title\u0007 text");

    const shown = await call("runs show brave-otter-1", { tty: true, env: { NO_COLOR: "1" } });
    const logs = await call("logs brave-otter-1", { tty: true, env: { NO_COLOR: "1" } });

    expect(shown.out + shown.err + logs.out).not.toContain("\u001b");
    expect(logs.out).toContain("\\u001b]0;title\\u0007 text");
  });
});
