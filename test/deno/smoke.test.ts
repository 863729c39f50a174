import { deepEqual, equal, match, ok } from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

// The whole daemon from source under Deno: `deno test -A test/deno`.

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const WAIT_MS = 60_000;

const CONFIG = `
import { defineConfig, flow, task } from "tocsin";

const double = task({ name: "double", run: (number: number) => 2 * number });

const good = flow({
  name: "good",
  run: async ({ number }, { log }) => {
    log("doubles");
    return await double(Number(number));
  },
});

const failing = flow({
  name: "failing-flow",
  retries: 1,
  onFailure: [function ring({ run, state, log }) { log(\`ding dong: \${run.name}: \${state.message}\`); }],
  run: () => { throw new Error("oops!"); },
});

export default defineConfig({ flows: [good, failing] });
`;

test("deno run -A src/main.ts serve: a flow with a task, one that fails and rings, SIGTERM", async () => {
  const folder = await mkdtemp(join(tmpdir(), "tocsin-deno-"));
  const daemon = await start(folder);
  try {
    const good = await runToEnd(daemon, "good", { number: 21 });
    deepEqual([good.state.type, good.result], ["COMPLETED", 42]);
    const tasks = await items(daemon, `/api/runs/${good.id}/tasks`);
    deepEqual(
      tasks.map(({ task, state }) => [task, state.type]),
      [["double", "COMPLETED"]],
    );
    const lines = await items(daemon, `/api/runs/${good.id}/logs`);
    deepEqual(
      lines.map(({ text }) => text),
      ["doubles"],
    );

    const failed = await runToEnd(daemon, "failing-flow", {});
    deepEqual([failed.state.name, failed.state.message, failed.attempt], ["Failed", "oops!", 2]);
    const delivery = await until(daemon, "the hook is delivered", async () => {
      const [only, ...others] = await items(daemon, `/api/runs/${failed.id}/deliveries`);
      equal(others.length, 0);
      return only?.status === "delivered" ? only : undefined;
    });
    match(delivery.attempts[0]?.log[0]?.text ?? "", /^ding dong: .*: oops!$/);

    // `kill` of a child makes Deno say that the signal ended it, whatever its exit code is.
    process.kill(daemon.child.pid ?? 0, "SIGTERM");
    equal(await until(daemon, "it ends", () => Promise.resolve(daemon.exitCode())), 0);
    ok(!daemon.log().includes('"level":"error"'), daemon.log());
  } finally {
    daemon.child.kill("SIGKILL");
    await rm(folder, { recursive: true });
  }
});

interface Daemon {
  readonly child: ChildProcess;
  readonly url: string;
  readonly log: () => string;
  /** Undefined while it runs. */
  readonly exitCode: () => number | undefined;
}

/** What this story reads of the API's answers. */
interface Item {
  readonly id: string;
  readonly task: string;
  readonly text: string;
  readonly status: string;
  readonly attempt: number;
  readonly result?: unknown;
  readonly state: { readonly type: string; readonly name: string; readonly message: string };
  readonly attempts: readonly { readonly log: readonly { readonly text: string }[] }[];
}

async function start(folder: string): Promise<Daemon> {
  const [config, store] = [join(folder, "flows.config.ts"), join(folder, "state.db")];
  await writeFile(config, CONFIG);
  const serve = ["serve", "--config", config, "--store", store, "--listen", "127.0.0.1:0"];
  const child = spawn(denoCommand(), ["run", "-A", "src/main.ts", ...serve], {
    cwd: ROOT,
    stdio: ["ignore", "ignore", "pipe"],
  });
  const chunks: string[] = [];
  child.stderr?.on("data", (chunk) => chunks.push(String(chunk)));
  let exitCode: number | undefined;
  child.once("exit", (code) => {
    exitCode = code ?? -1;
  });
  const starting = { child, url: "", log: () => chunks.join(""), exitCode: () => exitCode };
  try {
    const url = await until(starting, "it listens", async () => {
      if (exitCode !== undefined) throw new Error(`The daemon ended\n${starting.log()}`);
      const text = await readFile(`${store}.holder`, "utf8").catch(() => "{}");
      return (JSON.parse(text) as { readonly url?: string }).url;
    });
    return { ...starting, url };
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  }
}

/** This very Deno, which may not be on the PATH. */
function denoCommand(): string {
  return "Deno" in globalThis ? process.execPath : join(dirname(process.execPath), "deno");
}

async function runToEnd(daemon: Daemon, flow: string, parameters: object): Promise<Item> {
  const created = await fetch(`${daemon.url}/api/flows/${flow}/runs`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ parameters }),
  });
  const { id } = (await created.json()) as Item;
  equal(created.status, 201);
  return await until(daemon, `the run of ${flow} ends`, async () => {
    const run = (await (await fetch(`${daemon.url}/api/runs/${id}`)).json()) as Item;
    return ["COMPLETED", "FAILED", "CRASHED"].includes(run.state.type) ? run : undefined;
  });
}

async function items({ url }: Daemon, path: string): Promise<readonly Item[]> {
  const answer = await fetch(url + path);
  return ((await answer.json()) as { readonly items: readonly Item[] }).items;
}

async function until<Found>(
  { log }: Pick<Daemon, "log">,
  what: string,
  probe: () => Promise<Found | undefined>,
): Promise<Found> {
  const end = performance.now() + WAIT_MS;
  while (performance.now() < end) {
    const found = await probe();
    if (found !== undefined) return found;
    await new Promise((done) => setTimeout(done, 20));
  }
  throw new Error(`Waited in vain until ${what}\n${log()}`);
}
