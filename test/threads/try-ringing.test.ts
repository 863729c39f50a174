import { afterEach, describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Rung } from "../../src/domain/delivery.ts";
import type { Json } from "../../src/domain/json.ts";
import type { ThreadRequest } from "../../src/domain/thread-request.ts";
import { createTrier } from "../../src/threads/try-ringing.ts";
import { aRinging } from "./support/a-ringing.ts";
import { configDir } from "./support/config-dir.ts";
import { generationOf } from "./support/pool-with.ts";

/** Whatever a program would do, it would leave a file. */
const HOOKS = `import { blocks, client, defineConfig, flow, hook, outside } from "tocsin";
import { exec, execFileSync, execSync, fork, spawn, spawnSync } from "node:child_process";
import * as namespace from "child_process";
import { createSocket } from "node:dgram";
import { request } from "node:http";
import { connect as connectHttp2 } from "node:http2";
import { get as getSecure } from "node:https";
import net from "node:net";
import { connect as connectSecurely } from "node:tls";
import { spawn as bunSpawn, $ } from "bun";
const TOUCH = ["touch", process.env.PROOF ?? "proof"];
const queue = []; let told;
setInterval(() => { const next = queue.shift(); if (next) fetch(next).then((answer) => told(answer.status)); }, 5);
const closed = (child) => new Promise((end, fail) => child.on("close", (code, signal) => end([code, signal])).on("error", fail));
const failed = (emitter) => new Promise((_, fail) => emitter.on("error", fail));
const code = {
  fetches: async ({ run, log }) => {
    const answer = await fetch(new Request(run.parameters.url, { method: "PUT" }), { body: JSON.stringify({ a: 1, routing_key: 's3"cret', text: "b" }), headers: { "x-api-key": "k", "x-plain": "p" } });
    log(answer.ok, answer.status, JSON.stringify(await answer.json()));
    await fetch(run.parameters.url, { method: "POST", body: new Uint8Array([255, 254]) });
  },
  queued: async ({ run, log }) => { log(await new Promise((end) => { told = end; queue.push(run.parameters.url); })); },
  aborted: ({ run }) => fetch(run.parameters.url, { signal: AbortSignal.abort() }),
  children: async ({ log }) => {
    const cat = spawn("cat", ["-", "a b"], { detached: true });
    cat.stdin.write("to its "); cat.stdin.end("input");
    let said = ""; for await (const chunk of cat.stdout) said += chunk;
    log(...await closed(spawn(TOUCH[0], [TOUCH[1]])), String(cat.pid), JSON.stringify(said));
    log(...await closed(namespace.spawn(TOUCH[0], [TOUCH[1]], { stdio: "inherit" })));
    log(await new Promise((end) => exec("touch x; echo hi", (error, out) => end(String(error) + JSON.stringify(out)))));
    log(...await closed(fork(TOUCH[1])));
  },
  synchronous: ({ log }) => log(spawnSync(TOUCH[0], [TOUCH[1]]).status, execFileSync("echo", ["hi"], { encoding: "utf8" }).length, execSync("echo hi").length),
  bun: async ({ log }) => {
    log(await Bun.spawn(TOUCH).exited, Bun.spawnSync({ cmd: TOUCH }).exitCode, await bunSpawn(TOUCH).exited);
    log(JSON.stringify(await $\`touch \${["a", "b c"]} && echo hi\`.quiet().nothrow().text()), (await Bun.$\`touch z\`).exitCode);
    log(JSON.stringify(await new Response(Bun.spawn(["ls"], { stdout: "pipe" }).stdout).text()));
    process.kill(Bun.spawn(["ls"]).pid);
  },
  own: async ({ log }) => log(await outside({ request: "send mail", detail: "Dear all", act: () => { throw new Error("sent"); }, answerOf: String, whenTried: "not sent" })),
  daemon: async ({ log }) => {
    log((await client.trigger("other", { parameters: { n: 1 } })).flow);
    await blocks.save("secret", "token", "s3cret"); await blocks.delete("secret/token");
    log(await blocks.load("string/greeting"), String(await client.runs.find("x")));
  },
  net: ({ run }) => failed(net.connect(run.parameters.port, "127.0.0.1")),
  tls: ({ run }) => failed(connectSecurely(run.parameters.port, "127.0.0.1")),
  http: ({ run }) => failed(request(run.parameters.url)),
  https: ({ run }) => failed(getSecure(run.parameters.url.replace("http", "https"))),
  http2: ({ run }) => failed(connectHttp2(run.parameters.url)),
  datagram: ({ run }) => createSocket("udp4").send("hello", run.parameters.port, "127.0.0.1"),
  websocket: ({ run }) => void new WebSocket(run.parameters.url.replace("http", "ws")),
  "bun-connect": ({ run }) => Bun.connect({ hostname: "127.0.0.1", port: run.parameters.port, socket: { data() {} } }),
  redis: () => Bun.redis.get("x"),
  throws: ({ log }) => { log("begins"); throw new TypeError("wrong", { cause: new Error("deeper") }); },
  late: () => new Promise(() => setTimeout(() => { throw new Error("thrown late"); })),
  heeds: ({ signal }) => new Promise((_, fail) => signal.addEventListener("abort", () => fail(signal.reason))),
  ignores: () => new Promise(() => {}),
  loop: () => { for (;;) {} },
};
export default defineConfig({ flows: [flow({ name: "f", run() {}, onFailure: Object.entries(code).map(([name, run]) => hook({ name, run })) })] });
`;

