import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KeptResult } from "../../src/domain/executor.ts";
import type { Json } from "../../src/domain/json.ts";
import type { ThreadRequest } from "../../src/domain/thread-request.ts";
import { readConfig } from "../../src/threads/read-config.ts";
import { compiled, withTypes } from "../support/compiled.ts";
import type { AddOptions } from "../threads/support/memory-ledger.ts";
import { poolWith } from "../threads/support/pool-with.ts";

const PAPER = readFileSync("docs/flows.md", "utf8");
const EXAMPLES = new Map(
  [...PAPER.matchAll(/^## (.+)\n\n```ts\n([\s\S]*?)^```$/gm)].map(([, title = "", code = ""]) => [
    title,
    code,
  ]),
);

const folder = mkdtempSync(join(tmpdir(), "tocsin-flows-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function perform(flow: string, options: AddOptions & { title: string }) {
  const made = poolWith(EXAMPLES.get(options.title) ?? "", {
    answerRequest: async (asked) => answer(asked),
  });
  const offer = made.start(flow, options);
  const { outcome } = await made.ledger.end(offer);
  const steps = made.ledger.steps(offer.runId);
  await made.executor.stop(0);
  return { outcome, steps };
}

function answer({ kind }: ThreadRequest): Json {
  if (kind === "cache-load") return { found: false };
  if (kind !== "child-run") return null;
  return { run: { state: { type: "COMPLETED" } }, result: { day: "mon", rows: 3 } };
}

describe("docs/flows.md", () => {
  test("has one example per chapter, and each is a config that is accepted", async () => {
    expect(EXAMPLES.size).toBe(PAPER.match(/^## /gm)?.length ?? 0);
    for (const code of EXAMPLES.values()) {
      const path = join(folder, "flows.config.ts");
      writeFileSync(path, code);
      expect(await readConfig(path)).toMatchObject({ type: "accepted" });
    }
  });

  test("its examples satisfy the compiler with the types that a config is given", () => {
    const { output, exitCode } = compiled([...EXAMPLES.values()].map(withTypes));

    expect(output).toBe("");
    expect(exitCode).toBe(0);
  }, 60_000);

  const RESULTS = [
    ["Parameters", "report", '{"day":"2026-01-01","rows":100}'],
    ["Tasks and retries", "sync", "[3,7]"],
    ["Not doing work often: cache", "prices", "6"],
    ["Fanning out: map", "inventory", "[1,2,3]"],
    ["Child flows", "week", "3"],
    ["Limits and isolation", "heavy", '"done"'],
  ] as const;
  for (const [title, flow, result] of RESULTS) {
    test(`the flow "${flow}" completes`, async () => {
      expect((await perform(flow, { title })).outcome).toMatchObject({ type: "completed", result });
    });
  }

  test('the flow "billing" charges once, though its first attempt fails', async () => {
    const title = "Not doing work twice: persist";
    const first = await perform("billing", { title });
    const kept: readonly KeptResult[] = first.steps.flatMap(({ after }) =>
      after.keep === undefined || after.result === undefined
        ? []
        : [{ task: after.task, call: after.call, key: after.keep, result: after.result }],
    );
    const second = await perform("billing", { title, attempt: 2, kept });

    expect(first.outcome).toMatchObject({ message: 'task "mail": no mail for ada yet' });
    expect(second.outcome).toMatchObject({ type: "completed", result: "36" });
    expect(second.steps.map(({ after }) => `${after.task} ${after.state.name}`)).toContain(
      "charge Cached",
    );
  });

  test('the flow "release" asks, and goes on with the answer', async () => {
    const title = "Waiting for a person: pause";
    const asked = await perform("release", { title });
    const resumed = await perform("release", { title, resumed: [{ approved: true }] });

    expect(asked.outcome).toMatchObject({ type: "paused", message: "ship v7?", call: 0 });
    expect(resumed.outcome).toMatchObject({ result: '"v7"' });
  });
});
