import { describe, expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import type { Json } from "../../src/domain/json.ts";
import { checkBlockValue } from "../../src/threads/check-block.ts";
import { readConfig } from "../../src/threads/read-config.ts";
import { configDir } from "./support/config-dir.ts";

const POSTGRES = `import { blockType, defineConfig, v } from "tocsin";
const postgres = blockType({ name: "postgres", schema: v.object({ host: v.string(), port: v.optional(v.number(), 5432) }) });
const region = blockType({ name: "region", secret: false, schema: v.picklist(["eu", "us"]) });
export default defineConfig({ flows: [], blockTypes: [postgres, region] });
`;

async function generationOf(config: string) {
  const configPath = configDir(config);
  const answer = await readConfig(configPath);
  if (answer.type === "refused") throw new Error(JSON.stringify(answer.problems, null, 2));
  return { configPath, ...answer };
}

async function problemsOf(blockTypes: string) {
  const config = `import { blockType, defineConfig, v } from "tocsin";
export default defineConfig({ flows: [], blockTypes: ${blockTypes} });
`;
  const answer = await readConfig(configDir(config));
  return answer.type === "refused" ? answer.problems.map(({ message }) => message) : [];
}

test("the config in docs/blocks.md is accepted", async () => {
  const paper = await readFile("docs/blocks.md", "utf8");
  const configs = [...paper.matchAll(/```ts\n([\s\S]*?)```/g)]
    .map(([, code = ""]) => code)
    .filter((code) => code.includes("export default"));

  expect(configs).toHaveLength(1);
  const { manifest } = await generationOf(configs[0] ?? "");
  expect(manifest.blockTypes).toMatchObject([{ name: "postgres", secret: true }]);
});

describe("types of blocks in a config", () => {
  test("are answered as data: secret unless it says otherwise, with their JSON Schema", async () => {
    const { manifest } = await generationOf(POSTGRES);

    expect(manifest.blockTypes).toMatchObject([
      { name: "postgres", secret: true, schema: { type: "object", required: ["host"] } },
      { name: "region", secret: false, schema: { enum: ["eu", "us"] } },
    ]);
  });

  test.each([
    [
      `[5]`,
      "Cannot read config: blockTypes[0] is 5, expected a type made by blockType({ name, schema })",
    ],
    [
      `[blockType({ name: "Upper Case", schema: v.string() })]`,
      'Cannot read block type "Upper Case": name is "Upper Case", expected a name made of a-z',
    ],
    [
      `[blockType({ name: "x", schema: 5 as never })]`,
      'Cannot read block type "x": schema is 5, expected a schema, such as v.object(',
    ],
    [
      `[blockType({ name: "secret", schema: v.string() })]`,
      'Cannot read block type "secret": there is a type of this name already',
    ],
    [
      `[blockType({ name: "x", schema: v.string() }), blockType({ name: "x", schema: v.string() })]`,
      'Cannot read block type "x": there is a type of this name already',
    ],
    [
      `[blockType({ name: "x", schema: v.string(), secert: false } as never)]`,
      'Cannot read block type "x": there is no option "secert"; did you mean "secret"?',
    ],
  ])("%s is refused", async (listed, message) => {
    const problems = await problemsOf(listed);

    expect(problems).toHaveLength(1);
    expect(problems[0]).toStartWith(message);
  });
});

describe("a value", () => {
  test.each<[string, Json, string | undefined]>([
    ["postgres", { host: "db" }, undefined],
    ["postgres", { host: 76543 }, "its value does not fit: host: Invalid type: Expected string"],
    ["postgres", "canary-text", "its value does not fit: Invalid type: Expected Object"],
    ["region", "eu", undefined],
    ["region", "mars", 'its value does not fit: Invalid type: Expected ("eu" | "us")'],
    ["mysql", {}, "the config declares no such type"],
  ])("of type %s, %j, is judged by the schema", async (type, value, problem) => {
    const generation = await generationOf(POSTGRES);

    expect(await checkBlockValue(generation, { type, value })).toBe(problem);
  });

  test.each([
    [
      `v.pipe(v.string(), v.check(() => { throw new Error("canary") }))`,
      "its type's schema failed with Error",
    ],
    [
      `v.pipe(v.string(), v.check(() => process.exit(3)))`,
      "its type's schema called process.exit(3)",
    ],
    [
      `v.pipe(v.string(), v.check((text) => false, ({ input }) => "not " + input))`,
      "its value does not fit: not ‹redacted›",
    ],
    [
      `v.pipeAsync(v.string(), v.checkAsync(async () => false, "no"))`,
      "its value does not fit: no",
    ],
  ])("that %s judges is refused, and is not in the reason", async (schema, problem) => {
    const generation = await generationOf(`import { blockType, defineConfig, v } from "tocsin";
export default defineConfig({ flows: [], blockTypes: [blockType({ name: "x", schema: ${schema} })] });
`);

    expect(await checkBlockValue(generation, { type: "x", value: "canary-text" })).toBe(problem);
  });
});
