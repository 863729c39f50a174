import { afterEach, describe, expect, test } from "bun:test";
import { serveHttp } from "../../src/http/server.ts";
import { COMPLETED, FAILED, RUNNING } from "../http/support/memory-daemon.ts";
import { served, stopServers } from "./support/served.ts";
import { tocsin } from "./support/terminal.ts";

afterEach(stopServers);

describe("trigger", () => {
  test("starts a run with parameters that are JSON where they can be", async () => {
    const { call } = await served();

    const { code, out } = await call(
      'trigger backup -p day=mon -p n=3 -p list=[1] --params {"a":1} --tag prod --json',
    );

    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      parameters: { a: 1, day: "mon", n: 3, list: [1] },
      tags: ["prod"],
    });
  });

  test("takes a wait as start time", async () => {
    const { call } = await served();

    const { out } = await call("trigger backup --at 10m --json");

    expect(JSON.parse(out).state.dueAt).toBe("2026-01-31T12:13:20.000Z");
  });

  test("says when a run that waits starts", async () => {
    const { call } = await served();

    const { out } = await call("trigger backup --at 10m");

    expect(out).toContain("\nstarts      2026-01-31T12:13:20.000Z\n");
    expect((await call("trigger report")).out).not.toContain("starts");
  });

  test("is refused beside a run that goes on, unless that is asked for", async () => {
    const { call, daemon } = await served();
    await call("trigger backup");
    daemon.move(daemon.runs[0]?.id ?? "", RUNNING);

    const refused = await call("trigger backup");

    expect(refused.code).toBe(1);
    expect(refused.err).toContain('ask with overlap "allow" to run it all the same');
    expect((await call("trigger backup --overlap allow")).code).toBe(0);
    expect((await call("trigger backup --overlap sometimes")).code).toBe(2);
  });

  test("hands the priority on", async () => {
    const { call, daemon } = await served();

    await call("trigger backup --priority 7");
    await call("trigger backup --priority -3");

    expect(daemon.runs.map(({ priority }) => priority)).toEqual([7, -3]);
  });

  test("answers 3 for a flow that is not there, and says which was meant", async () => {
    const { call } = await served();

    const { code, out, err } = await call("trigger bakcup");

    expect([code, out]).toEqual([3, ""]);
    expect(err).toBe('error: Cannot find flow "bakcup": did you mean "backup"?\n');
  });

  test.each([
    [COMPLETED, 0],
    [FAILED, 1],
  ])("--wait follows the run to its end: %j", async (state, expected) => {
    const { call, daemon } = await served();

    const { code, out, err } = await call("trigger backup --wait --json", {
      onErr(text) {
        const run = daemon.runs[0];
        if (run === undefined) return;
        if (run.state.type === "SCHEDULED") daemon.move(run.id, RUNNING);
        else if (text.includes("Running") && run.state.type === "RUNNING") {
          daemon.move(run.id, state);
        }
      },
    });

    expect(code).toBe(expected);
    expect(JSON.parse(out).state.type).toBe(state.type);
    expect(err).toContain(state.name);
  });
});

describe("logs", () => {
  test("prints all, the last, and JSON lines", async () => {
    const { call, daemon } = await served();
    await call("trigger backup");
    for (let i = 1; i <= 2_500; i++) daemon.say(`line ${i}`);

    const all = await call("logs brave-otter-1");
    const last = await call("logs brave-otter-1 --tail 2 --jsonl");

    expect(all.out.trim().split("\n")).toHaveLength(2_500);
    expect(
      last.out
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line).text),
    ).toEqual(["line 2499", "line 2500"]);
  });

  test("of a run without such lines say what it is that there is none of", async () => {
    const { call, daemon } = await served();
    await call("trigger backup");
    const id = daemon.runs[0]?.id ?? "";

    expect((await call("logs brave-otter-1")).err).toBe(
      'Run "brave-otter-1" wrote nothing so far\n',
    );
    daemon.say("fine");
    daemon.move(id, COMPLETED);

    expect((await call("logs brave-otter-1 --level error")).err).toBe(
      'Run "brave-otter-1" wrote nothing of level error or graver\n',
    );
    expect((await call("logs brave-otter-1 --tail 0")).err).toBe(
      'No lines of run "brave-otter-1" were asked for\n',
    );
  });

  test("-f goes on until the run is over, and prints each line once", async () => {
    const { call, daemon } = await served();
    await call("trigger backup");
    const id = daemon.runs[0]?.id ?? "";
    daemon.move(id, RUNNING);
    daemon.say("one");
    const following = call("logs brave-otter-1 -f");
    setTimeout(() => {
      daemon.say("two");
      daemon.move(id, COMPLETED);
    }, 30);

    const { code, out } = await following;

    expect(code).toBe(0);
    expect(out.match(/ (one|two)\n/g)).toEqual([" one\n", " two\n"]);
  });
});

