import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { configText } from "../support/configs.ts";
import { screenOf } from "./support/screen.ts";

const MAIN = resolve("src/main.ts");
const STORY_MS = 30_000;
const directory = mkdtempSync(join(tmpdir(), "tocsin-live-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const CODE = `
  const extract = task({ name: "extract", run: async (n) => { log("file " + n); return n; } });
  const load = task({ name: "load", run: async () => { throw new Error("disk is full"); } });
  const work = flow({
    name: "work",
    run: async () => {
      await Promise.all(Array.from({ length: 12 }, (_, n) => extract(n)));
      await load().catch(() => "went on");
      return "done";
    },
  });
  const inner = task({ name: "inner", run: async () => "in" });
  const outer = task({ name: "outer", run: async () => await inner() });
  const child = flow({
    name: "child",
    run: async (_, { log }) => { log("the child is here"); return await outer(); },
  });
  const nest = flow({ name: "nest", run: async () => [await outer(), await child()] });
  const hang = flow({
    name: "hang",
    run: async (_, { log, signal }) => {
      log("is there");
      await new Promise((settle) => signal.addEventListener("abort", settle));
      signal.throwIfAborted();
    },
  });
  const deaf = flow({
    name: "deaf",
    run: async (_, { log }) => {
      log("is there");
      await wait(600_000);
    },
  });`;

async function aFolder(name: string): Promise<string> {
  const folder = join(directory, name);
  await mkdir(folder);
  const text = configText({ code: CODE, flows: ["work", "child", "nest", "hang", "deaf"] });
  await writeFile(join(folder, "flows.config.ts"), text);
  return folder;
}

interface Terminal {
  readonly folder: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What a person types once all that has been written so far fits. */
  readonly type?: readonly (readonly [when: RegExp, keys: string])[];
}

/** Runs a command line under a pseudo-terminal of 60 columns. */
async function atTerminal(args: string, { folder, env = {}, type = [] }: Terminal) {
  const command = `stty cols 60 rows 20; exec "${process.execPath}" "${MAIN}" ${args}`;
  const child = Bun.spawn(["script", "-qec", command, "/dev/null"], {
    cwd: folder,
    env: { ...process.env, LC_ALL: "C.UTF-8", TERM: "xterm-256color", NO_COLOR: "", ...env },
    stdin: "pipe",
    stdout: "pipe",
    stderr: "ignore",
  });
  const typed = [...type];
  let written = "";
  const decoder = new TextDecoder();
  for await (const chunk of child.stdout) {
    written += decoder.decode(chunk, { stream: true });
    const next = typed[0];
    if (next?.[0].test(written) !== true) continue;
    typed.shift();
    child.stdin.write(next[1]);
    await child.stdin.flush();
  }
  return { written, code: await child.exited, screen: screenOf(written) };
}

const HAS_SCRIPT = process.platform === "linux" && Bun.which("script") !== null;

describe.skipIf(!HAS_SCRIPT)("tocsin run at a terminal", () => {
  test(
    "shows the tasks below its log lines, and leaves them there as they ended",
    async () => {
      const { screen, written, code } = await atTerminal("run work", {
        folder: await aFolder("a"),
      });

      expect(code).toBe(0);
      const tree = screen.lines.findIndex((line) => line.startsWith("✓ work "));
      expect(screen.lines[tree + 1]).toMatch(/^├─ ✓ extract 12\/12 {2}\S/);
      expect(screen.lines[tree + 2]).toMatch(/^└─ ✗ load .*disk is full/);
      const logged = screen.lines.findIndex((line) => line.includes("file 11"));
      expect(logged).toBeGreaterThan(0);
      expect(logged).toBeLessThan(tree);
      expect(screen.lines.join("\n")).toMatch(/result +"done"/);
      expect(screen.cursor).toBe("shown");
      expect(written).toContain("\u001b[32m");
    },
    STORY_MS,
  );

  test(
    "shows tasks called in tasks, and child runs with theirs",
    async () => {
      const { screen, code } = await atTerminal("run nest", { folder: await aFolder("f") });

      expect(code).toBe(0);
      const tree = screen.lines.findIndex((line) => line.startsWith("✓ nest "));
      expect(screen.lines.slice(tree + 1, tree + 6).join("\n")).toMatch(
        /^├─ ✓ outer .*\n│ {2}└─ ✓ inner .*\n└─ ✓ child \S+ .*\n {3}└─ ✓ outer .*\n {6}└─ ✓ inner/,
      );
      expect(screen.lines.join("\n")).toMatch(/info +child \S+: the child is here/);
    },
    STORY_MS,
  );

  test(
    "in plain characters and without colour where that is asked for",
    async () => {
      const env = { LC_ALL: "C", NO_COLOR: "1" };
      const { screen, written } = await atTerminal("run work", { folder: await aFolder("b"), env });

      expect(screen.lines.join("\n")).toMatch(/\n\|- \+ extract 12\/12 .*\n`- x load/);
      expect(written).not.toContain("\u001b[32m");
    },
    STORY_MS,
  );

  test(
    "cancels on Ctrl-C, and gives the cursor back",
    async () => {
      const { screen, code } = await atTerminal("run hang", {
        folder: await aFolder("c"),
        type: [[/is there[\s\S]*●/, "\u0003"]],
      });

      expect(code).toBe(130);
      expect(screen.lines.join("\n")).toMatch(/Cancels .*; once more to leave at once/);
      expect(screen.lines.join("\n")).toMatch(/\n– hang /);
      expect(screen.cursor).toBe("shown");
    },
    STORY_MS,
  );

  test(
    "gives the cursor back also when it leaves at once",
    async () => {
      const { screen, code } = await atTerminal("run deaf", {
        folder: await aFolder("d"),
        type: [
          [/is there[\s\S]*●/, "\u0003"],
          [/once more to leave/, "\u0003"],
        ],
      });

      expect(code).toBe(130);
      expect(screen.cursor).toBe("shown");
    },
    STORY_MS,
  );
});

test(
  "tocsin run into a pipe writes plain lines, those of its tasks among them",
  async () => {
    const child = Bun.spawn([process.execPath, MAIN, "run", "work"], {
      cwd: await aFolder("e"),
      stdout: "pipe",
      stderr: "pipe",
    });

    const err = await new Response(child.stderr).text();

    expect(await child.exited).toBe(0);
    expect(err).not.toContain("\u001b");
    expect(err).toMatch(/extract Completed\n/);
    expect(err).toMatch(/load Failed/);
  },
  STORY_MS,
);

test(
  "tocsin run into a pipe says of each line which task or child run it is of",
  async () => {
    const folder = await aFolder("g");
    const spawned = Bun.spawn([process.execPath, MAIN, "run", "nest"], {
      cwd: folder,
      stdout: "pipe",
      stderr: "pipe",
    });

    const err = await new Response(spawned.stderr).text();

    expect(await spawned.exited).toBe(0);
    expect(err).toMatch(/Z {2}outer\/inner Completed\n/);
    expect(err).toMatch(/Z {2}child [\w-]+ Completed\n/);
    expect(err).toMatch(/Z {2}child [\w-]+\/outer\/inner Completed\n/);
    expect(err).toMatch(/child [\w-]+: the child is here\n/);
    expect(err).toMatch(/Z {2}Completed\n$/);
  },
  STORY_MS,
);
