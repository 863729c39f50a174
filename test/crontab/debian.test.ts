import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import type { FlowSpec } from "../../src/domain/flow.ts";
import { instant } from "../../src/domain/instant.ts";
import { duesBetween } from "../../src/schedule/due-times.ts";
import { startsOf } from "./crond.ts";
import { flowsOf, imported } from "./imported.ts";

const FOLDER = "test/crontab/crontabs";
const FILES = readdirSync(FOLDER).filter((file) => file !== "README.md");
const USERS = ["man-page", "sysstat-example"];
const MONTH = { from: Date.UTC(2026, 9, 1), until: Date.UTC(2026, 10, 1) };

function importedFile(file: string) {
  const text = readFileSync(`${FOLDER}/${file}`, "utf8");
  return { text, made: imported(text, { isSystem: !USERS.includes(file) }) };
}

/** The lines that crond starts something by, found without our parser. */
function linesOf(crontab: string): string[] {
  return crontab.split("\n").filter((line) => /^\s*(?:[\d*]|@)/.test(line));
}

function duesOf(flow: FlowSpec | undefined): number[] | "at the start" {
  const timing = flow?.schedules[0]?.timing;
  if (timing === undefined || timing.kind !== "cron") return "at the start";
  const range = { after: instant(MONTH.from - 1), until: instant(MONTH.until - 1), max: 1e6 };
  return [...duesBetween(timing, range)];
}

describe("a crontab of a Debian package", () => {
  test("is there a dozen and more times", () => {
    expect(FILES.length).toBeGreaterThan(12);
  });

  for (const file of FILES.filter((name) => name !== "anacrontab")) {
    test(`${file}: every line is a flow that is due when crond starts it`, async () => {
      const { text, made } = importedFile(file);
      const flows = await flowsOf(made.config);
      const lines = linesOf(text);

      expect(made.refused).toEqual([]);
      expect(flows.map(duesOf)).toEqual(
        lines.map((line) => (line.startsWith("@reboot") ? "at the start" : startsOf(line, MONTH))),
      );
      expect(flows.every(({ overlap }) => overlap === "allow")).toBe(true);
      expect(flows.every(({ missed }) => missed.policy === "skip")).toBe(true);
    });

    test(`${file}: nothing that it says is lost`, () => {
      const { text, made } = importedFile(file);
      const commands = made.flows.map(({ argv }) => argv.at(-1));

      for (const [index, line] of linesOf(text).entries()) {
        const [command] = line.replaceAll("\\%", "\0").split("%");
        expect(command?.replaceAll("\0", "%")).toEndWith(commands[index] ?? "no command");
      }
      for (const line of text.split("\n").filter((one) => /^\s*#.*\w/.test(one))) {
        expect(made.config.replace(/\s+/g, " ")).toContain(
          line
            .replace(/^\s*#\s*/, "")
            .trim()
            .replace(/\s+/g, " "),
        );
      }
    });
  }

  test("that is an anacrontab is refused line by line, with what to do", () => {
    const { refused, flows } = importedFile("anacrontab").made;

    expect(flows).toEqual([]);
    expect(refused.map(({ line }) => line)).toEqual([11, 12, 13]);
    expect(refused[0]?.message).toContain('write it as "@daily COMMAND"');
  });

  test("becomes a config that biome would not lay out otherwise", () => {
    for (const file of FILES) {
      const { config } = importedFile(file).made;
      const biome = ["node_modules/.bin/biome", "format", "--stdin-file-path=flows.config.ts"];
      const { stdout } = Bun.spawnSync(biome, { stdin: new TextEncoder().encode(config) });

      expect(stdout.toString()).toBe(config);
    }
  }, 60_000);

  test("gives its flows names that say what they start", () => {
    const named = (file: string) => importedFile(file).made.flows.map(({ names }) => names.flow);

    expect(named("crontab")).toEqual(["cron-hourly", "cron-daily", "cron-weekly", "cron-monthly"]);
    expect(named("munin")).toEqual(["munin-cron", "munin-limits", "find", "find-2"]);
    expect(named("certbot")).toEqual(["certbot"]);
    expect(named("mdadm")).toEqual(["checkarray"]);
    expect(named("logcheck")).toEqual(["logcheck", "logcheck-2"]);
    expect(named("sysstat")).toEqual(["debian-sa1", "debian-sa1-2"]);
    expect(named("cacti")).toEqual(["poller"]);
  });
});
