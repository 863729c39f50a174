import { afterEach, expect, test } from "bun:test";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { poolWith } from "../threads/support/pool-with.ts";

const dir = mkdtempSync(join(tmpdir(), "tocsin-command-"));
const PIDS = join(dir, "pids");

const CONFIG = `import { command, defineConfig, flow, log } from "tocsin";
const sh = (name: string, script: string, more = {}) => command({ name, argv: ["/bin/sh", "-c", script], ...more });
const stays = sh("stays", 'trap "" TERM; sleep 600 & echo $! > ${PIDS}; echo $$ >> ${PIDS}; echo ready; wait');
const beside = (name: string, end: () => void) => flow({ name, run: async (_, context) => {
  context.signal.addEventListener("abort", () => { for (;;) {} });
  void stays.options.run({}, { ...context, log: Object.assign(() => {}, { ...context.log, info: (line: string) => { log(line); end(); } }) });
  await new Promise(() => {});
} });
export default defineConfig({ flows: [
  stays,
  beside("loops", () => { for (;;) {} }),
  beside("leaves", () => { process.exit(1); }),
  sh("says", 'echo out; echo err >&2; echo "$TOCSIN_FLOW $EXTRA $(cat) $(pwd)"', { env: { EXTRA: "x" }, stdin: "given", cwd: "/" }),
  sh("exits", "exit 3"),
  sh("dies", "kill -9 $$"),
  command({ name: "missing", argv: ["no-such-program"] }),
] });`;

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

function pool() {
  const made = poolWith(CONFIG);
  stops.push(() => made.executor.stop(0));
  return made;
}

test("a program's output becomes log lines, and it is given environment, directory and input", async () => {
  const { ledger, start } = pool();
  const offer = start("says");
  const { outcome } = await ledger.end(offer);

  const lines = ledger.lines(offer.runId).map(({ level, text }) => `${level} ${text}`);
  expect(outcome).toEqual({ type: "completed" });
  expect(lines.sort()).toEqual(["info out", "info says x given /", "warn err"]);
});

test("a program that exits with another code than 0 has failed, one killed by a signal has crashed", async () => {
  const { perform } = pool();

  expect((await perform("exits")).outcome).toMatchObject({
    type: "failed",
    message: '"/bin/sh" exited with code 3',
  });
  expect((await perform("dies")).outcome).toMatchObject({
    type: "crashed",
    message: '"/bin/sh" was killed by SIGKILL',
  });
  expect((await perform("missing")).outcome).toMatchObject({
    type: "failed",
    message: expect.stringContaining('Cannot start "no-such-program"'),
  });
});

test("a program that does not heed SIGTERM is killed with all that it started", async () => {
  const { ledger, executor, start } = pool();
  const offer = start("stays");
  await ledger.said(offer, "ready");
  executor.cancel(offer.runId, 500);
  const { outcome } = await ledger.end(offer);

  expect(outcome).toMatchObject({ type: "cancelled" });
  await noneIsLeft();
});

test("a program is killed with all that it started when its thread is terminated", async () => {
  const { ledger, executor, start } = pool();
  const offer = start("loops");
  await ledger.said(offer, "ready");
  executor.cancel(offer.runId, 20);

  expect((await ledger.end(offer)).outcome).toMatchObject({
    message: "cancelled while it ran; its thread was terminated",
  });
  await noneIsLeft();
});

test("a program is killed when its thread ends by itself", async () => {
  const { perform } = pool();

  expect((await perform("leaves")).outcome.type).toBe("crashed");
  await noneIsLeft();
});

test("a program is killed when the daemon stops and waits for nothing", async () => {
  const { ledger, executor, start } = pool();
  const offer = start("stays");
  await ledger.said(offer, "ready");
  await executor.stop(0);

  expect(ledger.ends.get(offer.runId)?.outcome.type).toBe("crashed");
  await noneIsLeft();
});

/** Waits for the end of the program that wrote its process ids, and of what it started. */
async function noneIsLeft(): Promise<void> {
  const pids = readFileSync(PIDS, "utf8").trim().split("\n").map(Number);
  expect(pids).toHaveLength(2);
  for (const pid of pids)
    while (isAlive(pid)) await new Promise((resolve) => setTimeout(resolve, 5));
}

function isAlive(pid: number): boolean {
  try {
    // A killed process may wait as a zombie for somebody to read its end.
    return !readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ");
  } catch {
    return false;
  }
}