const stops: (() => unknown)[] = [];
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

/** A place that notes whoever comes near it. */
function trap() {
  const visits: string[] = [];
  const server = Bun.serve({
    port: 0,
    fetch(request) {
      visits.push(request.method);
      return new Response("really");
    },
  });
  stops.push(() => server.stop(true));
  return { visits, port: server.port, url: `http://127.0.0.1:${server.port}/path` };
}

interface Tried {
  readonly rung: Rung;
  readonly timedOut: boolean;
  readonly requests: readonly string[];
  readonly lines: readonly string[];
  /** What was left in the directory of the config. */
  readonly left: (name: string) => boolean;
  readonly asked: readonly ThreadRequest[];
}

async function tried(
  hook: string,
  parameters: Json = {},
  { send = false, timeoutMs = 20_000 } = {},
): Promise<Tried> {
  const configPath = configDir(
    HOOKS.replaceAll('process.env.PROOF ?? "proof"', "import.meta.dir + '/proof'"),
  );
  const asked: ThreadRequest[] = [];
  const tryIn = createTrier({
    newest: () => generationOf(configPath),
    async answerRequest(request) {
      asked.push(request);
      return request.kind === "block-load" ? "hello" : null;
    },
  });
  const ringing = aRinging(`flow:f/onFailure/${hook}`, { timeoutMs });
  const { about } = ringing;
  const told = about.kind === "run" ? { ...about, run: { ...about.run, parameters } } : about;
  const answer = await tryIn({ ...ringing, about: told }, { send });
  const { exchanges = [], log } = answer.rung;
  return {
    ...answer,
    requests: exchanges.map(({ request }) => request),
    lines: log.map(({ text }) => text),
    left: (name) => existsSync(join(dirname(configPath), name)),
    asked,
  };
}

