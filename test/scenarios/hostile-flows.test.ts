import { expect, test } from "bun:test";
import type { RunView } from "../../src/domain/run-view.ts";
import { configText } from "../support/configs.ts";
import { aScene, isOver, type TestDaemon } from "../support/daemon.ts";
import { until } from "../support/until.ts";

const STORY_MS = 90_000;

interface Hostile {
  readonly flow: string;
  /** The body, as source. */
  readonly body: string;
  /** Further options of the flow, as source. */
  readonly options?: string;
  readonly state: string;
  readonly message: RegExp;
}

const LIMITS = `timeout: "500ms", grace: "100ms"`;

const HOSTILE: readonly Hostile[] = [
  { flow: "endless", body: "for (;;) {}", options: LIMITS, state: "TimedOut", message: /500 ?ms/ },
  {
    flow: "deaf",
    body: "await wait(600_000);",
    options: LIMITS,
    state: "TimedOut",
    message: /500 ?ms/,
  },
  { flow: "exit", body: "process.exit(3);", state: "Crashed", message: /exit.*3/ },
  { flow: "exit-zero", body: "process.exit(0);", state: "Crashed", message: /exit.*0/ },
  {
    flow: "exit-later",
    body: "setTimeout(() => process.exit(0), 20); await wait(600_000);",
    state: "Crashed",
    message: /exit/,
  },
  { flow: "null", body: "throw null;", state: "Failed", message: /null/ },
  { flow: "undefined", body: "throw undefined;", state: "Failed", message: /undefined/ },
  {
    flow: "late",
    body: `setTimeout(() => { throw new Error("too late"); }, 5); await wait(600_000);`,
    state: "Crashed",
    message: /too late/,
  },
  {
    flow: "unawaited",
    body: `void Promise.reject(new Error("nobody waits")); await wait(600_000);`,
    state: "Crashed",
    message: /nobody waits/,
  },
  {
    flow: "deep",
    body: "const dive = (): number => 1 + dive(); return dive();",
    state: "Failed",
    message: /call stack/i,
  },
  {
    flow: "circular",
    body: "const a: { self?: unknown } = {}; a.self = a; return a;",
    state: "Completed",
    message: /JSON|circular|result/i,
  },
  {
    flow: "surrogate",
    body: String.raw`throw new Error("half \ud800 and \u0000 zero");`,
    state: "Failed",
    message: /^half . and .* ?zero$/,
  },
];

test(
  "whatever a flow does, it is said how its run ended, and a good flow completes afterwards",
  async () => {
    await using scene = await aScene(
      configText({
        code: "",
        flows: [
          ...HOSTILE.map(
            ({ flow, body, options = "" }) =>
              `flow({ name: "${flow}", ${options} ${options && ","} run: async () => { ${body} } })`,
          ),
          `flow({ name: "good", run: () => "still here" })`,
        ],
      }),
    );
    const daemon = await scene.serve();

    const started = await Promise.all(HOSTILE.map(({ flow }) => daemon.trigger(flow)));
    expect((await daemon.get("/livez")).text).toBe("ok");
    const ended = await Promise.all(started.map(({ id }) => daemon.untilRun(id, isOver)));

    for (const [index, { flow, state, message }] of HOSTILE.entries()) {
      expect([flow, ended[index]?.state.name]).toEqual([flow, state]);
      expect([flow, ended[index]?.state.message]).toEqual([flow, expect.stringMatching(message)]);
    }
    expect(await good(daemon)).toMatchObject({
      state: { type: "COMPLETED" },
      result: "still here",
    });
    expect((await daemon.status()).threads).toMatchObject({ busy: 0, stuck: 0 });
    expect(await daemon.stop()).toBe(0);
  },
  STORY_MS,
);

test(
  "ten thousand lines, and bytes that no text may hold, are kept and shown",
  async () => {
    const odd = String.raw`console.log("nul \u0000 half \ud800 pair \u{1f514} escape \u001b[31m");`;
    await using scene = await aScene(
      configText({
        code: `
          const many = flow({ name: "many", run: () => { for (let line = 1; line <= 10_000; line += 1) console.log("line " + line); } });
          const odd = flow({ name: "odd", run: () => { ${odd} process.stdout.write(new Uint8Array([255, 254, 10])); } });`,
        flows: ["many", "odd", `flow({ name: "good", run: () => "still here" })`],
      }),
    );
    const daemon = await scene.serve();

    const [many, odder] = [await daemon.trigger("many"), await daemon.trigger("odd")];
    await Promise.all([many, odder].map(({ id }) => daemon.untilRun(id, isOver)));
    const last = `/api/runs/${many.id}/logs?tail=1`;
    const shown = await until(
      "the last line is stored",
      async () => {
        const { items } = await daemon.json<{ items: readonly { text: string }[] }>(last);
        return items[0]?.text === "line 10000";
      },
      daemon,
    );
    const lines = await until(
      "the odd lines are stored",
      async () => {
        const found = await daemon.lines(odder.id);
        return found.length >= 2 ? found : undefined;
      },
      daemon,
    );

    expect(shown).toBe(true);
    expect((await daemon.run(odder.id)).state.type).toBe("COMPLETED");
    expect(lines[0]?.text).toMatch(/^nul .* half . pair 🔔 escape/u);
    expect(lines.map(({ text }) => text.isWellFormed())).toEqual(lines.map(() => true));
    expect((await scene.tocsin(["logs", odder.id, "--server", daemon.url])).code).toBe(0);
    expect((await good(daemon)).state.type).toBe("COMPLETED");
    expect(await daemon.stop()).toBe(0);
  },
  STORY_MS,
);

async function good(daemon: TestDaemon): Promise<RunView> {
  const { id } = await daemon.trigger("good");
  return await daemon.untilRun(id, isOver);
}
