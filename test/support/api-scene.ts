import { createServer } from "node:net";
import type { RunView } from "../../src/domain/run-view.ts";
import { configText } from "./configs.ts";
import { aScene, isOver, type Scene, type TestDaemon } from "./daemon.ts";
import { until } from "./until.ts";

/** A daemon that has something to answer to everything that the API can be asked. */
export interface ApiScene extends AsyncDisposable {
  readonly scene: Scene;
  readonly daemon: TestDaemon;
  readonly runs: Readonly<Record<"good" | "bad" | "asks" | "parent" | "slow", RunView>>;
  /** The id of a delivery that was given up. */
  readonly dead: string;
  readonly config: string;
}

export const SECRET = "xoxb-very-secret-value-of-a-block";

const codeOf = (deadPort: number) => `
const step = task({ name: "step", persist: true, run: (n) => n * 2 });
const fragile = task({ name: "fragile", run: () => { throw new Error("no luck", { cause: new Error("deep down") }); } });
const good = flow({
  name: "good", description: "Does what it should", tags: ["nice"], overlap: "allow", concurrency: 20,
  schedules: [{ key: "nightly", cron: "30 2 * * *", timezone: "Europe/Vienna" }, { key: "often", every: "6h", jitter: "5m" }, { key: "rests", cron: "0 0 * * *", paused: true }],
  parameters: v.object({ n: v.optional(v.number()) }),
  onCompletion: [hook({ name: "note", run: ({ log }) => { log.info("noted"); } })],
  run: async ({ n }, { log }) => { log.info("begins"); log.warn("careful"); return { twice: await step(n ?? 1) }; },
});
const bad = flow({
  name: "bad", retries: 1, retryDelay: 0, overlap: "allow", isolation: "process", memoryLimit: "512MiB",
  onFailure: [webhook({ name: "dead", url: "http://127.0.0.1:${deadPort}", retry: [] }), hook({ name: "calm", retry: [], dedupe: { within: "1h", by: "flow" }, rateLimit: { max: 5, per: "1h" }, run: () => {} })],
  run: async () => { await fragile(); },
});
const asks = flow({ name: "asks", overlap: "allow", run: async () => await pause({ message: "may I?", timeout: "2d", schema: v.object({ ok: v.boolean() }) }) });
const slow = flow({ name: "slow", timeout: "1h", grace: "1s", run: async (_, { signal }) => { await new Promise((done) => signal.addEventListener("abort", done)); signal.throwIfAborted(); } });
const busy = flow({ name: "busy", schedule: { every: "1s" }, overlap: "skip", onSkipped: [hook({ name: "skipped", run: () => {} })], run: async (_, { signal }) => { await new Promise((done) => signal.addEventListener("abort", done)); } });
const parent = flow({ name: "parent", overlap: "allow", run: async () => await good({ n: 4 }) });
const quick = flow({ name: "quick", overlap: "queue-all", run: () => {} });
`;
const IMPORT = `import { pause } from "tocsin";\n`;
const FLOWS = ["good", "bad", "asks", "slow", "busy", "parent", "quick"];

export async function anApiScene(env: Readonly<Record<string, string>> = {}): Promise<ApiScene> {
  const config = IMPORT + configText({ code: codeOf(await closedPort()), flows: FLOWS });
  const scene = await aScene(config);
  const daemon = await scene.serve({ args: ["--no-watch"], env });
  const over = async (flow: string) => daemon.untilRun((await daemon.trigger(flow)).id, isOver);
  const [good, bad, parent] = await Promise.all([over("good"), over("bad"), over("parent")]);
  const begun = await Promise.all([daemon.trigger("asks"), daemon.trigger("slow")]);
  const [asks, slow] = await Promise.all([
    daemon.untilRun(begun[0].id, ({ state }) => state.type === "PAUSED"),
    daemon.untilRun(begun[1].id, ({ state }) => state.type === "RUNNING"),
  ]);
  const dead = await until(
    "a delivery is dead",
    async () => (await daemon.deliveries(bad.id)).find(({ status }) => status === "dead")?.id,
    daemon,
  );
  await until("a due time was skipped", () => hasDecision(daemon), daemon);
  return {
    ...{ scene, daemon, dead, config, runs: { good, bad, asks, parent, slow } },
    [Symbol.asyncDispose]: () => scene[Symbol.asyncDispose](),
  };
}

async function hasDecision(daemon: TestDaemon): Promise<boolean> {
  const { items } = await daemon.json<{ items: readonly unknown[] }>("/api/decisions?flow=busy");
  return items.length > 0;
}

/** A port that nobody listens on. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  return typeof address === "object" && address !== null ? address.port : 0;
}
