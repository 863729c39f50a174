import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { leavesOf, wholeProgram } from "../../scripts/command-tree.ts";
import { aWorld, GO_ON, USES, type Use, type World } from "../support/command-uses.ts";
import { BINARY, type Ended } from "../support/daemon.ts";
import { until } from "../support/until.ts";

const STORY_MS = 60_000;
/** Nobody listens there on a machine that runs tests. */
const NOBODY = "http://127.0.0.1:9";
const ESCAPE = "\u001b";
const STACK = /^\s+at .+:\d+:\d+\)?$/m;
// biome-ignore lint/suspicious/noControlCharactersInRegex: colours are what is looked for
const COLOUR = /\u001b\[[\d;]*m/;

const TREE = leavesOf(wholeProgram());
const LEAVES = TREE.map(({ path }) => path);
/** What is missing there is said before what is strange. */
const MANDATORY = TREE.filter(({ command }) =>
  command.options.some(({ mandatory }) => mandatory),
).map(({ path }) => path);
const USED = LEAVES.filter((path) => !GO_ON.includes(path));

let world: World;
beforeAll(async () => {
  world = await aWorld();
}, STORY_MS);
afterAll(async () => {
  await world.scene[Symbol.asyncDispose]();
});

function useOf(path: string): Use {
  const use = USES.get(path);
  if (use === undefined) {
    throw new Error(`There is no use of "tocsin ${path}" in test/support/command-uses.ts: add one`);
  }
  return use;
}

async function use(path: string, ...more: readonly string[]): Promise<Ended> {
  const { words, stdin = "" } = useOf(path);
  const args = [...path.split(" "), ...((await words?.(world)) ?? []), ...more];
  return await world.scene.tocsin(args, { stdin });
}

/** One line that says what is wrong; no stack, and nothing where data goes. */
function expectFailure({ out, err }: Ended): void {
  expect(out).toBe("");
  expect(err.match(/^error: /gm)).toHaveLength(1);
  expect(err).not.toMatch(STACK);
}

test("every command of the tree has a use here, and nothing else has", () => {
  expect([...USES.keys(), ...GO_ON].toSorted()).toEqual([...LEAVES].toSorted());
});

describe("every command on the compiled binary", () => {
  test.each(LEAVES)("%s --help says what it does, on standard output", async (path) => {
    const { code, out, err } = await world.ask(...path.split(" "), "--help");

    expect([code, err]).toEqual([0, ""]);
    expect(out).toStartWith(`Usage: tocsin ${path}`);
    expect(out).toContain("--json ");
    expect(out).not.toContain("[])");
    expect(out).not.toContain(ESCAPE);
  });

  test.each(USED)("%s does its work, and writes no colours into a pipe", async (path) => {
    const { code, out, err } = await use(path);

    expect(useOf(path).codes ?? [0], err).toContain(code ?? -1);
    expect(out + err).not.toContain(ESCAPE);
    expect(err).not.toMatch(STACK);
    if (code === 0) expect(err).not.toContain("error:");
  });

  test.each(USED.filter((path) => useOf(path).answer !== "other"))(
    "%s answers JSON where that is asked for, and a line an item",
    async (path) => {
      const { answer, codes = [0] } = useOf(path);
      if (!codes.includes(0)) return;
      const [json, lines] = [await use(path, "--json"), await use(path, "--jsonl")];

      const document = JSON.parse(json.out) as { readonly items?: readonly unknown[] };
      const parsed = lines.out
        .split("\n")
        .slice(0, -1)
        .map((line) => JSON.parse(line) as unknown);
      if (answer === "list") expect(document.items).toBeArray();
      else expect(parsed).toHaveLength(1);
    },
    STORY_MS,
  );

  test.each(USED)(
    "%s refuses an option that is not there, and says which was meant",
    async (path) => {
      if (path === "complete") return;
      const words = MANDATORY.includes(path) ? ((await useOf(path).words?.(world)) ?? []) : [];
      const ended = await world.ask(...path.split(" "), ...words, "--jsno");

      expect(ended.code).toBe(2);
      expectFailure(ended);
      expect(ended.err).toContain("--json");
    },
  );

  test.each(USED)("%s with a daemon named that is not there", async (path) => {
    const { named } = useOf(path);
    const ended = await use(path, "--server", NOBODY);

    if (named === 0) return expect(useOf(path).codes ?? [0]).toContain(ended.code ?? -1);
    if (path !== "service status") expect(ended.code).toBe(named);
    if (named !== 5) return;
    expectFailure(ended);
    expect(ended.err).toContain(`Cannot reach the daemon at "${NOBODY}"`);
  });

  test.each(USED.filter((path) => useOf(path).slip !== undefined))(
    "%s answers 3 for a name that is nearly right, and says which was meant",
    async (path) => {
      const { words = [], meant = "" } = useOf(path).slip?.(world) ?? {};
      const ended = await world.ask(...path.split(" "), ...words);

      expect(ended.code).toBe(3);
      expect(ended.out).toBe("");
      expect(ended.err).toContain(`did you mean "${meant}"?`);
    },
  );

  const SCRIPT = "/usr/bin/script";
  test.skipIf(!existsSync(SCRIPT)).each(USED)(
    "%s paints nothing on a terminal where NO_COLOR is set",
    async (path) => {
      const { words } = useOf(path);
      const args = [...path.split(" "), ...((await words?.(world)) ?? []), "--no-input"];
      const line = [BINARY, ...args].map((word) => `'${word}'`).join(" ");

      const { out } = await world.scene.tocsin(["-qec", line, "/dev/null"], {
        ...{ binary: SCRIPT, stdin: useOf(path).stdin ?? "" },
        env: { NO_COLOR: "1", TERM: "xterm" },
      });

      expect(out).not.toMatch(COLOUR);
    },
    STORY_MS,
  );
});

test("an unknown command is refused, and the nearest is named", async () => {
  const answers = await Promise.all([
    world.ask("trigegr", "good"),
    world.ask("runs", "lss"),
    world.ask("chekc"),
  ]);

  expect(answers.map(({ code, out }) => [code, out])).toEqual([
    [2, ""],
    [2, ""],
    [2, ""],
  ]);
  expect(answers.map(({ err }) => /Did you mean (\w+)\?/.exec(err)?.[1])).toEqual([
    "trigger",
    "ls",
    "check",
  ]);
});

test(
  "dev says where the page is, and takes a change of the config up",
  async () => {
    const { scene } = world;
    await scene.write("dev/flows.config.ts", scene.read("flows.config.ts"));
    const child = spawn(BINARY, ["dev", "--listen", "127.0.0.1:0", "--config", "flows.config.ts"], {
      cwd: `${scene.folder}/dev`,
      env: { PATH: process.env["PATH"] ?? "", HOME: scene.folder },
    });
    let [out, log] = ["", ""];
    child.stdout.on("data", (text: Buffer) => {
      out += String(text);
    });
    child.stderr.on("data", (text: Buffer) => {
      log += String(text);
    });
    try {
      await until("it says where the page is", () => out.includes("\n"), { log: () => log });
      const page = await fetch(out.trim());
      await scene.write(
        "dev/flows.config.ts",
        scene.read("dev/flows.config.ts").replaceAll('"bad"', '"worse"'),
      );
      await until("the change is in force", async () => {
        const { items } = (await (await fetch(new URL("/api/flows", out.trim()))).json()) as {
          readonly items: readonly { readonly name: string }[];
        };
        return items.some(({ name }) => name === "worse");
      });

      expect([page.status, page.headers.get("content-type")]).toEqual([
        200,
        expect.stringContaining("text/html"),
      ]);
      expect(log).not.toContain(ESCAPE);
      expect(log).not.toContain('{"time"');
    } finally {
      child.kill("SIGKILL");
    }
  },
  STORY_MS,
);

/** The last: it stops the daemon. */
describe("where no daemon runs", () => {
  beforeAll(async () => {
    expect(await world.daemon.stop()).toBe(0);
  }, STORY_MS);

  test.each(USED.filter((path) => useOf(path).alone !== 1))("%s", async (path) => {
    const { alone } = useOf(path);
    const words = await wordsAlone(path);
    const ended = await world.scene.tocsin([...path.split(" "), ...words], {
      stdin: useOf(path).stdin ?? "",
    });

    const isWell = alone === 0 ? [0, ...(path === "doctor" ? [1] : [])] : [alone];
    expect(isWell, ended.err).toContain(ended.code ?? -1);
    expect(ended.err).not.toMatch(STACK);
    if (alone === 5) expectFailure(ended);
  });

  test("what is read is read from the store, and that is said", async () => {
    const [ls, show, logs] = await Promise.all([
      world.ask("runs", "ls", "--limit", "200"),
      world.ask("runs", "show", world.good.name),
      world.ask("logs", world.good.name, "-f"),
    ]);

    expect(ls.out).toContain(world.good.id);
    expect(show.out).toContain('{"answer":42}');
    expect(logs.out).toContain("one line");
    for (const { err } of [ls, show, logs])
      expect(err).toContain("No daemon runs here: uses the store");
  });
});

/** Runs that only a daemon could make are not there: any name will do. */
async function wordsAlone(path: string): Promise<readonly string[]> {
  const { words, alone } = useOf(path);
  if (alone === 5 && /^(?:runs|backfills)/.test(path)) return path.endsWith("ls") ? [] : ["any"];
  return (await words?.(world)) ?? [];
}
