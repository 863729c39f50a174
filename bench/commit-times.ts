import { appendFileSync } from "node:fs";

/*
 * Loaded into the daemon of bench g (`BUN_OPTIONS=--preload=…`): writes down when each COMMIT of the store has
 * returned, in milliseconds by the clock that threads share.
 */

type Native = (this: unknown, ...given: unknown[]) => unknown;

const loadAddon = process.dlopen;
process.dlopen = (module: { exports: Record<string, Native> }, ...rest) => {
  loadAddon(module, ...rest);
  const { exports } = module;
  const { databasePrepareSync: prepare, statementRun: run } = exports;
  if (prepare === undefined || run === undefined) return;
  const commits = new WeakSet<object>();
  exports["databasePrepareSync"] = function (sql) {
    const statement = prepare.call(this, sql) as object;
    if (sql === "COMMIT") commits.add(statement);
    return statement;
  };
  exports["statementRun"] = function (...given) {
    const answer = run.apply(this, given);
    if (commits.has(this as object)) {
      const at = performance.timeOrigin + performance.now();
      appendFileSync(process.env["COMMIT_TIMES"] ?? "", `${at}\n`);
    }
    return answer;
  };
};