describe("blocks", () => {
  test("take their value from standard input without its trailing line feed", async () => {
    const { call, daemon } = await served();

    const { code, err } = await call("blocks set string/greeting", { stdin: "hello\n" });

    expect([code, err]).toEqual([0, "Saved string/greeting\n"]);
    expect(await daemon.api.blocks.load("string", "greeting")).toBe("hello");
    expect((await call("blocks get string/greeting")).out).toBe("hello\n");
  });

  test("never show a secret, nor take one from the command line", async () => {
    const { call } = await served();
    await call("blocks set secret/key", { stdin: "s3cret\n" });

    const shown = await call("blocks get secret/key");
    const listed = await call("blocks ls");
    const given = await call("blocks set secret/other s3cret");

    expect([shown.code, shown.out]).toEqual([0, ""]);
    expect(listed.out).toBe("secret/key\t2026-01-31T12:00:00.000Z\n");
    expect(given.code).toBe(2);
    expect(shown.err + given.err).not.toContain("s3cret");
  });

  test("are not overwritten unless asked to, and can be removed", async () => {
    const { call } = await served();
    await call("blocks set json/limits", { stdin: '{"a":1}' });

    expect((await call("blocks set json/limits", { stdin: "{}" })).code).toBe(1);
    expect((await call("blocks set json/limits --overwrite", { stdin: "{}" })).code).toBe(0);
    expect((await call("blocks rm json/limits")).code).toBe(0);
    expect((await call("blocks rm json/limits")).code).toBe(3);
  });

  test.each([
    ["blocks set slack-webhook/x", "not an address"],
    ["blocks set json/x", "{nope"],
    ["blocks set nonsense", "x"],
  ])("%s refuses %j as bad usage", async (line, stdin) => {
    const { call } = await served();

    expect((await call(line, { stdin })).code).toBe(2);
  });
});

describe("config reload", () => {
  test("answers 6 with every problem when the config is refused", async () => {
    const { call, daemon } = await served();
    const problems = [{ path: "flows[1].retries", message: "expected a number", at: "f.ts:12:3" }];
    daemon.reloads.push({ type: "refused", problems });

    const refused = await call("config reload");

    expect(refused.code).toBe(6);
    expect(refused.err).toContain("f.ts:12:3  flows[1].retries: expected a number\n");
    expect((await call("config reload")).code).toBe(0);
  });

  test("prints the problems also as JSON", async () => {
    const { call, daemon } = await served();
    const problems = [{ path: "flows[1].retries", message: "expected a number" }];
    daemon.reloads.push({ type: "refused", problems });

    const { code, out, err } = await call("config reload --json");

    expect(code).toBe(6);
    expect(JSON.parse(out)).toMatchObject({ status: 422, problems });
    expect(err).toStartWith("error: Cannot accept the config");
  });
});

test("status shows how the daemon stands", async () => {
  const { call } = await served();

  const { code, out } = await call("status");

  expect(code).toBe(0);
  expect(out).toContain("deliveries  3 delivered, 1 dead");
  expect(out).toContain("store       /var/lib/tocsin/state.db, 4.0 KiB");
});

test("a daemon that is not there is 5, with what to do", async () => {
  const { server } = await served();
  await server.stop();

  const { code, err } = await tocsin(["status", "--server", server.url]);

  expect(code).toBe(5);
  expect(err).toBe(
    `error: Cannot reach the daemon at "${server.url}": nothing listens there; start it with "tocsin serve", or say with --server where it listens\n`,
  );
});

test("a server that is something else is said to be that", async () => {
  const other = await serveHttp(
    { fetch: () => new Response("<html>") },
    { hostname: "127.0.0.1", port: 0 },
  );
  const { code, err } = await tocsin(["status"], { env: {} }).then(() =>
    tocsin(["--server", other.url, "status"]),
  );

  expect(code).toBe(5);
  expect(err).toContain("it is not a tocsin daemon");
  await other.stop();
});

describe("usage", () => {
  test.each([
    ["srve", "Did you mean serve?"],
    ["runs lss", "Did you mean ls?"],
    ["runs ls --sate x", "Did you mean --state?"],
    ["runs ls --limit 900", "1 to 200"],
    ["trigger", "missing required argument"],
    ["trigger backup extra", "too many arguments"],
    ["serve --listen nowhere", "127.0.0.1:8627"],
    ["--server nonsense status", "http://"],
    ["--color sometimes status", "Allowed choices"],
    ["trigger backup -p novalue", "expected key=value"],
    ["trigger backup --priority high", "not a whole number"],
    ["runs resume x --params {nope", "it is not JSON"],
    ["runs resume x -p novalue", "expected key=value"],
    ["trigger backup --params [1]", "expected a JSON object"],
    ["trigger backup --params @/nowhere.json", "there is no such file"],
  ])("%s is 2 and says why", async (line, why) => {
    const { code, out, err } = await tocsin(line.split(" "));

    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain(why);
  });
});
