import { describe, expect, test } from "bun:test";
import type { ConfigProblem } from "../../src/domain/flow.ts";
import { siteOfFrame } from "../../src/sdk/definition-site.ts";
import { readConfig } from "../../src/threads/read-config.ts";
import { configDir } from "./support/config-dir.ts";

const END = `
export default defineConfig({ flows: [flow({ name: "x", onFailure: [told], run: () => 1 })] });`;

async function problemsOf(config: string): Promise<readonly ConfigProblem[]> {
  const answer = await readConfig(
    configDir(`import { defineConfig, flow, hook } from "tocsin";\n${config}`),
  );
  return answer.type === "refused" ? answer.problems : [];
}

describe("a config that imports what there is not", () => {
  test("is told which shipped hook was meant, and which there are", async () => {
    const [problem] = await problemsOf(`import { slack as told } from "tocsin/hooks/slak";${END}`);

    expect(problem?.at).toStartWith("flows.config.ts:2:");
    expect(problem?.message).toStartWith(
      'Cannot import "flows.config.ts": there is no "tocsin/hooks/slak"; did you mean "tocsin/hooks/slack"? there is "tocsin", and under "tocsin/hooks/" there are ',
    );
    expect(problem?.message).toMatch(/ slack, .*webhook/);
  });

  test("is told so of other folders of ours too", async () => {
    const [problem] = await problemsOf(`import { slack as told } from "tocsin/hook/slack";${END}`);

    expect(problem?.message).toContain('did you mean "tocsin/hooks/slack"?');
  });
});

describe("a config that imports a name that a module does not give", () => {
  test("is told where", async () => {
    const [ours] = await problemsOf(`import { slak as told } from "tocsin/hooks/slack";${END}`);

    expect(ours?.at).toBe("flows.config.ts:2:10");
    expect(ours?.message).toBe(
      "Cannot import \"flows.config.ts\": Export named 'slak' not found in module 'tocsin/hooks/slack'",
    );
  });
});

describe("a wrong option of a hook", () => {
  test("is located where the config makes the hook, also where a shipped one does", async () => {
    const problems = await problemsOf(`import { slack } from "tocsin/hooks/slack";
const told =
  slack({ webhook: "https://example.org", timeout: "soon", onn: 1 } as never);${END}`);

    expect(problems.map(({ at, path }) => [at, path])).toEqual([
      ["flows.config.ts:4:3", "flows[0].onFailure[0].onn"],
      ["flows.config.ts:4:3", "flows[0].onFailure[0].timeout"],
    ]);
  });

  test("is located there also when the shipped hook itself refuses it", async () => {
    const [problem] = await problemsOf(`import { slack } from "tocsin/hooks/slack";
const told = slack({ webhook: 7 } as never);${END}`);

    expect(problem?.at).toBe("flows.config.ts:3:14");
  });

  test.each([
    ["onFail", "onFailure"],
    ["onfailure", "onFailure"],
    ["failed", "onFailure"],
    ["onCompleted", "onCompletion"],
    ["crashed", "onCrashed"],
  ])("of a moment %s names the word, and the moment that was meant", async (word, meant) => {
    const listed = await problemsOf(
      `const told = hook({ on: ["onRetry", "${word}"], run: () => {} } as never);${END}`,
    );
    const alone = await problemsOf(
      `const told = hook({ on: "${word}", run: () => {} } as never);${END}`,
    );

    expect(listed[0]?.message).toContain(`on[1] is "${word}", expected one of "onRunning", `);
    expect(listed[0]?.message).toEndWith(`; did you mean "${meant}"?`);
    expect(alone[0]?.message).toContain(`on is "${word}", expected one of "onRunning", `);
  });

  test("of a moment that is like none lists them", async () => {
    const [problem] = await problemsOf(
      `const told = hook({ on: [7, "whenever it rains"], run: () => {} } as never);${END}`,
    );

    expect(problem?.message).toContain("on[0] is 7, expected one of");
    expect(problem?.message).not.toContain("did you mean");
  });
});

test("what a config writes while it is read is told once", async () => {
  const written: string[] = [];
  const config = configDir(
    `import { defineConfig } from "tocsin"; console.log("read"); export default defineConfig({ flows: [] });`,
  );

  await readConfig(config, { onOutput: (lines) => written.push(...lines.map(({ text }) => text)) });

  expect(written).toEqual(["read"]);
});

test.each([
  ["    at boom (/srv/flows.config.ts:5:13)", "/srv/flows.config.ts"],
  ["    at async /srv/a (b)/flows.config.ts:5:13", "/srv/a (b)/flows.config.ts"],
  ["    at async x (file:///srv/flows.config.ts:5:13)", "/srv/flows.config.ts"],
  ["    at D (hooks/receiver/text-of.ts:5:13)", undefined],
  ["    at hooks/slack.ts:5:13", undefined],
])("of the frame %s the place is %s", (frame, file) => {
  const site = siteOfFrame(frame);

  expect(site).toEqual(file === undefined ? undefined : { file, line: 5, column: 13 });
});
