import { afterEach, describe, expect, test } from "bun:test";
import { COMPLETED } from "../http/support/memory-daemon.ts";
import { served, stopServers } from "./support/served.ts";
import { tocsin } from "./support/terminal.ts";

afterEach(stopServers);

describe("what was probably meant is said", () => {
  test("of a run by its name, and of a flow where a run is wanted", async () => {
    const { call, daemon } = await served();
    await call("trigger backup");
    const name = daemon.runs[0]?.name ?? "";

    const slip = await call(`runs show ${name}x`);
    const flow = await call("logs backup");
    const far = await call("runs show nothing-of-the-kind");

    expect([slip.code, slip.err]).toEqual([
      3,
      `error: Cannot find run "${name}x": no run has this id or name; did you mean "${name}"?\n`,
    ]);
    expect(flow.err).toBe(
      `error: Cannot find run "backup": this is a flow, whose latest run is "${name}"\n`,
    );
    expect(far.err).toEndWith("no run has this id or name\n");
  });

  test("of a flow that no run is of", async () => {
    const { call } = await served();
    await call("trigger backup");

    const { code, out, err } = await call("runs ls --flow bakcup");

    expect([code, out, err]).toEqual([0, "", "No runs fit; did you mean --flow backup?\n"]);
  });

  test("of a parameter that the flow's schema does not name", async () => {
    const { call } = await served();

    const slip = await call("trigger backup -p dya=mon");
    const right = await call("trigger backup -p day=mon --overlap allow");
    const quiet = await call("trigger backup -p dya=mon --overlap allow -q");

    expect([slip.code, slip.err]).toEqual([
      0,
      'Flow "backup" names no parameter "dya"; did you mean "day"?\n',
    ]);
    expect([right.err, quiet.err]).toEqual(["", ""]);
  });

  test("of a value: which option it is of, with the exit code of a wrong command line", async () => {
    const { call } = await served();

    const state = await call("runs ls --state faild");
    const since = await call("runs ls --since yesterday");

    expect([state.code, state.err]).toEqual([
      2,
      "error: Cannot read --state: did you mean Failed?\n",
    ]);
    expect([since.code, since.out]).toEqual([2, ""]);
    expect(since.err).toStartWith("error: Cannot read --since: ");
    const priority = await call("trigger backup --priority 99999999999");
    expect([priority.code, priority.err]).toEqual([
      2,
      "error: Cannot read --priority: expected a whole number from -1000000 to 1000000\n",
    ]);
    expect((await call("token new t!")).err).toStartWith("error: Cannot read name: ");
  });
});

test("the next page is a command with the same filters", async () => {
  const { call } = await served();
  for (let count = 0; count < 3; count += 1) await call("trigger backup --overlap allow");

  const { err } = await call("runs ls --flow backup --limit 2", { tty: true });

  expect(err).toMatch(/next: tocsin runs ls --flow backup --limit 2 --cursor \d+/);
});

describe("the options of every command", () => {
  test("--quiet leaves data and errors", async () => {
    const { call } = await served();

    expect(await call("runs ls -q")).toEqual({ code: 0, out: "", err: "" });
    expect((await call("runs ls")).err).toContain("No runs fit");
    expect((await call("trigger bakcup -q")).err).toStartWith("error: ");
    expect((await call("trigger backup -q", { tty: true })).err).toBe("");
  });

  test("--time-format holds for tables, facts, states and lines", async () => {
    const { call, daemon } = await served();
    await call("trigger backup");
    const [run] = daemon.runs;
    daemon.say("a line");
    daemon.move(run?.id ?? "", COMPLETED);
    const of = async (line: string, tty: boolean) => (await call(line, { tty })).out;
    const ISO = /\d{4}-\d\d-\d\dT/;

    for (const line of ["runs ls", `runs show ${run?.id}`, `logs ${run?.id}`]) {
      expect(await of(`${line} --time-format relative`, false)).not.toMatch(ISO);
      expect(await of(`${line} --time-format relative`, false)).toContain(" ago");
      expect(await of(`${line} --time-format iso`, true)).not.toContain(" ago");
    }
  });

  test("--no-input asks nothing, also at a terminal", async () => {
    const { call } = await served();

    const value = await call("blocks set secret/x --no-input", { tty: true });

    expect([value.code, value.err]).toEqual([
      2,
      expect.stringContaining("standard input is a terminal"),
    ]);
  });
});

describe("types", () => {
  test("are written to standard output, and missing ones are found", async () => {
    const written = await tocsin(["types", "--out", "-"]);
    const missing = await tocsin(["types", "--check", "--out", "/nowhere/tocsin.d.ts"]);

    expect([written.code, written.out.includes('declare module "tocsin"')]).toEqual([0, true]);
    expect([missing.code, missing.out]).toEqual([1, ""]);
    expect(missing.err).toContain("they are not there; write them with: tocsin types");
  });
});
