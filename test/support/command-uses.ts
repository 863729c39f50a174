import type { RunView } from "../../src/domain/run-view.ts";
import { configText } from "./configs.ts";
import { aScene, type Ended, isOver, type Scene, type TestDaemon } from "./daemon.ts";

/** A daemon that every command is tried on, with a run of each kind. */
export interface World {
  readonly scene: Scene;
  readonly daemon: TestDaemon;
  /** A run that completed, and one that failed and rang a hook. */
  readonly good: RunView;
  readonly bad: RunView;
  /** A number that was not given before: for names that must be new. */
  fresh(): number;
  ask(...args: readonly string[]): Promise<Ended>;
}

/** How a command is used for real. */
export interface Use {
  /** Its words after the command's own; what must be there before is made. */
  readonly words?: (world: World) => readonly string[] | Promise<readonly string[]>;
  readonly stdin?: string;
  /** What it answers; 0 without it. */
  readonly codes?: readonly number[];
  /** What is on standard output with --json: one document, a list of items, or something else that is no JSON. */
  readonly answer: "document" | "list" | "other";
  /** The exit code where a daemon was named that is not there; 0 for what needs none. */
  readonly named: number;
  /** The exit code in a folder with a store on which no daemon runs. */
  readonly alone: number;
  /** Puts a name in the command's words that is nearly right; what was meant must be said. */
  readonly slip?: (world: World) => { readonly words: readonly string[]; readonly meant: string };
}

export async function aWorld(): Promise<World> {
  const scene = await aScene(CONFIG);
  await scene.write("lib/answer/package.json", '{ "name": "answer", "version": "1.0.0" }');
  const daemon = await scene.serve();
  const [good, bad] = [await daemon.trigger("good"), await daemon.trigger("bad")];
  const ended = await Promise.all([good, bad].map(({ id }) => daemon.untilRun(id, isOver)));
  let count = 0;
  return {
    scene,
    daemon,
    good: ended[0] ?? good,
    bad: ended[1] ?? bad,
    fresh: () => (count += 1),
    ask: (...args) => scene.tocsin(args),
  };
}

const CONFIG = configText({
  code: `
    import { pause } from "tocsin";
    const note = ({ log }) => { log("rung"); };
    const good = flow({ name: "good", overlap: "allow", schedule: { cron: "0 * * * *", timezone: "UTC" },
      run: async (_, { log }) => { log("one line"); return { answer: 42 }; } });
    const bad = flow({ name: "bad", onFailure: note, run: () => { throw new Error("no luck"); } });
    const slow = flow({ name: "slow", grace: "100ms", concurrency: 50, overlap: "allow",
      run: async (_, { signal }) => { await wait(60_000, undefined, { signal }); } });
    const asks = flow({ name: "asks", overlap: "allow", run: async () => { await pause({ name: "approval" }); } });`,
  flows: ["good", "bad", "slow", "asks"],
  // Tokens are made and revoked meanwhile, and the tests ask without one.
  options: 'loopback: "open", shutdownGrace: "100ms"',
});

const DAEMON = { named: 5, alone: 5 } as const;
const RECORDS = { named: 5, alone: 0 } as const;
const ITSELF = { named: 0, alone: 0 } as const;

const flowSlip =
  (...more: readonly string[]) =>
  () => ({ words: ["goood", ...more], meant: "good" });
const runSlip = ({ good }: World) => ({ words: [`${good.name}x`], meant: good.name });

async function runIn({ daemon }: World, flow: string, type: string): Promise<RunView> {
  const { id } = await daemon.trigger(flow);
  return await daemon.untilRun(id, ({ state }) => state.type === type);
}

async function aBackfill({ ask }: World): Promise<string> {
  const { out } = await ask("backfill", "good", "--from", "2d", "--to", "1d", "-y", "--json");
  return (JSON.parse(out) as { readonly id: string }).id;
}

async function aBlock({ ask, fresh }: World): Promise<string> {
  const name = `string/made-${fresh()}`;
  await ask("blocks", "set", name, "@flows.config.ts");
  return name;
}

const MADE = new Map<string, Use>([
  ["init", { words: ({ fresh }) => [`new-${fresh()}`], answer: "document", ...ITSELF }],
  [
    "import-crontab",
    {
      words: ({ fresh }) => ["-", "--out", `from-crontab-${fresh()}.ts`],
      stdin: "0 3 * * * /usr/bin/true\n",
      answer: "document",
      ...ITSELF,
    },
  ],
  ["check", { words: () => ["--no-types"], answer: "document", ...ITSELF }],
  ["types", { answer: "document", ...ITSELF }],
  ["pm add", { words: () => ["./lib/answer"], answer: "document", ...ITSELF }],
  [
    "pm remove",
    {
      words: async ({ ask }) => {
        await ask("pm", "add", "./lib/answer");
        return ["answer"];
      },
      answer: "document",
      ...ITSELF,
    },
  ],
]);

