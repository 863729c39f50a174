import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Json, JsonObject } from "../../src/domain/json.ts";
import type { ThreadRequest } from "../../src/domain/thread-request.ts";
import { readConfig } from "../../src/threads/read-config.ts";
import { compiled, withTypes } from "../support/compiled.ts";
import type { AddOptions } from "../threads/support/memory-ledger.ts";
import { poolWith } from "../threads/support/pool-with.ts";

/** Which of our examples there are, and what its flows answer: none for one that cannot be run by itself. */
interface Migration {
  readonly paper: string;
  readonly flows: readonly (readonly [
    title: string,
    flow: string,
    result: string,
    options?: AddOptions,
  ])[];
}

const MIGRATIONS: readonly Migration[] = [
  {
    paper: "docs/from-prefect.md",
    flows: [
      ["Flows, tasks and retries", "sync", "3"],
      ["Hooks", "remove-files", '"removed what x left"', { parameters: { run: "x" } }],
      ["Deployments and schedules", "report", '"everything"', { parameters: { full: true } }],
      ["Subflows", "week", "3"],
      ["Waiting for a person", "release", '"shipped"', { resumed: [{ approved: true }] }],
    ],
  },
  {
    paper: "docs/from-bullmq-and-bree.md",
    flows: [
      ["Repeatable jobs", "report", '"what is new"'],
      ["Workers and retries", "welcome", '{"accepted":"a@b"}', { parameters: { to: "a@b" } }],
      ["Workers that are files", "clean-up", '"removed what is older than 30 days"'],
      ["Events", "report", '"done"'],
      ["Parents and children", "sum", "12"],
    ],
  },
];

const stops: (() => Promise<void>)[] = [];
afterAll(async () => {
  await Promise.all(stops.map((stop) => stop()));
});

/** Every example of ours by the chapter that it stands in. */
function examplesOf(paper: string): ReadonlyMap<string, string> {
  const chapters = readFileSync(paper, "utf8").split(/^## /m).slice(1);
  return new Map(
    chapters.flatMap((chapter) => {
      const code = /^```ts\n([\s\S]*?)^```$/m.exec(chapter)?.[1];
      return code === undefined ? [] : [[chapter.slice(0, chapter.indexOf("\n")), code]];
    }),
  );
}

/** Performs a run of an example's flow, with what it asked the daemon for. */
async function perform(config: string, flow: string, options: AddOptions = {}) {
  const asked: ThreadRequest[] = [];
  const { ledger, start, executor } = poolWith(config, {
    answerRequest: async (request) => {
      asked.push(request);
      return answer(request);
    },
  });
  stops.push(() => executor.stop(0));
  const { outcome } = await ledger.end(start(flow, options));
  return { outcome, asked };
}

function answer(request: ThreadRequest): Json {
  if (request.kind === "block-load") return { host: "db.example.org", password: "hidden" };
  if (request.kind !== "child-run") return null;
  const { day, data } = (request.parameters ?? {}) as JsonObject;
  const result = typeof data === "number" ? data * 2 : { day: String(day), rows: 3 };
  return { run: { state: { type: "COMPLETED" } }, result };
}

for (const { paper, flows } of MIGRATIONS) {
  const examples = examplesOf(paper);

  describe(paper, () => {
    test("has examples that are configs which are accepted", async () => {
      const folder = mkdtempSync(join(tmpdir(), "tocsin-migration-"));
      expect(examples.size).toBeGreaterThanOrEqual(flows.length);
      for (const [title, code] of examples) {
        const path = join(folder, "flows.config.ts");
        writeFileSync(path, code);
        expect([title, await readConfig(path)]).toMatchObject([title, { type: "accepted" }]);
      }
    });

    test("has examples that satisfy the compiler with the types that a config is given", () => {
      const { output, exitCode } = compiled([...examples.values()].map(withTypes));

      expect(output).toBe("");
      expect(exitCode).toBe(0);
    }, 60_000);

    for (const [title, flow, result, options] of flows) {
      test(`the flow "${flow}" of "${title}" completes`, async () => {
        const { outcome } = await perform(examples.get(title) ?? "", flow, options);

        expect(outcome).toMatchObject({ type: "completed", result });
      });
    }
  });
}

describe("examples that ask the daemon for something", () => {
  test("load a block of a type of their own", async () => {
    const config = examplesOf("docs/from-prefect.md").get("Blocks") ?? "";
    const { outcome } = await perform(config, "backup");

    expect(outcome).toEqual({ type: "completed" });
  });

  test("trigger a run for later, once for a key", async () => {
    const config = examplesOf("docs/from-bullmq-and-bree.md").get("Workers and retries") ?? "";
    const { asked } = await perform(config, "sign-up", { parameters: { to: "a@b" } });

    expect(asked).toMatchObject([{ kind: "trigger", idempotencyKey: "welcome-a@b" }]);
  });

  test("fail for good where another attempt cannot help", async () => {
    const config = examplesOf("docs/from-bullmq-and-bree.md").get("Workers and retries") ?? "";
    const { outcome } = await perform(config, "welcome", { parameters: { to: "nobody" } });

    expect(outcome).toMatchObject({ type: "failed", final: true });
  });

  test("run a program", async () => {
    const config = examplesOf("docs/from-bullmq-and-bree.md").get("Workers that are files") ?? "";
    const { outcome } = await perform(config, "script");

    expect(outcome).toEqual({ type: "completed" });
  });
});
