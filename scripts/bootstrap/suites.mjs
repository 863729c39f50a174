import { spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { BINARY, buildWhenStale } from "./binary.mjs";
import { exitOf, ROOT } from "./tools.mjs";

const NONE = { passed: 0, failed: 0 };

/** A suite that takes longer is stuck: it is ended and counts as one failure. */
const SUITE_LIMIT_MS = 15 * 60_000;
const STRAGGLERS_MS = 2_000;

/** What must hold beside the tests: each counts as one test. */
const CHECKS = [["lint", "--colors=off"], ["types"], ["unused"], ["check:deno"]];

/**
 * Builds, then runs every suite, its output passed on. The last line says `N passed, N failed`. Answers 0 when
 * tests ran and none failed. Arguments are passed to `bun test` (`--with-checks` adds the checks, and then
 * nothing but whole suites makes sense).
 */
export async function testEverything(tools, args) {
  const filters = args.filter((arg) => arg !== "--with-checks");
  const counts = [];
  if (args.includes("--with-checks")) counts.push(await checkEverything(tools));
  const built = await buildWhenStale(tools);
  if (built !== 0) counts.push(failure("Cannot build the binary", built));

  const env = { ...tools.env, ...(built === 0 ? { TOCSIN_BINARY: BINARY } : {}) };
  counts.push(await runSuite(env, ["bun", "test", ...filters], countsOfBun));
  if (filters.length === 0 && hasDenoTests()) {
    const deno = ["deno", "test", "-A", "test/deno"];
    counts.push(await runSuite({ ...env, NO_COLOR: "1" }, deno, countsOfDeno));
  }

  const { passed, failed } = counts.reduce(sum, NONE);
  if (passed + failed === 0) console.error("Cannot pass: no test ran");
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 && passed > 0 ? 0 : 1;
}

async function checkEverything(tools) {
  const env = { ...tools.env, NO_COLOR: "1" };
  let counts = NONE;
  for (const [name, ...args] of CHECKS) {
    console.log(`── ${name}`);
    const { code } = await runCaptured(env, ["bun", "run", name, ...args]);
    counts = sum(counts, code === 0 ? { passed: 1, failed: 0 } : failure(`Check ${name}`, code));
  }
  return counts;
}

function hasDenoTests() {
  const folder = join(ROOT, "test", "deno");
  return existsSync(folder) && readdirSync(folder).some((name) => /[._]test\.ts$/.test(name));
}

async function runSuite(env, command, countsOf) {
  console.log(`── ${command.join(" ")}`);
  const { code, output } = await runCaptured(env, command);
  const counts = countsOf(output) ?? NONE;
  if (code === 0 || counts.failed > 0) return counts;
  return sum(counts, failure(command.join(" "), code));
}

function failure(what, code) {
  console.error(`${what}: exit code ${code}`);
  return { passed: 0, failed: 1 };
}

/** Runs a command, passes its output on and keeps it. */
async function runCaptured(env, [command, ...args]) {
  const child = spawn(command, args, { cwd: ROOT, env, stdio: ["ignore", "pipe", "pipe"] });
  const limit = setTimeout(() => child.kill("SIGKILL"), SUITE_LIMIT_MS);
  const chunks = [];
  for (const [from, to] of [
    [child.stdout, process.stdout],
    [child.stderr, process.stderr],
  ]) {
    from.on("data", (chunk) => {
      to.write(chunk);
      chunks.push(chunk);
    });
  }
  // A process that a test left behind may hold the pipes open for ever: do not wait for it long.
  child.once("exit", () => setTimeout(closePipes, STRAGGLERS_MS, child).unref());
  const code = await exitOf(child, command).finally(() => clearTimeout(limit));
  return { code, output: plain(Buffer.concat(chunks).toString("utf8")) };
}

function closePipes(child) {
  child.stdout.destroy();
  child.stderr.destroy();
}

function plain(text) {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character begins a colour
  return text.replace(/\u001b\[[0-9;]*m/g, "");
}

/** Reads the closing lines of `bun test`: ` 12 pass`, ` 1 fail`. Its `fail` includes files that do not load. */
export function countsOfBun(output) {
  const end = output.lastIndexOf("\nRan ");
  if (end < 0) return undefined;
  const closing = output.slice(output.lastIndexOf("\n\n", end), end);
  return {
    passed: numberIn(/^ *(\d+) pass$/m, closing),
    failed: numberIn(/^ *(\d+) fail$/m, closing),
  };
}

/** Reads the closing line of `deno test`: `FAILED | 3 passed (2 steps) | 1 failed (12ms)`. */
export function countsOfDeno(output) {
  const closing = output.match(/^(?:ok|FAILED) \| .*$/gm)?.at(-1);
  if (closing === undefined) return undefined;
  return { passed: numberIn(/(\d+) passed/, closing), failed: numberIn(/(\d+) failed/, closing) };
}

function numberIn(pattern, text) {
  return Number(pattern.exec(text)?.[1] ?? 0);
}

function sum(one, other) {
  return { passed: one.passed + other.passed, failed: one.failed + other.failed };
}