const FLOWS = new Map<string, Use>([
  ["run", { words: () => ["good"], answer: "document", ...ITSELF, slip: flowSlip() }],
  ["trigger", { words: () => ["good"], answer: "document", ...DAEMON, slip: flowSlip() }],
  ["flows ls", { answer: "list", ...DAEMON }],
  ["flows show", { words: () => ["good"], answer: "document", ...DAEMON, slip: flowSlip() }],
  ["flows pause", { words: () => ["bad"], answer: "document", ...DAEMON, slip: flowSlip() }],
  ["flows resume", { words: () => ["bad"], answer: "document", ...DAEMON, slip: flowSlip() }],
  ["next", { words: () => ["good"], answer: "list", ...RECORDS, slip: flowSlip() }],
  ["explain", { words: () => ["good"], answer: "document", ...DAEMON, slip: flowSlip() }],
  ["runs ls", { answer: "list", ...RECORDS }],
  ["runs show", { words: ({ good }) => [good.id], answer: "document", ...RECORDS, slip: runSlip }],
  [
    "runs watch",
    { words: ({ good }) => [good.name], answer: "document", ...DAEMON, slip: runSlip },
  ],
  [
    "runs cancel",
    {
      words: async (world) => [(await runIn(world, "slow", "RUNNING")).id],
      answer: "document",
      ...DAEMON,
      slip: runSlip,
    },
  ],
  [
    "runs retry",
    {
      words: async (world) => [(await runIn(world, "good", "COMPLETED")).id],
      answer: "document",
      ...DAEMON,
      slip: runSlip,
    },
  ],
  [
    "runs resume",
    {
      words: async (world) => [(await runIn(world, "asks", "PAUSED")).id],
      answer: "document",
      ...DAEMON,
      slip: runSlip,
    },
  ],
  ["logs", { words: ({ good }) => [good.id], answer: "list", ...RECORDS, slip: runSlip }],
  [
    "backfill",
    {
      words: () => ["good", "--from", "1d", "--to", "0s", "--dry-run"],
      answer: "list",
      ...DAEMON,
      slip: flowSlip("--from", "1d", "--to", "0s", "--dry-run"),
    },
  ],
  ["backfills ls", { answer: "list", ...DAEMON }],
  [
    "backfills show",
    { words: async (world) => [await aBackfill(world)], answer: "document", ...DAEMON },
  ],
  [
    "backfills cancel",
    { words: async (world) => [await aBackfill(world)], answer: "document", ...DAEMON },
  ],
]);

const KEPT = new Map<string, Use>([
  ["hooks ls", { answer: "list", ...RECORDS }],
  [
    "hooks test",
    {
      words: () => ["note"],
      answer: "document",
      ...RECORDS,
      slip: () => ({ words: ["noet"], meant: "note" }),
    },
  ],
  ["hooks deliveries", { answer: "list", ...RECORDS }],
  ["hooks redeliver", { words: ({ bad }) => ["--run", bad.id], answer: "document", ...RECORDS }],
  ["blocks ls", { answer: "list", ...RECORDS }],
  ["blocks get", { words: async (world) => [await aBlock(world)], answer: "document", ...RECORDS }],
  [
    "blocks set",
    {
      words: ({ fresh }) => [`string/set-${fresh()}`],
      stdin: "a value\n",
      answer: "document",
      ...RECORDS,
    },
  ],
  ["blocks rm", { words: async (world) => [await aBlock(world)], answer: "document", ...RECORDS }],
  ["blocks rekey", { answer: "document", ...RECORDS }],
  ["db path", { answer: "document", ...RECORDS }],
  ["db stats", { answer: "document", ...RECORDS }],
  ["db check", { answer: "document", ...RECORDS }],
  ["db backup", { words: ({ fresh }) => [`copy-${fresh()}.db`], answer: "document", ...RECORDS }],
  // Those two are refused while a daemon runs.
  [
    "db restore",
    {
      words: async ({ ask, fresh }) => {
        const file = `put-back-${fresh()}.db`;
        await ask("db", "backup", file);
        return [file];
      },
      codes: [1],
      answer: "document",
      named: 2,
      alone: 0,
    },
  ],
  ["db vacuum", { codes: [1], answer: "document", ...RECORDS }],
  ["db prune", { words: () => ["--older-than", "90d"], answer: "document", ...RECORDS }],
]);

const OPERATED = new Map<string, Use>([
  ["status", { answer: "document", ...DAEMON }],
  ["config show", { answer: "document", ...ITSELF }],
  ["config reload", { answer: "document", ...DAEMON }],
  ["token new", { words: ({ fresh }) => [`token-${fresh()}`], answer: "document", ...RECORDS }],
  ["token ls", { answer: "list", ...RECORDS }],
  [
    "token revoke",
    {
      words: async ({ ask, fresh }) => {
        const name = `gone-${fresh()}`;
        await ask("token", "new", name);
        return [name];
      },
      answer: "document",
      ...RECORDS,
    },
  ],
  ["service install", { words: () => ["--print"], answer: "document", ...ITSELF }],
  [
    "service uninstall",
    { words: () => ["--print", "--name", "none"], answer: "document", ...ITSELF },
  ],
  // Whether it can be asked at all depends on the machine.
  [
    "service status",
    { words: () => ["--name", "none"], codes: [1, 3], answer: "other", named: 1, alone: 1 },
  ],
  ["doctor", { codes: [0, 1], answer: "document", ...ITSELF }],
  ["complete", { words: () => ["bash"], answer: "other", ...ITSELF }],
  ["version", { answer: "document", ...ITSELF }],
]);

/** By the command's path. `serve` and `dev` go on until they are told to stop: they have tests of their own. */
export const USES: ReadonlyMap<string, Use> = new Map([...MADE, ...FLOWS, ...KEPT, ...OPERATED]);
export const GO_ON: readonly string[] = ["serve", "dev"];
