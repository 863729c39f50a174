import { expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { RunView } from "../../src/domain/run-view.ts";
import { aScene, isOver, type Scene, type TestDaemon } from "../support/daemon.ts";
import { until } from "../support/until.ts";

/** What is saved, by reference, and the secret texts in it. */
const SECRETS: Readonly<Record<string, string>> = {
  "secret/token": "canary-token-41",
  "secret/odd": `canary-"odd" \\ 42%+/ü`,
  "slack-webhook/chat": "https://hooks.example.org/services/T0/canary-chat-43",
  "webhook/audit": JSON.stringify({
    url: "https://example.org/canary-url-44",
    secret: "whsec_canary45",
  }),
  "smtp/mail": JSON.stringify({ host: "mail.example.org", pass: "canary-smtp-46" }),
  "postgres/main": JSON.stringify({ host: "db.example.org", password: "canary-postgres-47" }),
};
const CANARY = /canary(?!-shown)[\w-]*/;
/** The same in base64, as `say` writes it: without what stands at both ends. */
const ENCODED = Object.values(SECRETS).flatMap((value) => {
  const leaves = value.startsWith("{") ? Object.values(JSON.parse(value)).slice(1) : [value];
  return leaves.map((leaf) => Buffer.from(`user:${leaf}`).toString("base64").slice(8, -4));
});
const REFERENCES = JSON.stringify(Object.keys(SECRETS));

const CONFIG = `import { existsSync } from "node:fs";
import { blocks, blockType, defineConfig, flow, hook, task, v } from "tocsin";

const postgres = blockType({ name: "postgres", schema: v.object({ host: v.string(), password: v.string() }) });
const say = async (log) => {
  for (const reference of ${REFERENCES}) {
    const value = await blocks.load(reference);
    const text = typeof value === "string" ? value : JSON.stringify(value);
    log(text);
    console.log(value);
    console.error(JSON.stringify({ text }));
    log(encodeURIComponent(text));
    log(Buffer.from("user:" + (value.pass ?? value.password ?? value.secret ?? value)).toString("base64"));
  }
  return (await postgres.load("main")).password;
};
const leak = task({ name: "leak", run: async (text) => { throw new Error("a task failed with " + text); } });
const tell = async ({ log, state }) => {
  const password = await say(log);
  throw Object.assign(new Error(password + " " + state.message, { cause: new TypeError(password) }), { name: password });
};
const body = async (_, { log, signal }) => {
  const password = await say(log);
  process.stdout.write(password + "\\n");
  if (existsSync("hold")) await new Promise((resolve) => signal.addEventListener("abort", resolve));
  await leak(password).catch((error) => log(error.stack));
  throw new Error(password, { cause: new Error(password) });
};
const loud = { onFailure: hook({ name: "tell", retry: [], run: tell }), run: body };

export default defineConfig({
  blockTypes: [postgres],
  flows: [
    flow({ name: "loud", ...loud }),
    flow({ name: "apart", isolation: "process", timeout: "20s", ...loud }),
    flow({ name: "crash", run: async (_, { log }) => { log(await say(log)); process.exit(3); } }),
    flow({ name: "echo", run: async ({ word }, { log }) => { log(word); return { [word]: [word, await blocks.load("secret/word")] }; } }),
    flow({
      name: "save",
      run: async (_, { log }) => {
        await postgres.save("other", { host: "h", password: "canary-saved-48" });
        log("canary-saved-48");
        await postgres.save("wrong", { host: 5, password: "canary-wrong-49" }).catch((error) => log(error.message));
        await blocks.save("mysql", "wrong", 5).catch((error) => log(error.message));
      },
    }),
  ],
});
`;

/** The secret that a text holds, if it holds one. */
function canaryIn(text: string): string | undefined {
  return CANARY.exec(text)?.[0] ?? ENCODED.find((encoded) => text.includes(encoded));
}

async function saveAll(scene: Scene, secrets = SECRETS) {
  for (const [reference, stdin] of Object.entries(secrets)) {
    const { code, err } = await scene.tocsin(["blocks", "set", reference, "--overwrite"], {
      stdin,
    });
    expect(code).toBe(0);
    expect(err).toEndWith(`Saved ${reference}\n`);
  }
}

async function ended(daemon: TestDaemon, flow: string, parameters = {}) {
  const { id } = await daemon.trigger(flow, parameters);
  return await daemon.untilRun(id, isOver);
}

test("values of secret blocks turn up in no log, record, answer, page or file", async () => {
  await using scene = await aScene(CONFIG);
  const daemon = await scene.serve({ args: ["--verbose"] });
  await saveAll(scene);

  const runs = [
    await ended(daemon, "loud"),
    await ended(daemon, "apart"),
    await ended(daemon, "crash"),
    await ended(daemon, "save"),
  ];
  await until(
    "the hooks have rung",
    async () =>
      (await daemon.json<{ deliveries: { dead: number } }>("/api/status")).deliveries.dead === 2,
  );

  expect(runs.map(({ state }) => state.name)).toEqual(["Failed", "Failed", "Crashed", "Completed"]);
  const spoken = await Promise.all(runs.map(({ id }) => daemon.lines(id)));
  expect(spoken.flat().filter(({ text }) => text.includes("‹redacted›")).length).toBeGreaterThan(
    50,
  );
  expect(await foundIn(daemon, runs)).toEqual([]);
  for (const run of runs) {
    for (const args of [
      ["runs", "show", run.id],
      ["logs", run.id, "--jsonl"],
    ]) {
      const { out, err } = await scene.tocsin(args);
      expect([...args, canaryIn(out + err)]).toEqual([...args, undefined]);
    }
  }
  expect(canaryIn(daemon.log())).toBeUndefined();
  await daemon.stop();
  const folder = join(scene.folder, ".tocsin");
  for (const file of readdirSync(folder)) {
    expect([file, canaryIn(readFileSync(join(folder, file), "latin1"))]).toEqual([file, undefined]);
  }
}, 60_000);

/** Everything that the API and the page tell of these runs, and where a canary sings in it. */
async function foundIn(daemon: TestDaemon, runs: readonly RunView[]) {
  const ofRuns = runs.flatMap(({ id, flow }) => [
    ...["", "/transitions", "/tasks", "/logs", "/deliveries"].map((it) => `/api/runs/${id}${it}`),
    ...[`/runs/${id}`, `/api/flows/${flow}`],
  ]);
  const lists = ["/", "/api/runs", "/api/flows", "/api/blocks", "/api/status", "/api/deliveries"];
  const others = ["/api/hooks", "/metrics", "/readyz?verbose", "/openapi.json", "/api/decisions"];
  const references = Object.keys(SECRETS).map((reference) => `/api/blocks/${reference}`);
  const found: string[] = [];
  for (const path of [...ofRuns, ...lists, ...others, ...references]) {
    const canary = canaryIn((await daemon.get(path)).text);
    if (canary !== undefined) found.push(`${path}: ${canary}`);
  }
  return found;
}

test("a flow gets its secret parameters and results back, and nobody else is shown them", async () => {
  await using scene = await aScene(CONFIG);
  const daemon = await scene.serve();
  await saveAll(scene, { "secret/word": "canary-word-50" });

  const run = await ended(daemon, "echo", { word: "canary-word-50" });
  const again = await daemon.post(`/api/runs/${run.id}/retry`);

  expect(run.parameters).toEqual({ word: "‹redacted›" });
  expect(run.result).toEqual({ "‹redacted›": ["‹redacted›", "‹redacted›"] });
  expect(again.status).toBe(201);
  const ofAgain = await daemon.untilRun(
    run.id,
    ({ state, attempt }) => attempt === 2 && state.type === "COMPLETED",
  );
  expect(ofAgain.result).toEqual(run.result);
  expect(await foundIn(daemon, [run])).toEqual([]);
  const { out } = await scene.tocsin(["trigger", "echo", "-p", "word=canary-word-50", "--wait"]);
  expect(out).not.toContain("canary-word-50");
}, 30_000);

test("neither values nor the key are in the arguments or the environment of any process", async () => {
  await using scene = await aScene(CONFIG);
  await scene.write("hold", "");
  const key = Buffer.alloc(32, 5).toString("base64");
  const daemon = await scene.serve({ env: { TOCSIN_KEY: key } });
  await saveAll(scene);
  const { id } = await daemon.trigger("apart");
  await until("the flow has said all", async () => (await daemon.lines(id)).length > 20);

  const others = readdirSync("/proc").filter(
    (pid) => /^\d+$/.test(pid) && Number(pid) !== process.pid,
  );
  const found = others.filter((pid) => {
    const environment = Number(pid) === daemon.pid ? "" : textOf(`/proc/${pid}/environ`);
    const text = textOf(`/proc/${pid}/cmdline`) + environment;
    return text.includes(scene.folder) && (CANARY.test(text) || text.includes(key));
  });

  expect(found).toEqual([]);
  await daemon.kill9();
}, 30_000);

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

test("blocks can be worked on without a daemon, before the first start and after it", async () => {
  await using scene = await aScene(CONFIG);
  const tocsin = (line: string, stdin = "") => scene.tocsin(line.split(" "), { stdin });

  await saveAll(scene);
  const listed = await tocsin("blocks ls");
  const wrong = await tocsin("blocks set postgres/bad", '{"host":"db","password":4711}');
  const unknown = await tocsin("blocks set mysql/bad", "{}");
  const twice = await tocsin("blocks set secret/token", "other");

  expect(listed.out.split("\n").length).toBe(Object.keys(SECRETS).length + 1);
  expect(wrong.code).toBe(2);
  expect(wrong.err).toEndWith(
    'error: Cannot save block "postgres/bad": its value does not fit: password: Invalid type: Expected string\n',
  );
  expect(unknown.err).toContain(
    "the types are string, secret, json, slack-webhook, webhook, smtp, postgres",
  );
  expect([twice.code, twice.err.includes("it is there already")]).toEqual([1, true]);
  expect((await tocsin("blocks set string/plain", "canary-shown")).code).toBe(0);
  expect((await tocsin("blocks get string/plain")).out).toBe("canary-shown\n");
  expect((await tocsin("blocks get secret/token")).out).toBe("");
  expect((await tocsin("blocks rm string/plain")).code).toBe(0);
  expect((await tocsin("blocks get string/plain")).code).toBe(3);
  expect((await tocsin("blocks rekey")).err).toContain(
    "Encrypted 6 blocks with a new key, which is in ",
  );

  const daemon = await scene.serve();
  expect((await ended(daemon, "save")).state.name).toBe("Completed");
  expect((await tocsin("blocks rekey")).err).toStartWith("Encrypted 7 blocks with a new key");
  await daemon.kill9();
  expect((await tocsin("blocks ls")).out).toContain("postgres/other");
  const restarted = await scene.serve();
  expect((await ended(restarted, "crash")).state.message).toContain("process.exit(3)");
  expect(canaryIn(restarted.log())).toBeUndefined();
}, 60_000);

test("without a daemon, a store and a config there is nothing to work on", async () => {
  await using scene = await aScene();

  const { code, err } = await scene.tocsin(["blocks", "set", "secret/x"], {
    stdin: "value",
    env: { TOCSIN_STORE: "none/state.db" },
  });

  expect(code).toBe(5);
  expect(err).toContain("Cannot reach the daemon");
  expect(existsSync(join(scene.folder, "none"))).toBe(false);
  expect(existsSync(join(scene.folder, ".tocsin"))).toBe(false);
});

test("a key from the environment is changed by giving the new one, and the old one is refused then", async () => {
  await using scene = await aScene(CONFIG);
  const before = { TOCSIN_KEY: Buffer.alloc(32, 5).toString("base64") };
  const after = { TOCSIN_KEY: Buffer.alloc(32, 6).toString("hex") };
  const daemon = await scene.serve({ env: before });
  await saveAll(scene);

  const withoutKey = await scene.tocsin(["blocks", "rekey"]);
  const changed = await scene.tocsin(["blocks", "rekey", "--new-key-file", "-"], {
    stdin: `${after.TOCSIN_KEY}\n`,
  });

  expect([withoutKey.code, withoutKey.err.includes("give it with --new-key-file")]).toEqual([
    1,
    true,
  ]);
  expect(changed.err).toBe(
    "Encrypted 6 blocks with a new key. Put it in TOCSIN_KEY before the next start, which is refused with the old one\n",
  );
  expect((await ended(daemon, "crash")).state.message).toContain("process.exit(3)");
  expect(daemon.log()).not.toContain(after.TOCSIN_KEY);
  await daemon.stop();
  const refused = await scene.refusal({ env: before });
  expect(refused.code).toBe(1);
  expect(refused.err).toContain('Cannot use block key "TOCSIN_KEY"');
  const again = await scene.serve({ env: after });
  expect((await ended(again, "crash")).state.message).toContain("process.exit(3)");
}, 60_000);
