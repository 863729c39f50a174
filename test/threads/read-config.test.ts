import { describe, expect, test } from "bun:test";
import { STANDARD_LADDER_MS } from "../../src/domain/delivery.ts";
import type { ConfigProblem } from "../../src/domain/flow.ts";
import { readConfig } from "../../src/threads/read-config.ts";
import { configDir } from "./support/config-dir.ts";

async function accepted(config: string, files: Readonly<Record<string, string>> = {}) {
  const answer = await readConfig(configDir(config, files));
  if (answer.type === "refused") throw new Error(JSON.stringify(answer.problems, null, 2));
  return answer.manifest;
}

async function problemsOf(
  config: string,
  files: Readonly<Record<string, string>> = {},
): Promise<readonly ConfigProblem[]> {
  const answer = await readConfig(configDir(config, files));
  return answer.type === "refused" ? answer.problems : [];
}

const RICH = `import { block, command, defineConfig, flow, hook, task, v } from "tocsin";
import { slack } from "tocsin/hooks/slack";
task({ name: "extract", retries: 3, retryDelay: ["1s", "5s"], timeout: "20s", onFailure: function tell() {}, run: async (day: string) => day });
function notify() {}
const report = flow({
  name: "report",
  description: "the night's report",
  schedules: [{ cron: "0 2 * * *", timezone: "Europe/Vienna" }, { key: "often", every: "15m", jitter: "10s", parameters: { day: "mon" } }],
  parameters: v.object({ day: v.optional(v.string()) }),
  tags: ["prod"], retries: 2, retryDelay: { initial: "1s", factor: 3, max: "1m", jitter: 0.1 }, timeout: "15m",
  overlap: "allow", missed: { policy: "all", window: "2h" },
  onFailure: [slack({ webhook: block("slack-webhook/on-call") }), notify, notify],
  onRunning: hook({ name: "ping", timeout: "2s", retry: ["1s"], run() {} }),
  run: async ({ day }) => { day?.toUpperCase(); },
});
report.onCrashed(notify);
export default defineConfig({
  flows: [report, command({ name: "dump", argv: ["true"], grace: "1s" })],
  hooks: ["./hooks/audit.ts"], shutdownGrace: "10s", limits: { db: 3 },
});
`;
const AUDIT = `import { hook } from "tocsin";
export default hook({ on: ["onFailure", "onCrashed"], flows: ["report"], tags: ["prod"], run() {} });
`;

