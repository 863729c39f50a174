/*
 * The one command that works on a machine with only Node and npm:
 *   node scripts/bootstrap.mjs start|test|check|build|release|bench [arguments]
 */
import process from "node:process";
import { buildWhenStale, runDaemon } from "./bootstrap/binary.mjs";
import { testEverything } from "./bootstrap/suites.mjs";
import { ensureTools, run } from "./bootstrap/tools.mjs";

/** What each job does with the tools and its arguments; each answers the exit code. */
const JOBS = {
  async start(tools, args) {
    const built = await buildWhenStale(tools);
    return built === 0 ? await runDaemon(args) : built;
  },
  test: (tools, args) => testEverything(tools, args),
  check: (tools, args) => testEverything(tools, ["--with-checks", ...args]),
  build: (tools, args) => run(tools, ["bun", "scripts/build.ts", ...args]),
  release: (tools, args) => run(tools, ["bun", "scripts/release.ts", ...args]),
  bench: (tools, args) => run(tools, ["bun", "bench/main.ts", ...args]),
};

process.exitCode = await main(process.argv.slice(2)).catch((error) => {
  console.error(error instanceof Error ? error.message : error);
  return 1;
});

async function main([name = "", ...args]) {
  if (!Object.hasOwn(JOBS, name)) {
    throw new Error(`Cannot do "${name}": the jobs are ${Object.keys(JOBS).join(", ")}`);
  }
  return await JOBS[name](await ensureTools(), args);
}
