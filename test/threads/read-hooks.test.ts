import { describe, expect, test } from "bun:test";
import type { HookSpec, Manifest } from "../../src/domain/flow.ts";
import { readConfig } from "../../src/threads/read-config.ts";
import { configDir } from "./support/config-dir.ts";

const SCHEDULE = `schedule: { every: "1h" }`;

async function read(config: string, files: Readonly<Record<string, string>> = {}) {
  return await readConfig(
    configDir(`import { defineConfig, flow, hook, task } from "tocsin";\n${config}`, files),
  );
}

async function accepted(...given: Parameters<typeof read>): Promise<Manifest> {
  const answer = await read(...given);
  if (answer.type === "refused") throw new Error(JSON.stringify(answer.problems, null, 2));
  return answer.manifest;
}

async function problemsOf(...given: Parameters<typeof read>): Promise<readonly string[]> {
  const answer = await read(...given);
  return answer.type === "refused" ? answer.problems.map(({ message }) => message) : [];
}

/** The hook that `options` make under onFailure of a flow. */
async function hookOf(options: string): Promise<HookSpec | undefined> {
  const { flows } = await accepted(
    `export default defineConfig({ flows: [flow({ name: "report", onFailure: hook({ ${options}, run() {} }), run() {} })] });`,
  );
  return flows[0]?.hooks[0];
}

describe("the options of a hook", () => {
  test("holdFor, dedupe and rateLimit are read with their defaults", async () => {
    expect(
      await hookOf(`holdFor: "2m", dedupe: "1h", rateLimit: { max: 10, per: "1m" }`),
    ).toMatchObject({
      holdForMs: 120_000,
      dedupe: { withinMs: 3_600_000, by: "flow" },
      rateLimit: { max: 10, perMs: 60_000, excess: "wait" },
    });
    expect(await hookOf(`dedupe: { within: "5m", by: "message" }`)).toMatchObject({
      dedupe: { withinMs: 300_000, by: "message" },
    });
  });

  test("that are wrong are refused, each with what was expected", async () => {
    const problems = await problemsOf(
      `export default defineConfig({ flows: [flow({ name: "report", run() {}, onFailure: [
        hook({ holdFor: "soon", run() {} }),
        hook({ dedupe: { within: "1h", by: "day" }, run() {} }),
        hook({ rateLimit: { max: 0, per: "1m" }, run() {} }),
        hook({ rateLimit: "10/m", run() {} }),
      ] })] });`,
    );

    expect(problems).toEqual([
      'Cannot read flow "report": holdFor is "soon", expected a duration such as "30s", "1h30m" or a number of milliseconds, at most 36500d',
      'Cannot read flow "report": dedupe.by is "day", expected one of "flow", "run", "message"',
      'Cannot read flow "report": rateLimit.max is 0, expected a whole number from 1 to 1000',
      'Cannot read flow "report": rateLimit is "10/m", expected an object such as { max: 10, per: "1m", excess: "drop" }',
    ]);
  });
});

describe("the moments of a flow", () => {
  test("are all options and methods of it", async () => {
    const { flows } = await accepted(
      `const report = flow({ name: "report", ${SCHEDULE}, expectWithin: "10m", lateAfter: "1m",
        onSkipped: ({ decision }) => decision.reason, onRecovered() {}, onRegressed() {}, run() {} });
      report.onMissed(({ decision }) => decision.dueAt).onLate(({ run }) => run.id).onRunningLong(({ run }) => run.id);
      export default defineConfig({ flows: [report] });`,
    );

    expect(flows[0]).toMatchObject({ lateAfterMs: 60_000, expectWithinMs: 600_000 });
    expect(flows[0]?.hooks.flatMap(({ moments }) => moments)).toEqual([
      "onRecovered",
      "onRegressed",
      "onSkipped",
      "onMissed",
      "onLate",
      "onRunningLong",
    ]);
  });

  test("that it can never have are refused", async () => {
    const problems = await problemsOf(
      `export default defineConfig({ flows: [flow({ name: "report", onMissed() {}, onLate() {}, onRunningLong() {}, run() {} })] });`,
    );

    expect(problems).toEqual([
      'Cannot read flow "report": onMissed can never ring: the flow has no schedule',
      'Cannot read flow "report": onLate can never ring: the flow has no schedule',
      'Cannot read flow "report": onRunningLong can never ring: the flow has no expectWithin',
    ]);
  });

  test("that only flows have are refused on tasks", async () => {
    const problems = await problemsOf(
      `const extract = task({ name: "extract", run() {} });
      (extract as any).onLate(() => {});
      task({ name: "load", onRecovered() {}, run() {} } as any);
      export default defineConfig({ flows: [flow({ name: "report", run() {} })] });`,
    );

    expect(problems).toContain(
      'Cannot read task "extract": onLate[0] is for flows; a task never rings it',
    );
    expect(problems.join("\n")).toContain(
      'Cannot read task "load": there is no option "onRecovered"',
    );
  });

  test("that no flow of a hook module has are refused", async () => {
    const module = `import { hook } from "tocsin"; export default hook({ on: ["onMissed", "onRunningLong"], run() {} });`;
    const config = (options: string) =>
      `export default defineConfig({ flows: [flow({ name: "report", ${options} run() {} })], hooks: ["./watch.ts"] });`;

    expect(await problemsOf(config(""), { "watch.ts": module })).toEqual([
      'Cannot read hook module "./watch.ts": no flow that it is for has onMissed or onRunningLong: that needs a schedule, and onRunningLong expectWithin',
    ]);
    expect(await problemsOf(config(`${SCHEDULE},`), { "watch.ts": module })).toEqual([]);
  });
});

describe("hooks of tags", () => {
  test("are read with keys of their own", async () => {
    const { tagHooks } = await accepted(
      `function page() {}
      export default defineConfig({
        flows: [flow({ name: "report", tags: ["prod"], run() {} })],
        tags: { prod: { onFailure: [page, hook({ name: "mail", run() {} })], onRecovered: page } },
      });`,
    );

    expect(tagHooks).toMatchObject([
      {
        tag: "prod",
        hooks: [
          { key: "tag:prod/onFailure/page", moments: ["onFailure"] },
          { key: "tag:prod/onFailure/mail", moments: ["onFailure"] },
          { key: "tag:prod/onRecovered/page", moments: ["onRecovered"] },
        ],
      },
    ]);
  });

  test("of a tag that no flow carries, or that are no hooks, are refused", async () => {
    const problems = await problemsOf(
      `export default defineConfig({
        flows: [flow({ name: "report", tags: ["prod"], run() {} })],
        tags: { prd: { onFailure() {} }, prod: { onFail() {}, onFailure: "page" } },
      } as any);`,
    );

    expect(problems).toEqual([
      'Cannot read tag "prd": no flow carries it, so its hooks can never ring; did you mean "prod"?',
      expect.stringContaining('Cannot read tag "prod": there is no option "onFail"'),
      'Cannot read tag "prod": onFailure is a string, expected a function',
    ]);
  });
});