describe("readConfig() of a good config", () => {
  test("answers flows, schedules, retries and limits as data", async () => {
    const { limits, flows, settings } = await accepted(RICH, { "hooks/audit.ts": AUDIT });

    const [report, dump] = flows;
    expect(report).toMatchObject({
      name: "report",
      description: "the night's report",
      tags: ["prod"],
      retry: {
        retries: 2,
        delay: { kind: "exponential", initialMs: 1_000, factor: 3, maxMs: 60_000, jitter: 0.1 },
      },
      retryCrashed: 0,
      timeoutMs: 900_000,
      graceMs: 5_000,
      cancelGraceMs: 30_000,
      overlap: "allow",
      missed: { policy: "all", windowMs: 7_200_000, max: 100 },
      definedAt: "flows.config.ts:5:16",
    });
    expect(report?.schedules).toMatchObject([
      { key: "report#1", timing: { kind: "cron", timezone: "Europe/Vienna" }, paused: false },
      {
        key: "often",
        timing: { kind: "every", everyMs: 900_000 },
        jitterMs: 10_000,
        parameters: { day: "mon" },
      },
    ]);
    expect(dump).toMatchObject({
      name: "dump",
      overlap: "skip",
      graceMs: 1_000,
      cancelGraceMs: 1_000,
    });
    expect(settings).toEqual({ shutdownGrace: "10s" });
    expect(limits).toEqual({ db: 3 });
  });

  test("answers where a flow is isolated, and what its parameters are like", async () => {
    const { flows } = await accepted(`import { command, defineConfig, flow, v } from "tocsin";
      const own = (jsonSchema: unknown) => ({ "~standard": { version: 1 as const, vendor: "own", validate: (value: unknown) => ({ value }), jsonSchema } });
      export default defineConfig({ flows: [
        flow({ name: "plain", run() {} }),
        flow({ name: "apart", isolation: "process", memoryLimit: "512MB", run() {} }),
        flow({ name: "valibot", parameters: v.object({ day: v.optional(v.pipe(v.string(), v.isoDate(), v.check(() => true)), "2026-01-01"), count: v.pipe(v.string(), v.transform(Number)) }), run() {} }),
        flow({ name: "unsayable", parameters: v.object({ at: v.date() }), run() {} }),
        flow({ name: "own", parameters: own({ input: ({ target }: { target: string }) => ({ target, f: undefined }) }), run() {} }),
        flow({ name: "own-throws", parameters: own({ input() { throw new Error("no"); } }), run() {} }),
        flow({ name: "foreign", parameters: own(undefined), run() {} }),
      ] });`);

    const [plain, apart, valibot, unsayable, own, ownThrows, foreign] = flows;
    expect(plain?.isolation).toBe("thread");
    expect(plain).not.toContainAnyKeys(["memoryLimitBytes", "parametersSchema"]);
    expect(apart).toMatchObject({ isolation: "process", memoryLimitBytes: 512_000_000 });
    expect(valibot?.parametersSchema).toMatchObject({
      type: "object",
      properties: {
        day: { type: "string", format: "date", default: "2026-01-01" },
        count: { type: "string" },
      },
      required: ["count"],
    });
    expect(own?.parametersSchema).toEqual({ target: "draft-2020-12" });
    for (const none of [unsayable, ownThrows, foreign]) {
      expect(none).not.toHaveProperty("parametersSchema");
    }
  });

  test("gives every hook a stable key, its moments, timeout and ladder", async () => {
    const { flows, tasks, hookModules } = await accepted(RICH, { "hooks/audit.ts": AUDIT });

    expect(flows[0]?.hooks.map(({ key, moments }) => `${key} ${moments}`)).toEqual([
      "flow:report/onRunning/ping onRunning",
      "flow:report/onFailure/slack onFailure",
      "flow:report/onFailure/notify onFailure",
      "flow:report/onFailure/notify#2 onFailure",
      "flow:report/onCrashed/notify onCrashed",
    ]);
    expect(flows[0]?.hooks[0]).toMatchObject({ timeoutMs: 2_000, retryMs: [1_000] });
    expect(flows[0]?.hooks[2]).toMatchObject({
      timeoutMs: 30_000,
      retryMs: [0, ...STANDARD_LADDER_MS],
    });
    expect(tasks[0]?.hooks[0]?.key).toBe("task:extract/onFailure/tell" as never);
    expect(hookModules).toMatchObject([
      {
        key: "module:./hooks/audit.ts",
        module: "./hooks/audit.ts",
        flows: ["report"],
        tags: ["prod"],
      },
    ]);
  });
});

