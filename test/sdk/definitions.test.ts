import { describe, expect, test } from "bun:test";
import type { Json } from "../../src/domain/json.ts";
import { siteOfFrame } from "../../src/sdk/definition-site.ts";
import {
  block,
  blocks,
  client,
  defineConfig,
  flow,
  HookRejection,
  hook,
  log,
  pause,
  runtime,
  task,
  v,
} from "../../src/sdk/mod.ts";
import { type Scope, withinScope } from "../../src/sdk/scope.ts";

function scopeWith(part: Partial<Scope> = {}): Scope {
  const flowRun = {
    id: "r",
    name: "brave-otter",
    flow: "f",
    attempt: 2,
    parameters: {},
    tags: [],
    createdAt: "",
    generation: 1,
  };
  const signal = new AbortController().signal;
  return { owner: { post: 1 }, flowRun, signal, write() {}, request: async () => null, ...part };
}

describe("flow()", () => {
  test("keeps its options, and where it was written", () => {
    const report = flow({ name: "report", run: () => 1 });

    expect(report).toMatchObject({ kind: "flow", name: "report" });
    expect(report.definedAt?.file).toEndWith("definitions.test.ts");
    expect(report.definedAt?.line).toBeGreaterThan(1);
  });

  test("infers what its body is given from the schema of its parameters", () => {
    const schema = v.object({ day: v.optional(v.string()), count: v.number() });
    const report = flow({
      name: "report",
      parameters: schema,
      run: ({ day, count }) => {
        const text: string | undefined = day;
        const number: number = count;
        return [text, number];
      },
    });

    expect(report.options.parameters).toBe(schema as never);
  });

  test("takes hooks as options and afterwards, in order", () => {
    const first = () => {};
    const second = hook({ name: "second", run() {} });
    const third = () => {};
    const report = flow({ name: "report", run() {}, onFailure: first })
      .onFailure(second, third)
      .onCrashed(first);

    expect(report.hooks.map(({ moment, path }) => `${moment} ${path}`)).toEqual([
      "onFailure onFailure",
      "onFailure onFailure[1]",
      "onFailure onFailure[2]",
      "onCrashed onCrashed[0]",
    ]);
    expect(report.hooks.map(({ value }) => value)).toEqual([first, second, third, first]);
  });
});

describe("a flow called as a function", () => {
  const report = flow({
    name: "report",
    parameters: v.object({ day: v.string(), rows: v.optional(v.number()) }),
    run: async ({ day }) => day.length,
  });
  const plain = flow({ name: "plain", run: () => "done" });

  test("is a child of the run that calls it, with types of its parameters and result", async () => {
    const calls: unknown[] = [];
    const scope = scopeWith({
      runChild: async (name, parameters) => {
        calls.push(name, parameters);
        return 3;
      },
    });
    const length: number = await withinScope(scope, () => report({ day: "mon" }));
    await withinScope(scope, () => plain());

    expect(length).toBe(3);
    expect(calls).toEqual(["report", { day: "mon" }, "plain", {}]);
    // @ts-expect-error a day is a text
    await withinScope(scope, () => report({ day: 3 }));
    // @ts-expect-error report has parameters that must be given
    await withinScope(scope, () => report());
  });

  test("says outside a run, and in a hook, that it cannot", () => {
    const owner = { deliveryId: "d" as never };

    expect(plain()).rejects.toThrow(
      'Cannot run flow "plain" as a child: it is called outside every run; call it in a flow',
    );
    expect(withinScope(scopeWith({ owner }), () => plain())).rejects.toThrow(
      'Cannot run flow "plain" as a child: it is called from a hook; use client.trigger there',
    );
  });
});

test("client and pause() say what they cannot, first of all outside a run", () => {
  expect(client.trigger("report")).rejects.toThrow(
    'Cannot trigger flow "report": this code is called neither from a run nor from a hook',
  );
  for (const at of ["2027-02-30T08:00:00Z", "2027-02-01T08:00:00", new Date(Number.NaN)]) {
    expect(client.trigger("report", { at })).rejects.toThrow(
      `Cannot trigger flow "report": at is "${String(at)}", expected ISO 8601 with Z or an offset`,
    );
  }
  expect(client.runs.find("x")).rejects.toThrow('Cannot find run "x"');
  expect(pause()).rejects.toThrow("Cannot pause: this code is not called from a run");
});

describe("task()", () => {
  const double = task({ name: "double", run: (n: number) => n * 2 });

  test("just calls its function outside a run", async () => {
    const doubled: number = await double(4);

    expect(doubled).toBe(8);
  });

  test("hands its call to the run that it is made in", async () => {
    const calls: unknown[] = [];
    const scope = scopeWith({
      callTask: async (definition, args) => {
        calls.push(definition.name, args);
        return 9;
      },
    });

    expect(await withinScope(scope, () => double(4))).toBe(9);
    expect(calls).toEqual(["double", [4]]);
  });
});

describe("runtime, log and blocks", () => {
  test("find the run that the code belongs to, across awaits", async () => {
    const name = await withinScope(scopeWith(), async () => {
      await Promise.resolve();
      return runtime.flowRun.name;
    });

    expect(name).toBe("brave-otter");
    expect(() => runtime.flowRun).toThrow('Cannot read "runtime.flowRun"');
    expect(runtime.taskRun).toBeUndefined();
    expect(runtime.signal.aborted).toBe(false);
  });

  test("write lines with their level", () => {
    const lines: string[] = [];
    const scope = scopeWith({ write: (level, text) => void lines.push(`${level} ${text}`) });
    withinScope(scope, () => {
      log("one", { a: 1 });
      log.error("two");
    });

    expect(lines).toEqual(["info one { a: 1 }", "error two"]);
  });

  test("ask the main thread for blocks, and cannot outside a run", async () => {
    const asked: unknown[] = [];
    const scope = scopeWith({
      request: async (request): Promise<Json> => {
        asked.push(request);
        return "value";
      },
    });
    const loaded = await withinScope(scope, async () => {
      await blocks.save("string", "x", "v", { overwrite: true });
      await blocks.delete("string/x");
      return [await blocks.load("string/x"), await block("json/y").load()];
    });

    expect(loaded).toEqual(["value", "value"]);
    expect(asked).toEqual([
      { kind: "block-save", type: "string", name: "x", value: "v", overwrite: true },
      { kind: "block-delete", reference: "string/x" },
      { kind: "block-load", reference: "string/x" },
      { kind: "block-load", reference: "json/y" },
    ]);
    expect(blocks.load("string/x")).rejects.toThrow(
      'Cannot load block "string/x": this code is called neither',
    );
  });
});

test("defineConfig() and HookRejection keep what they are given", () => {
  const config = defineConfig({ flows: [], threads: 3 });
  const rejection = new HookRejection("busy", { retryAfterMs: 5, cause: "why" });

  expect(config).toMatchObject({ kind: "config", options: { threads: 3 } });
  expect(rejection).toMatchObject({
    name: "HookRejection",
    message: "busy",
    retryAfterMs: 5,
    cause: "why",
  });
});

test("siteOfFrame() reads the frames of bun and deno", () => {
  const site = { file: "/srv/flows.config.ts", line: 5, column: 13 };

  expect(siteOfFrame("    at boom (/srv/flows.config.ts:5:13)")).toEqual(site);
  expect(siteOfFrame("    at /srv/flows.config.ts:5:13")).toEqual(site);
  expect(siteOfFrame("    at async file:///srv/flows.config.ts:5:13")).toEqual(site);
  expect(siteOfFrame("    at native")).toBeUndefined();
});
