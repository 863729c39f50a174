import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import manifest from "../../package.json" with { type: "json" };

const MAIN = resolve("src/main.ts");
const directory = mkdtempSync(join(tmpdir(), "tocsin-cli-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

type Environment = Readonly<Record<string, string>>;

async function spawned(args: readonly string[], cwd = directory, env: Environment = {}) {
  const child = Bun.spawn([process.execPath, MAIN, ...args], {
    cwd,
    env: { ...process.env, NO_COLOR: "1", ...env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { out, err, code };
}

describe("tocsin, as a process", () => {
  test("--help lists the commands", async () => {
    const { out, err, code } = await spawned(["--help"]);

    expect([code, err]).toEqual([0, ""]);
    for (const command of ["serve", "init", "check", "run", "trigger", "runs", "logs", "blocks"]) {
      expect(out).toContain(`\n  ${command}`);
    }
    expect(out).not.toContain("__inspect-store");
  });

  test("says what to do about a standard input that is not UTF-8", async () => {
    const child = Bun.spawn([process.execPath, MAIN, "import-crontab"], {
      cwd: directory,
      stdin: Buffer.from("0 1 * * * caf\xe9\n", "latin1"),
      stderr: "pipe",
    });

    expect(await new Response(child.stderr).text()).toContain(
      "Cannot read the standard input: it is not UTF-8; iconv turns other encodings into it",
    );
    expect(await child.exited).toBe(2);
  });

  test("loads nothing heavy to say its help", async () => {
    const loaded = `
      process.argv = ["tocsin", "tocsin", "--help"];
      process.on("exit", () => {
        const heavy = Object.keys(require.cache).filter((path) => /node_modules\\/(hono|libsql|@libsql|kysely|valibot|croner)\\//.test(path));
        require("node:fs").writeSync(2, JSON.stringify(heavy));
      });
      await import(${JSON.stringify(MAIN)});
    `;
    const child = Bun.spawn([process.execPath, "-e", loaded], { stdout: "ignore", stderr: "pipe" });

    expect(await new Response(child.stderr).text()).toBe("[]");
  });

  test("version prints package.json's", async () => {
    expect((await spawned(["version"])).out).toBe(`tocsin ${manifest.version}\n`);
  });

  test("answers 2 to a command that is not there, with what was meant", async () => {
    const { out, err, code } = await spawned(["statsu"]);

    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain("Did you mean status?");
  });

  test("is quiet when its reader goes away", async () => {
    const child = Bun.spawn(
      ["sh", "-c", `"${process.execPath}" "${MAIN}" --help | head -n 1; exit 0`],
      { stdout: "pipe", stderr: "pipe" },
    );

    expect(await new Response(child.stdout).text()).toStartWith("Usage: tocsin");
    expect(await new Response(child.stderr).text()).toBe("");
  });
});

describe("init", () => {
  test("writes a config to begin with, and keeps what is there", async () => {
    const first = await spawned(["init", "fresh"]);
    const config = join(directory, "fresh", "flows.config.ts");
    await writeFile(config, "// mine\n");
    const second = await spawned(["init", "fresh"]);

    expect([first.code, second.code]).toEqual([0, 0]);
    expect(first.out).toContain("written\tflows.config.ts".replace("\t", "  "));
    expect(second.out.match(/^kept/gm)).toHaveLength(6);
    expect(await readFile(config, "utf8")).toBe("// mine\n");
    expect(first.err).toContain("tocsin check");
  });
});

describe("check", () => {
  test("accepts what init wrote, types included", async () => {
    await spawned(["init", "good"]);

    const { out, err, code } = await spawned(["check"], join(directory, "good"));

    expect([code, err]).toEqual([0, ""]);
    expect(out).toBe("ok: 2 flows, 2 schedules, 2 hooks\n");
  });

  test("lists every problem with its place, and answers 6", async () => {
    await spawned(["init", "bad"]);
    const bad = join(directory, "bad");
    await writeFile(
      join(bad, "flows.config.ts"),
      `/// <reference path="./.tocsin/tocsin.d.ts" />
import { defineConfig, flow } from "tocsin";
const one = flow({ name: "one", retries: -1, schedule: { cron: "61 * * * *" }, run: () => 1 });
export default defineConfig({ flows: [one] });
`,
    );

    const { out, code } = await spawned(["check", "--no-types"], bad);

    expect(code).toBe(6);
    expect(out).toContain("flows[0].retries");
    expect(out).toContain("flows[0].schedule");
    expect(out).toMatch(/flows\.config\.ts:3:\d+/);
  });

  test("lists type errors too, unless told not to", async () => {
    await spawned(["init", "typed"]);
    const typed = join(directory, "typed");
    await writeFile(
      join(typed, "flows.config.ts"),
      `/// <reference path="./.tocsin/tocsin.d.ts" />
import { defineConfig, flow } from "tocsin";
const wrong: number = "text";
export default defineConfig({ flows: [flow({ name: "one", run: () => wrong })] });
`,
    );

    const checked = await spawned(["check"], typed);
    const unchecked = await spawned(["check", "--no-types"], typed);

    expect(checked.code).toBe(6);
    expect(checked.out).toMatch(/^flows\.config\.ts:3:7 {2}TS2322: /);
    expect(unchecked.code).toBe(0);
  });

  test("lists settings that serve would refuse, whether of the config or of the environment", async () => {
    await spawned(["init", "set"]);
    const set = join(directory, "set");
    await writeFile(
      join(set, "flows.config.ts"),
      `/// <reference path="./.tocsin/tocsin.d.ts" />
import { defineConfig } from "tocsin";
export default defineConfig({ flows: [], listen: "nowhere", retention: "1m" });
`,
    );

    const checked = await spawned(["check"], set, { TOCSIN_RETENTION: "1d", TOCSIN_THREADS: "x" });

    expect(checked.code).toBe(6);
    expect(checked.out).toContain('listen: Cannot use the config\'s listen "nowhere": expected');
    expect(checked.out).toContain('\nCannot use TOCSIN_THREADS "x": expected');
    expect(checked.out).not.toContain("retention");
  });

  test("lists type errors of hook modules", async () => {
    await spawned(["init", "hooked"]);
    const hooked = join(directory, "hooked");
    const audit = join(hooked, "hooks", "audit.ts");
    await writeFile(
      audit,
      `${await readFile(audit, "utf8")}export const wrong: number = "text";\n`,
    );

    const { out, code } = await spawned(["check"], hooked);

    expect(code).toBe(6);
    expect(out).toMatch(/^hooks\/audit\.ts:\d+:14 {2}TS2322: /);
  });

  test("shows what the config writes at its top, on standard error", async () => {
    await spawned(["init", "talks"]);
    const talks = join(directory, "talks");
    const config = join(talks, "flows.config.ts");
    const text = await readFile(config, "utf8");
    await writeFile(config, `${text}console.log("here", { a: 1 });\nconsole.error("and here");\n`);

    const { out, err, code } = await spawned(["check", "--no-types"], talks);

    expect([code, err]).toEqual([0, "here { a: 1 }\nand here\n"]);
    expect(out).toStartWith("ok: ");
  });

  test("takes a directory for the config in it", async () => {
    await spawned(["init", "whole"]);

    const good = await spawned(["check", "--no-types", "--config", "whole"]);
    const bad = await spawned(["check", "--no-types", "--config", "/"]);

    expect(good.code).toBe(0);
    expect(bad.out).toContain('Cannot read config "/flows.config.ts": there is no such file');
  });

  test("answers 6 when there is no config", async () => {
    const empty = join(directory, "empty");
    await mkdir(empty);

    const { out, code } = await spawned(["check", "--json"], empty);

    expect(code).toBe(6);
    expect(JSON.parse(out).problems[0].message).toContain("there is no such file");
  });
});

describe("run", () => {
  test("runs a flow without a daemon, and answers how it went", async () => {
    await spawned(["init", "running"]);
    const running = join(directory, "running");
    const config = join(running, "flows.config.ts");
    const text = await readFile(config, "utf8");
    // A due minute must not get in the way.
    await writeFile(config, text.replace('cron: "* * * * *"', 'cron: "0 0 1 1 *"'));

    const good = await spawned(["run", "hello", "-p", "name=Ada", "--json"], running);
    const bad = await spawned(["run", "hello", "-p", "name=5"], running);
    const unknown = await spawned(["run", "helo"], running);

    expect([good.code, bad.code, unknown.code]).toEqual([0, 1, 3]);
    expect(JSON.parse(good.out).state.type).toBe("COMPLETED");
    expect(good.err).toContain("info   Hello, Ada!");
    expect(bad.out).toContain("Failed");
    expect(unknown.err).toContain('did you mean "hello"?');
  });
});
