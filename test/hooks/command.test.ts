import { afterAll, describe, expect, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  watch,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { command } from "../../hooks/command.ts";
import { aContext, aDecision, ring } from "./context.ts";

const directory = mkdtempSync(join(tmpdir(), "tocsin-command-hook-"));
afterAll(() => rmSync(directory, { recursive: true }));

describe("command()", () => {
  test("hands the transition to the program as JSON on stdin and in TOCSIN_ variables", async () => {
    const out = join(directory, "told");
    const told = aContext();
    const script = aScript(`cat > "$1.json"; env | grep ^TOCSIN_ | sort > "$1.env"; echo "$2"`);

    const thrown = await ring(command({ argv: [script, out, "a b; $(c)"] }), told);

    expect(thrown).toBeUndefined();
    const { flow, run, state, previous, urls } = told.context;
    expect(JSON.parse(readFileSync(`${out}.json`, "utf8"))).toEqual({
      moment: "onFailure",
      flow,
      run,
      state,
      previous,
      urls,
    });
    // The test run's own variable names the binary under test.
    const given = readFileSync(`${out}.env`, "utf8").trim().split("\n");
    expect(given.filter((line) => !line.startsWith("TOCSIN_BINARY="))).toEqual([
      "TOCSIN_DELIVERY_ATTEMPT=3",
      `TOCSIN_DELIVERY_ID=${told.context.delivery.id}`,
      "TOCSIN_FLOW=failing-flow",
      "TOCSIN_MOMENT=onFailure",
      `TOCSIN_RUN_ID=${run.id}`,
      "TOCSIN_RUN_NAME=brave-otter",
      `TOCSIN_RUN_URL=${urls.run}`,
      "TOCSIN_STATE_MESSAGE=oops!",
      "TOCSIN_STATE_NAME=Failed",
      "TOCSIN_STATE_TYPE=FAILED",
      "TOCSIN_TASK=",
      `TOCSIN_URL=${urls.run}`,
    ]);
    expect(told.lines).toEqual(["info a b; $(c)"]);
  });

  test("hands over why a due time became no run", async () => {
    const out = join(directory, "decision");
    const told = aDecision();

    await ring(command({ argv: [aScript(`cat > "$1.json"; env > "$1.env"`), out] }), told);

    const { flow, urls, decision } = told.context;
    expect(JSON.parse(readFileSync(`${out}.json`, "utf8"))).toEqual({
      moment: "onSkipped",
      flow,
      decision,
      urls,
    });
    const given = readFileSync(`${out}.env`, "utf8").trim().split("\n");
    expect(given.filter((line) => line.startsWith("TOCSIN_RUN_"))).toEqual([]);
    expect(given).toEqual(
      expect.arrayContaining([
        "TOCSIN_DECISION=skipped",
        "TOCSIN_DECISION_REASON=run brave-otter had not ended",
        "TOCSIN_DUE_AT=2026-11-22T02:00:00.000Z",
        "TOCSIN_FLOW=failing-flow",
        "TOCSIN_MOMENT=onSkipped",
        "TOCSIN_SCHEDULE=nightly",
        `TOCSIN_URL=${urls.run}`,
      ]),
    );
  });

  test("fails on an exit code other than 0, with the program's last words", async () => {
    const told = aContext();

    const script = aScript("echo working; echo first >&2; echo 'no such job' >&2; exit 3");
    const thrown = await ring(command({ argv: [script] }), told);

    expect(thrown).toEqual(
      new Error(`Cannot deliver by "${script}": it exited with code 3: no such job`),
    );
    expect(told.lines.toSorted()).toEqual(["info working", "warn first", "warn no such job"]);
  });

  test("fails when the program cannot be started or is killed", async () => {
    const missing = join(directory, "missing");

    expect(String(await ring(command({ argv: [missing] }), aContext()))).toContain(
      `Cannot start "${missing}": `,
    );
    expect(String(await ring(command({ argv: [aScript("kill -9 $$")] }), aContext()))).toEndWith(
      "it was killed by SIGKILL",
    );
  });

  test("does not mind a program that reads nothing", async () => {
    const state = { ...aContext().context.state, message: "x".repeat(1_000_000) };

    expect(await ring(command({ argv: ["true"] }), aContext({ state }))).toBeUndefined();
  });

  test("uses a shell only when asked", async () => {
    const told = aContext();

    await ring(command({ argv: ["echo", "$TOCSIN_FLOW"] }), told);
    await ring(
      command({ shell: true, argv: ['echo "$TOCSIN_FLOW $1 $HERE"', "arg"], env: { HERE: "x" } }),
      told,
    );
    await ring(command({ argv: ["pwd"], cwd: "/" }), told);

    expect(told.lines).toEqual(["info $TOCSIN_FLOW", "info failing-flow arg x", "info /"]);
  });

  test("stops the program and what it started when its time is over, also if it will not", async () => {
    const pids = join(directory, "pids");
    const over = new AbortController();
    const script = aScript(
      `trap "" TERM; sleep 600 & echo "$$ $!" > "$1.part"; mv "$1.part" "$1"; wait; wait`,
    );

    const ringing = ring(command({ argv: [script, pids] }), aContext({ signal: over.signal }));
    await appears(pids);
    over.abort();
    const thrown = await ringing;

    expect(String(thrown)).toEndWith("it took too long and was stopped");
    for (const pid of readFileSync(pids, "utf8").trim().split(" ")) await ends(Number(pid));
  });

  test("is called as its program is, in the characters that names have", () => {
    const nameOf = (program: string) => command({ argv: [program] }).options.name;

    expect(nameOf("/usr/local/bin/clean-up")).toBe("clean-up");
    expect(nameOf("./_día@2")).toBe("día-2");
    expect(nameOf("x".repeat(300))).toBe("x".repeat(64));
    expect(nameOf("/")).toBe("command");
    expect(command({ argv: ["a | b"], shell: true }).options.name).toBe("command");
  });

  test("refuses to be made without a program", () => {
    // @ts-expect-error: what a config that nobody type-checked may hold
    expect(() => command({ argv: [] })).toThrow("Cannot make command({ argv }): expected a");
  });
});

let scripts = 0;

function aScript(body: string): string {
  scripts += 1;
  const path = join(directory, `script-${scripts}`);
  writeFileSync(path, `#!/bin/sh\n${body}\n`);
  chmodSync(path, 0o755);
  return path;
}

async function appears(path: string): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const watcher = watch(directory, () => {
    if (existsSync(path)) resolve();
  });
  if (existsSync(path)) resolve();
  await promise;
  watcher.close();
}

/** A killed process is gone, or waits as a zombie for its parent. */
async function ends(pid: number): Promise<void> {
  while (isAlive(pid)) await Bun.sleep(5);
}

function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