describe("readConfig() of a bad config", () => {
  const flawed = (flowOptions: string) =>
    `import { defineConfig, flow } from "tocsin";
const one = flow({ name: "x", run() {}, ${flowOptions} } as never);
export default defineConfig({ flows: [one] });
`;
  const CASES: readonly (readonly [options: string, path: string, message: string])[] = [
    [
      "retries: -1",
      "flows[0].retries",
      'Cannot read flow "x": retries is -1, expected a whole number from 0 to 1000',
    ],
    [
      'timeout: "5 sec"',
      "flows[0].timeout",
      'Cannot read flow "x": timeout is "5 sec", expected a duration such as "30s", "1h30m" or a number of milliseconds, at most 36500d',
    ],
    [
      "onFailure: [() => {}, 'notify']",
      "flows[0].onFailure[1]",
      'Cannot read flow "x": onFailure[1] is a string, expected a function',
    ],
    [
      'timeot: "5s"',
      "flows[0].timeot",
      'Cannot read flow "x": there is no option "timeot"; did you mean "timeout"?',
    ],
    [
      'schedule: { cron: "* *" }',
      "flows[0].schedule.cron",
      'Cannot read flow "x": schedule: cannot read cron "* *": it has 2 fields, expected 5 (minute hour day month weekday) or 6 (with seconds first)',
    ],
    [
      'schedules: [{ every: "1h", jiter: 1 }]',
      "flows[0].schedules[0].jiter",
      'Cannot read flow "x": there is no option "jiter"; did you mean "jitter"?',
    ],
    [
      "parameters: 3",
      "flows[0].parameters",
      'Cannot read flow "x": parameters is 3, expected a Standard Schema such as v.object({ day: v.string() })',
    ],
    [
      'isolation: "vm"',
      "flows[0].isolation",
      'Cannot read flow "x": isolation is "vm", expected one of "thread" and "process"',
    ],
    [
      'isolation: "process", memoryLimit: "much"',
      "flows[0].memoryLimit",
      'Cannot read flow "x": memoryLimit is "much", expected a size such as "512MB", or a number of bytes',
    ],
    [
      'memoryLimit: "1GiB"',
      "flows[0].memoryLimit",
      'Cannot read flow "x": memoryLimit needs isolation: "process"; a thread shares the memory of the daemon',
    ],
    ["run: 3", "flows[0].run", 'Cannot read flow "x": run is 3, expected a function'],
  ];
  for (const [options, path, message] of CASES) {
    test(`names what is wrong with ${options}`, async () => {
      const problems = await problemsOf(flawed(options));

      expect(problems).toEqual([{ path, message, at: "flows.config.ts:2:13" }]);
    });
  }

  test("lists every problem at once", async () => {
    const problems = await problemsOf(
      flawed('retries: 1.5, grace: "x", tags: [3], overlap: "never"'),
    );

    expect(problems.map(({ path }) => path)).toEqual([
      "flows[0].tags[0]",
      "flows[0].retries",
      "flows[0].grace",
      "flows[0].overlap",
    ]);
  });

  test("refuses tasks whose results cannot be stored as they say", async () => {
    const problems = await problemsOf(`import { defineConfig, task } from "tocsin";
const run = () => 1;
task({ name: "a", persist: "yes" as never, run });
task({ name: "b", persist: { key: "id" as never }, run });
task({ name: "c", cache: true as never, run });
task({ name: "d", cache: { key: () => "", expires: "soon" }, run });
task({ name: "e", persist: { key: () => "" }, cache: { key: () => "" }, run });
export default defineConfig({ flows: [] });`);

    const persist = "true, false or { key: (…args) => text }";
    expect(problems.map(({ message }) => message)).toEqual([
      `Cannot read task "a": persist is "yes", expected ${persist}`,
      `Cannot read task "b": persist is an object, expected ${persist}`,
      'Cannot read task "c": cache is true, expected an object such as { key: (id) => id, expires: "1h" }',
      'Cannot read task "d": cache.expires is "soon", expected a duration such as "30s", "1h30m" or a number of milliseconds, at most 36500d',
    ]);
  });

  test("refuses two flows of one name, and what is no flow", async () => {
    const problems = await problemsOf(`import { defineConfig, flow } from "tocsin";
export default defineConfig({ flows: [flow({ name: "a", run() {} }), flow({ name: "a", run() {} }), 3 as never] });`);

    expect(problems.map(({ path, message }) => `${path}: ${message}`)).toEqual([
      'flows[1].name: Cannot read flow "a": flows[0] has this name already; names are unique',
      "flows[2]: Cannot read config: flows[2] is 3, expected a flow made by flow({ name, run })",
    ]);
  });

  test("refuses a default export that is no config", async () => {
    const missing = await problemsOf("export const x = 1;");
    const other = await problemsOf("export default { flows: [] };");

    expect(missing[0]?.message).toContain(
      "its default export is missing, expected export default defineConfig",
    );
    expect(other[0]?.message).toContain("its default export is an object");
  });

  test("refuses a task whose options are wrong, where it is defined", async () => {
    const problems = await problemsOf(`import { defineConfig, task } from "tocsin";
task({ name: "t", retries: "3" as never, run() {} });
export default defineConfig({ flows: [] });`);

    expect(problems).toMatchObject([{ path: "tasks[0].retries", at: "flows.config.ts:2:1" }]);
  });

  test("refuses hook modules that are missing, broken, no hooks, or can never ring", async () => {
    const config = `import { defineConfig, flow } from "tocsin";
export default defineConfig({ flows: [flow({ name: "report", tags: ["prod"], run() {} })],
  hooks: ["./none.ts", "./broken.ts", "./plain.ts", "./never.ts", "./quiet.ts"] });`;
    const problems = await problemsOf(config, {
      "broken.ts": "throw new Error('no luck');",
      "plain.ts": "export default () => {};",
      "never.ts": `import { hook } from "tocsin"; export default hook({ on: "onFailure", flows: ["reprot"], tags: ["dev"], run() {} });`,
      "quiet.ts": `import { hook } from "tocsin"; export default hook({ run() {} });`,
    });

    expect(problems.map(({ path, message }) => `${path}: ${message}`)).toEqual([
      'hooks[0]: Cannot read hook module "./none.ts": there is no such file',
      'hooks[1]: Cannot import "broken.ts": no luck',
      'hooks[2]: Cannot read hook module "./plain.ts": its default export is a function, expected export default hook({ on, run })',
      'hooks[3].flows: Cannot read hook module "./never.ts": its filter names flow "reprot", and there is no such flow; did you mean "report"?',
      'hooks[3].tags: Cannot read hook module "./never.ts": no flow carries a tag of its filter ("dev"), so it can never ring',
      'hooks[4].on: Cannot read hook module "./quiet.ts": on names no moments, so it can never ring; expected on: ["onFailure"] or others',
    ]);
    expect(problems[1]?.at).toBe("broken.ts:1:11");
  });

  test("gives the position of every syntax error", async () => {
    const problems = await problemsOf("export const a = {\n  b: 1,,\n};\n");

    expect(problems[0]).toEqual({
      path: "",
      message: 'Cannot import "flows.config.ts": Expected identifier but found ","',
      at: "flows.config.ts:2:8",
    });
  });

  test("gives the line that threw, and the line that imports what is not there", async () => {
    const threw = await problemsOf(
      'interface A { x: number }\n\nconst a: A = { x: 1 };\nthrow new TypeError("boom " + a.x);\n',
    );
    const lost = await problemsOf(
      'const one = 1;\nimport nothing from "no-such-package";\nexport default nothing;\n',
    );

    expect(threw[0]).toMatchObject({
      message: 'Cannot import "flows.config.ts": TypeError: boom 1',
    });
    expect(threw[0]?.at).toStartWith("flows.config.ts:4:");
    expect(lost[0]?.message).toContain("Cannot find package 'no-such-package'");
    expect(lost[0]?.message).toEndWith("; install it with: tocsin pm add no-such-package");
    expect(lost[0]?.at).toBe("flows.config.ts:2:22");
  });

  test("stops a config that never comes to an end at the deadline", async () => {
    const answer = await readConfig(configDir("for (;;) {}"), { deadlineMs: 300 });

    expect(answer).toMatchObject({
      type: "refused",
      problems: [
        {
          message:
            'Cannot import "flows.config.ts": it did not come to an end within 300ms; look for a loop or an await at its top level, or give it longer by TOCSIN_CONFIG_DEADLINE',
        },
      ],
    });
  });

  test("survives a config that exits or leaves an error behind", async () => {
    const exits = await problemsOf("process.exit(3);");
    const leaves = await problemsOf(
      "Promise.reject(new Error('nobody cares')); await new Promise(() => {});",
    );

    expect(exits[0]?.message).toContain("called process.exit(3)");
    expect(leaves[0]?.message).toContain("nobody cares");
  });

  test("says that a file is not there", async () => {
    const answer = await readConfig("/nowhere/flows.config.ts");

    expect(answer).toEqual({
      type: "refused",
      problems: [
        {
          path: "",
          message:
            'Cannot read config "/nowhere/flows.config.ts": there is no such file; make one with: tocsin init',
        },
      ],
    });
  });
});