describe("a hook that is tried", () => {
  test("has its requests shown with headers and body, and answered by an empty object", async () => {
    const { visits, url } = trap();
    const { rung, lines } = await tried("fetches", { url });
    const origin = new URL(url).origin;

    expect(rung.outcome).toEqual({ type: "delivered" });
    expect(lines).toEqual(["true 200 {}"]);
    const [put, post] = rung.exchanges ?? [];
    expect(put?.request).toBe(`PUT ${origin}`);
    expect(put?.detail).toContain("x-api-key: ‹redacted›\n");
    expect(put?.detail).toContain("x-plain: p");
    expect(put?.detail).toEndWith('\n\n{"a":1,"routing_key":"‹redacted›","text":"b"}');
    expect(post).toMatchObject({ request: `POST ${origin}`, detail: "\n(2 bytes)" });
    expect(put).not.toHaveProperty("answer");
    expect(visits).toEqual([]);
  });

  test("sends nothing through code that belongs to nobody either", async () => {
    const { visits, url } = trap();
    const { lines, requests } = await tried("queued", { url });

    expect([lines, requests, visits]).toEqual([["200"], [`GET ${new URL(url).origin}`], []]);
  });

  test("is told of a request that was aborted", async () => {
    const { rung, requests } = await tried("aborted", { url: trap().url });

    expect(rung.outcome).toMatchObject({ type: "failed", error: { name: "AbortError" } });
    expect(requests).toEqual([]);
  });

  test("starts no child processes: they seem to end well, and what they are told is shown", async () => {
    const { rung, requests, lines, left } = await tried("children");

    expect(rung.outcome).toEqual({ type: "delivered" });
    expect(lines).toEqual(['0 null undefined ""', "0 null", 'null""', "0 null"]);
    expect(requests[0]).toBe('cat - "a b"');
    expect(rung.exchanges?.[0]?.detail).toBe("to its input");
    expect(requests[3]).toBe('/bin/sh -c "touch x; echo hi"');
    expect(requests).toHaveLength(5);
    expect(left("proof")).toBe(false);
  });

  test("starts none that it would wait for", async () => {
    const { rung, requests, lines, left } = await tried("synchronous");

    expect(rung.outcome).toEqual({ type: "delivered" });
    expect(lines).toEqual(["0 0 0"]);
    expect(requests.map((request) => request.split(" ")[0])).toEqual(["touch", "echo", "/bin/sh"]);
    expect(left("proof")).toBe(false);
  });

  test("starts none by Bun's own ways, and its shell runs nothing", async () => {
    const { rung, requests, lines, left } = await tried("bun");

    expect(rung.outcome).toEqual({ type: "delivered" });
    expect(lines).toEqual(["0 0 0", '"" 0', '""']);
    expect(requests.slice(3)).toEqual([
      'touch a "b c" && echo hi',
      "touch z",
      "ls",
      "ls",
      "kill 0 with SIGTERM",
    ]);
    expect(left("proof")).toBe(false);
  });

  test("has what goes through outside() shown with its details", async () => {
    const { rung, lines } = await tried("own");

    expect(lines).toEqual(["not sent"]);
    expect(rung.exchanges).toMatchObject([{ request: "send mail", detail: "Dear all" }]);
  });

  test("changes no blocks and starts no runs, but may read both", async () => {
    const { requests, lines, asked, rung } = await tried("daemon");

    expect(requests).toEqual([
      "trigger flow other",
      "save block secret/token",
      "delete block secret/token",
    ]);
    expect(JSON.stringify(rung)).not.toContain("s3cret");
    expect(lines).toEqual(["other", "hello undefined"]);
    expect(asked.map(({ kind }) => kind)).toEqual(["block-load", "find-run"]);
  });

  test.each([
    ["net", "connect to 127.0.0.1:"],
    ["tls", "connect to 127.0.0.1:"],
    ["http", "connect to 127.0.0.1:"],
    ["https", "connect to 127.0.0.1:"],
    ["http2", "connect to 127.0.0.1:"],
    ["datagram", "send a datagram"],
    ["websocket", "use WebSocket"],
    ["bun-connect", "use connect"],
    ["redis", "use Bun.redis"],
  ])("is refused other connections: %s", async (hook, request) => {
    const { visits, port, url } = trap();
    const { rung, requests } = await tried(hook, { port: port ?? 0, url });

    expect(requests[0]).toStartWith(request);
    expect(rung.exchanges?.[0]?.answer).toBe("refused, as the hook is only tried");
    expect(rung.outcome.type).toBe("failed");
    expect(visits).toEqual([]);
  });

  test("says how it failed, with stack and cause", async () => {
    const { rung, lines, timedOut } = await tried("throws");

    expect(rung.outcome).toMatchObject({
      type: "failed",
      error: { name: "TypeError", message: "wrong", cause: { message: "deeper" } },
    });
    expect([lines, timedOut]).toEqual([["begins"], false]);
  });

  test("says so when an error is thrown that nobody can catch", async () => {
    const { rung } = await tried("late");

    const message = expect.stringContaining("thrown late");
    expect(rung.outcome).toMatchObject({ type: "failed", error: { message } });
  });

  test.each(["heeds", "ignores", "loop"])(
    "says that its time was over: one that %s",
    async (hook) => {
      const { rung, timedOut } = await tried(hook, {}, { timeoutMs: 50 });

      expect([rung.outcome.type, timedOut]).toEqual(["failed", true]);
    },
  );
});

describe("a hook that is tried and may send", () => {
  test("sends, and what came back is told", async () => {
    const { visits, url } = trap();
    const { rung, requests } = await tried("fetches", { url }, { send: true });

    // The answer is no JSON.
    expect(rung.outcome.type).toBe("failed");
    expect(requests).toEqual([`PUT ${new URL(url).origin}`]);
    expect(rung.exchanges?.[0]).toMatchObject({ answer: "200 OK, 6 bytes" });
    expect(rung.exchanges?.[0]).not.toHaveProperty("detail");
    expect(visits).toEqual(["PUT"]);
  });

  test("starts programs, and asks the daemon for changes", async () => {
    const [synchronous, daemon] = await Promise.all([
      tried("synchronous", {}, { send: true }),
      tried("daemon", {}, { send: true }),
    ]);

    expect(synchronous.left("proof")).toBe(true);
    expect(daemon.asked.map(({ kind }) => kind)).toContain("trigger");
  });
});
