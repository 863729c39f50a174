import { afterAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compiled } from "../support/compiled.ts";
import { poolWith } from "../threads/support/pool-with.ts";
import { flowsOf, imported } from "./imported.ts";

const PAPER = readFileSync("docs/from-crontab.md", "utf8");
const [CRONTAB = "", CONFIG = ""] = ["crontab", "ts"].map(
  (language) => new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, "m").exec(PAPER)?.[1],
);

const stops: (() => Promise<void>)[] = [];
afterAll(async () => {
  await Promise.all(stops.map((stop) => stop()));
});

/** What a flow of a config logs. */
async function logged(config: string, flow: string): Promise<readonly string[]> {
  const { ledger, start, executor } = poolWith(config);
  stops.push(() => executor.stop(0));
  const offer = start(flow);
  const { outcome } = await ledger.end(offer);

  expect(outcome).toEqual({ type: "completed" });
  return ledger.lines(offer.runId).map(({ text }) => text);
}

describe("docs/from-crontab.md", () => {
  test("shows the config that its crontab is made into", async () => {
    expect(imported(CRONTAB, { timezone: "Europe/Vienna" }).config).toBe(CONFIG);
    expect((await flowsOf(CONFIG)).map(({ name }) => String(name))).toEqual([
      "backup",
      "make",
      "cat",
      "tunnel",
    ]);
  });

  test("its flows run as crond would run the lines", async () => {
    const home = mkdtempSync(join(tmpdir(), "tocsin-home-"));
    mkdirSync(join(home, "reports"));
    writeFileSync(join(home, "backup.sh"), '#!/bin/sh\necho "$1 $PATH"\n', { mode: 0o755 });
    const config = CONFIG.replace("/home/ann", home);

    expect(await logged(config, "cat")).toEqual(["Good morning,", "it is 9 o'clock"]);
    expect(await logged(config, "backup")).toEqual([]);
    expect(readFileSync(join(home, "backup.log"), "utf8")).toBe(
      "--all /usr/local/bin:/usr/bin:/bin\n",
    );
  });
});

describe("the config of a crontab", () => {
  test("satisfies the compiler with the types that a config is given", () => {
    const crontabs = readdirSync("test/crontab/crontabs")
      .filter((file) => file !== "README.md")
      .map((file) => readFileSync(`test/crontab/crontabs/${file}`, "utf8"));
    const texts = [CONFIG, ...crontabs.map((text) => imported(text, { isSystem: true }).config)];
    const { output, exitCode } = compiled(texts);

    expect(output).toBe("");
    expect(exitCode).toBe(0);
  }, 60_000);

  test.skipIf(process.getuid?.() !== 0)("runs the lines of other users as them", async () => {
    const { config } = imported('X=1\n@daily nobody echo "$(id -un) $X $(pwd) $HOME"', {
      isSystem: true,
    });

    expect(await logged(config, "echo")).toEqual(["nobody 1 / /nonexistent"]);
  });
});
