import { describe, expect, test } from "bun:test";
import type { Json } from "../../src/domain/json.ts";
import type { ThreadRequest } from "../../src/domain/thread-request.ts";
import { blocks, blockType, defineConfig, v } from "../../src/sdk/mod.ts";
import { type Scope, withinScope } from "../../src/sdk/scope.ts";

const postgres = blockType({
  name: "postgres",
  schema: v.object({
    host: v.string(),
    password: v.string(),
    port: v.optional(v.number(), 5432),
  }),
});

/** Runs `body` as a flow would, over a daemon that keeps what it is asked and answers `value`. */
async function inFlow<Answer>(body: () => Promise<Answer>, value: Json = null) {
  const asked: ThreadRequest[] = [];
  const scope: Scope = {
    owner: { post: 1 },
    signal: new AbortController().signal,
    flowRun: {
      ...{ id: "1", name: "brave-otter", flow: "report", attempt: 1, parameters: {}, tags: [] },
      ...{ createdAt: "2026-01-31T12:00:00Z", generation: 1 },
    },
    write() {},
    async request(request) {
      asked.push(request);
      return value;
    },
  };
  return { answer: await withinScope(scope, body), asked };
}

describe("a type of blocks", () => {
  test("loads what its schema makes of the value, with its types", async () => {
    const { answer, asked } = await inFlow(
      async () => {
        const { host, port } = await postgres.load("main");
        // Would not compile if they were of other types.
        return `${host.toUpperCase()}:${port.toFixed(0)}`;
      },
      { host: "db", password: "p4ss-word" },
    );

    expect(answer).toBe("DB:5432");
    expect(asked).toEqual([{ kind: "block-load", reference: "postgres/main" }]);
  });

  test("refuses a value that does not fit, and does not repeat it", async () => {
    const refusal = await inFlow(async () => {
      // @ts-expect-error: a password is a text
      await postgres.save("main", { host: "db", password: 47114711 });
    }).catch((error: Error) => error.message);

    expect(refusal).toBe(
      'Cannot save block "postgres/main": its value does not fit: password: Invalid type: Expected string',
    );
  });

  test("says that it has judged what it saves, also by its name", async () => {
    const value = { host: "db", password: "p4ss-word" };
    const { asked } = await inFlow(async () => {
      await postgres.save("main", value, { overwrite: true });
      await blocks.save("postgres", "other", value);
      await blocks.save("json", "plain", value);
    });

    const save = { kind: "block-save", value } as const;
    expect(asked).toEqual([
      { ...save, type: "postgres", name: "main", overwrite: true, checked: true },
      { ...save, type: "postgres", name: "other", overwrite: false, checked: true },
      { ...save, type: "json", name: "plain", overwrite: false },
    ]);
  });

  test("does not hand out a value that fits it no more", async () => {
    const refusal = await inFlow(() => postgres.load("main"), { host: "canary" }).catch(
      (error: Error) => error.message,
    );

    expect(refusal).toStartWith(
      'Cannot load block "postgres/main": its value does not fit its type any more: password: ',
    );
    expect(refusal).not.toContain("canary");
  });

  test("refers to its blocks for hooks, and is listed in the config", () => {
    expect(postgres.block("main").reference).toBe("postgres/main");
    expect(defineConfig({ flows: [], blockTypes: [postgres] }).options.blockTypes).toHaveLength(1);
  });
});
