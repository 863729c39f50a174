import { afterEach, describe, expect, test } from "bun:test";
import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Generation } from "../../src/domain/flow.ts";
import { readConfig } from "../../src/threads/read-config.ts";
import { configDir } from "./support/config-dir.ts";
import { generationOf, poolWith } from "./support/pool-with.ts";

const CONFIG = `import { defineConfig, flow } from "tocsin";
import data, { day } from "./data.json";
import marked from "./data.json" with { type: "json" };
import query from "./query.sql" with { type: "text" };
import common, { named } from "./common.cjs";
import { answer, fails, ready } from "./lib/answer.ts";
const required = require("./data.json");
const all = () => [data.day, day, marked.day, required.day, query, common.twice(4), named, answer(), ready];
export default defineConfig({ flows: [
  flow({ name: "all", run: all }),
  flow({ name: "fails", run: () => { fails(); } }),
  flow({ name: "common-fails", run: () => common.fails() }),
  flow({ name: "exits", run: () => process.exit(3) }),
  flow({ name: "where", run: () => [import.meta.url, import.meta.dirname] }),
  flow({ name: "lazy", run: async () => (await import("./lazy.ts")).text }),
] });
`;
const FILES = {
  "data.json": '{ "day": "mon" }',
  "query.sql": "select 1",
  "common.cjs": `const { deep } = require("./deep.cjs");
exports.named = deep();
exports.twice = (n) => n * 2;
exports.fails = () => { throw new Error("from common"); };
`,
  "deep.cjs": `const common = require("./common.cjs");
exports.deep = () => typeof common + __filename.slice(-8);
`,
  "lib/answer.ts": `import { circle } from "./circle.ts";
interface Shape {
  readonly side: number;
}
type Maybe = Shape | undefined;

export const ready = await Promise.resolve("ready");
export const base = () => 40;
export const answer = () => circle() + 2;
export function fails(shape?: Maybe): never {
  throw new Error("on line 11" + (shape ?? ""));
}
`,
  "lib/circle.ts":
    'import { base } from "./answer.ts"; export const circle = (): number => base();',
  "lazy.ts": 'export const text = "lazy";',
};
const ALL = '["mon","mon","mon","mon","select 1",8,"objectdeep.cjs",42,"ready"]';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

async function accept(configPath: string): Promise<Generation> {
  const answer = await readConfig(configPath);
  if (answer.type === "refused") throw new Error(JSON.stringify(answer.problems));
  return { ...generationOf(configPath), manifest: answer.manifest, sources: answer.sources };
}

/** A pool whose threads all start after the config was accepted. */
async function accepted(configPath: string) {
  const generation = await accept(configPath);
  const made = poolWith("", { newest: () => generation });
  stops.push(() => made.executor.stop(0));
  const stackOf = async (flow: string) => {
    const { outcome } = await made.perform(flow);
    return outcome.type === "failed" ? outcome.error.stack : JSON.stringify(outcome);
  };
  return { ...made, generation, stackOf };
}

function breakAll(configPath: string): void {
  const dir = dirname(configPath);
  for (const name of readdirSync(dir, { recursive: true, encoding: "utf8" })) {
    if (/\.\w+$/.test(name)) writeFileSync(join(dir, name), "} broken");
  }
}

describe("a generation", () => {
  test("goes on as it was accepted when every file is broken on disk", async () => {
    const configPath = configDir(CONFIG, FILES);
    const { perform, generation } = await accepted(configPath);
    breakAll(configPath);

    expect((await perform("all")).outcome).toMatchObject({ result: ALL as never });
    expect((await perform("exits")).outcome).toMatchObject({ type: "crashed" });
    expect((await perform("all")).outcome).toMatchObject({ result: ALL as never });
    expect(
      Object.values(generation.sources.files)
        .map(({ kind }) => kind)
        .toSorted(),
    ).toEqual(["commonjs", "commonjs", "json", "module", "module", "module", "text"]);
  });

  test("runs no edit that was not accepted, however valid", async () => {
    const configPath = configDir(CONFIG, FILES);
    const { perform } = await accepted(configPath);
    writeFileSync(configPath, CONFIG.replace("run: all", 'run: () => "edited"'));
    writeFileSync(join(dirname(configPath), "data.json"), '{ "day": "tue" }');
    writeFileSync(join(dirname(configPath), "common.cjs"), "exports.twice = () => 0;");

    expect((await perform("all")).outcome).toMatchObject({ result: ALL as never });
  });

  test("takes the edit once it is accepted", async () => {
    const configPath = configDir(CONFIG, FILES);
    await accepted(configPath);
    writeFileSync(join(dirname(configPath), "data.json"), '{ "day": "tue" }');
    const { perform } = await accepted(configPath);

    expect((await perform("all")).outcome).toMatchObject({
      result: ALL.replaceAll("mon", "tue") as never,
    });
  });

  test("names file and line of an error, as they were", async () => {
    const configPath = configDir(CONFIG, FILES);
    const dir = dirname(configPath);
    const { stackOf, perform } = await accepted(configPath);
    const whole = await stackOf("common-fails");
    breakAll(configPath);
    await perform("exits");

    expect(await stackOf("fails")).toContain(`${dir}/lib/answer.ts:11:`);
    expect(await stackOf("fails")).toContain(`${dir}/flows.config.ts:11:`);
    expect(whole).toContain(`${dir}/common.cjs:4:`);
    expect(await stackOf("common-fails")).toContain(`${dir}/common.cjs:4:`);
    expect((await perform("where")).outcome).toMatchObject({
      result: JSON.stringify([`file://${configPath}`, dir]) as never,
    });
  });

  test("imports from disk what was not imported when it was accepted", async () => {
    const configPath = configDir(CONFIG, FILES);
    const { perform } = await accepted(configPath);
    writeFileSync(join(dirname(configPath), "lazy.ts"), 'export const text = "newer";');

    expect((await perform("lazy")).outcome).toMatchObject({ result: '"newer"' as never });
  });

  test("goes on when the link that leads to it is turned to another", async () => {
    const configPath = configDir(CONFIG, FILES);
    const dir = dirname(configPath);
    const other = dirname(configDir("export default 3;"));
    mkdirSync(join(dir, "links"));
    symlinkSync(dir, join(dir, "links", "current"));
    const { perform } = await accepted(join(dir, "links", "current", "flows.config.ts"));
    rmSync(join(dir, "links", "current"));
    symlinkSync(other, join(dir, "links", "current"));

    expect((await perform("all")).outcome).toMatchObject({ result: ALL as never });
  });

  test("goes on when its files are gone", async () => {
    const configPath = configDir(CONFIG, FILES);
    const { perform } = await accepted(configPath);
    rmSync(dirname(configPath), { recursive: true });

    expect((await perform("all")).outcome).toMatchObject({ result: ALL as never });
  });

  test("is refused when its files are too large to keep", async () => {
    const configPath = configDir(
      'import text from "./large.txt" with { type: "text" }; import { defineConfig } from "tocsin"; void text; export default defineConfig({ flows: [] });',
      { "large.txt": "x".repeat(33 * 2 ** 20 - 9_999) },
    );

    expect(await readConfig(configPath)).toMatchObject({
      problems: [{ message: expect.stringContaining("33 MiB together, expected at most 32 MiB") }],
    });
  });
});
