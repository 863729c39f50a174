import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { DECLARATIONS_PATH, declarationsOf } from "../../scripts/declarations.ts";

const TSC = [process.execPath, resolve("node_modules/typescript/bin/tsc"), "--noEmit", "--strict"];
const DENO = [resolve("node_modules/.bin/deno"), "check"];
const SLOW = 120_000;

/** A config with everything that is typed by inference, and a wrong line where the types must say so. */
const CONFIG = `/// <reference path="./.tocsin/tocsin.d.ts" />
import { block, blocks, defineConfig, flow, type HookContext, runtime, task, v } from "tocsin";
import { slack } from "tocsin/hooks/slack";

const extract = task({
  name: "extract",
  retries: 3,
  retryDelay: ["1s", "5s", "30s"],
  run: async (day: string, rows?: number) => day.length + (rows ?? 0),
});

export const report = flow({
  name: "nightly-report",
  schedule: { cron: "0 2 * * *", timezone: "Europe/Vienna" },
  parameters: v.object({ day: v.optional(v.pipe(v.string(), v.isoDate())) }),
  retryDelay: "30s",
  onFailure: [slack({ webhook: block("slack-webhook/on-call") })],
  run: async ({ day }, { run, log, signal }) => {
    const given: string | undefined = day;
    const count: number = await extract(given ?? "today");
    log.info(\`\${run.name} \${runtime.flowRun.name}: \${count}, \${signal.aborted}\`);
    await blocks.save("string", "last", String(count), { overwrite: true });
    // @ts-expect-error a day is a text
    const wrong: number = day;
    // @ts-expect-error extract takes a text
    await extract(7);
    if (process.env["CRASH"] === "1") process.exit(1);
    return wrong;
  },
});
report.onFailure((context: HookContext) => console.log(context.run.name, context.state.message));

export default defineConfig({ flows: [report] });
`;

let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tocsin-types-"));
  await mkdir(join(folder, ".tocsin"));
  await writeFile(join(folder, ".tocsin/tocsin.d.ts"), await readFile(DECLARATIONS_PATH, "utf8"));
  await writeFile(join(folder, "flows.config.ts"), CONFIG);
  await writeFile(
    join(folder, "wrong.config.ts"),
    CONFIG.replace('retryDelay: "30s"', "retryDelay: true"),
  );
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

function check(command: readonly string[], file: string): { code: number; output: string } {
  const env = { ...process.env, NO_COLOR: "1" };
  const { exitCode, stdout, stderr } = Bun.spawnSync([...command, file], { cwd: folder, env });
  return { code: exitCode, output: `${stdout}${stderr}` };
}

describe("the types for a config", () => {
  test(
    "are up to date: bun scripts/generate-types.ts writes them",
    async () => {
      const fresh = declarationsOf(process.cwd()).split("\n");
      const kept = (await readFile(DECLARATIONS_PATH, "utf8")).split("\n");
      const unlike = fresh.findIndex((line, index) => line !== kept[index]);

      // Not compared as a whole: the difference of texts this long cannot be read.
      expect(kept[unlike]).toBe(fresh[unlike]);
      expect(kept).toHaveLength(fresh.length);
    },
    SLOW,
  );

  for (const command of [TSC, DENO]) {
    const name = command === TSC ? "tsc --strict" : "deno check";

    test(
      `satisfy ${name} without a tsconfig and node_modules`,
      () => {
        expect(check(command, "flows.config.ts")).toMatchObject({ code: 0 });
      },
      SLOW,
    );

    test(
      `let ${name} find a wrong option`,
      () => {
        const { code, output } = check(command, "wrong.config.ts");

        expect(code).not.toBe(0);
        expect(output).toContain("RetryDelayOption");
      },
      SLOW,
    );
  }
});
