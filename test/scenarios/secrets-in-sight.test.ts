import { expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { configText, untilFile } from "../support/configs.ts";
import { aScene, type Ended, isOver, type Scene } from "../support/daemon.ts";
import { until } from "../support/until.ts";

const STORY_MS = 60_000;
const SECRET = "canary-4711-never-to-be-seen";
const KEY = Buffer.alloc(32, 7).toString("base64");

/** The arguments of a process and of everything that it started, as everybody on the machine sees them. */
function argumentsBelow(pid: number): readonly string[] {
  const parents = new Map(
    readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .map((name) => [Number(name), parentOf(name)] as const),
  );
  const isBelow = (one: number | undefined): boolean =>
    one === pid || (one !== undefined && one > 1 && isBelow(parents.get(one)));
  return [...parents.keys()].filter(isBelow).map((one) => textOf(`/proc/${one}/cmdline`));
}

/** proc(5): `pid (name) state parent …` */
function parentOf(pid: string): number | undefined {
  const rest = textOf(`/proc/${pid}/stat`).replace(/^.*\) /s, "");
  const [, parent] = rest.split(" ");
  return parent === undefined ? undefined : Number(parent);
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}

function filesIn(scene: Scene): string {
  const folder = join(scene.folder, ".tocsin");
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.startsWith("state.db"))
    .filter(({ name }) => !name.endsWith(".holder"))
    .map(({ name }) => textOf(join(folder, name)))
    .join("\n");
}

test.skipIf(process.platform !== "linux")(
  "secrets are in no process argument, log line, answer or file of the store",
  async () => {
    await using scene = await aScene();
    await scene.write(
      "flows.config.ts",
      configText({
        code: `
          const reads = flow({ name: "reads", isolation: "process", run: async (_, { log }) => {
            const secret = await blocks.load("secret/canary");
            log("it is " + secret);
            writeFileSync(${JSON.stringify(join(scene.folder, "read"))}, "");
            ${untilFile(join(scene.folder, "go"))}
            throw new Error("cannot use " + secret);
          } });`,
        flows: ["reads"],
        options: 'loopback: "open"',
      }),
    );
    const daemon = await scene.serve({ env: { TOCSIN_KEY: KEY } });
    const said: Ended[] = [];
    const ask = async (args: readonly string[], stdin = "") => {
      const ended = await scene.tocsin(args, { stdin });
      said.push(ended);
      return ended;
    };

    await ask(["blocks", "set", "secret/canary"], SECRET);
    const token = (await scene.tocsin(["token", "new", "ci", "--scope", "write"])).out.trim();
    await scene.write("ci.token", token);
    const { id } = await daemon.trigger("reads");
    await until("the secret is read", () => existsSync(join(scene.folder, "read")), daemon);
    const backup = ask(["db", "backup", "copy.db"]);
    const seen = [...argumentsBelow(daemon.pid)];
    await backup;
    seen.push(...argumentsBelow(daemon.pid));
    await scene.write("go", "");
    await daemon.untilRun(id, isOver);
    await ask(["runs", "show", id, "--json", "--token-file", "ci.token"]);
    await ask(["logs", id]);
    await ask(["blocks", "get", "secret/canary", "--json"]);
    await ask(["token", "ls", "--json"]);
    await ask(["config", "show", "--json"]);
    await ask(["runs", "ls", "--json", "-v"]);
    const answers = await Promise.all(
      ["/api/blocks", "/api/tokens", "/api/status", "/api/runs", "/metrics", "/api/hooks"].map(
        async (path) => (await daemon.get(path)).text,
      ),
    );

    // The flow in a process of its own is among them.
    expect(seen.length).toBeGreaterThan(2);
    const texts = {
      arguments: seen.join("\n"),
      log: daemon.log(),
      answers: answers.join("\n"),
      commands: said.map(({ out, err }) => out + err).join("\n"),
      store: filesIn(scene),
      backup: textOf(join(scene.folder, "copy.db")),
    };
    for (const [where, text] of Object.entries(texts)) {
      expect([where, text.includes(SECRET)]).toEqual([where, false]);
      expect([where, text.includes(token)]).toEqual([where, false]);
      expect([where, text.includes(KEY)]).toEqual([where, false]);
    }
  },
  STORY_MS,
);
