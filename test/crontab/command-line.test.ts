import { describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { tocsin } from "../cli/support/terminal.ts";

function aFolder() {
  const folder = mkdtempSync(join(tmpdir(), "tocsin-import-"));
  return { crontab: join(folder, "crontab"), out: join(folder, "flows.config.ts"), folder };
}

describe("import-crontab", () => {
  test("writes a config that check accepts, with the types beside it", async () => {
    const { out, folder } = aFolder();
    const stdin = "CRON_TZ=Europe/Vienna\n0 1 * * * backup\n@reboot start\n";

    const { code, out: text, err } = await tocsin(["import-crontab", "--out", out], { stdin });
    const checked = await tocsin(["check", "--config", out]);

    expect([code, text]).toEqual([0, `written  ${out}: 2 flows\n`]);
    expect(err).toStartWith("crontab:1: CRON_TZ=Europe/Vienna is the zone of the flows below, ");
    expect(err).toContain("\ncrontab:3: crond starts it once when the machine boots, ");
    expect(existsSync(join(folder, ".tocsin/tocsin.d.ts"))).toBe(true);
    expect([checked.code, checked.out]).toEqual([0, "ok: 2 flows, 2 schedules, 0 hooks\n"]);
  }, 30_000);

  test("lists what could not be carried over, and answers 1 though the rest is written", async () => {
    const { crontab, out } = aFolder();
    writeFileSync(crontab, "0~5 1 * * * a\n99 * * * * b\n");

    const { code, err } = await tocsin(["import-crontab", crontab, "--out", out]);

    expect(code).toBe(1);
    expect(err).toContain(`${crontab}:1: crond picks the minute in 0~5 at random`);
    expect(err).toContain(`${crontab}:2: not carried over: Cannot read minute "99": `);
    expect(err).toContain(`\n    99 * * * * b\nerror: Cannot carry over 1 line of "${crontab}"`);
    expect(readFileSync(out, "utf8")).toContain('name: "a"');
  });

  test("says the same as JSON", async () => {
    const { out } = aFolder();
    const stdin = "0 1 * * * a\n99 * * * * b\n";

    const answer = await tocsin(["import-crontab", "-", "--out", out, "--json"], { stdin });

    expect(JSON.parse(answer.out)).toMatchObject({
      config: out,
      flows: [{ name: "a", line: 1 }],
      notCarriedOver: [{ line: 2, text: "99 * * * * b" }],
      remarks: [],
    });
  });

  test("prints the config when asked to", async () => {
    const stdin = "0 1 * * * root a\n@daily ann b\n";
    const line = ["import-crontab", "--system", "--timezone", "Asia/Tokyo", "--out", "-"];

    const { code, out } = await tocsin(line, { stdin });

    expect(code).toBe(0);
    expect(out).toStartWith("/// <reference");
    expect(out).toContain('const timezone = "Asia/Tokyo";');
    expect(out).toContain('const home = "/root";');
    expect(out).toContain('"/sbin/runuser"');
  });

  test("never writes over a config, unless forced", async () => {
    const { out } = aFolder();
    writeFileSync(out, "mine");
    const line = ["import-crontab", "--out", out];

    const refused = await tocsin(line, { stdin: "0 1 * * * a" });

    expect([refused.code, readFileSync(out, "utf8")]).toEqual([1, "mine"]);
    expect(refused.err).toContain("it is there; give another name with --out, or --force");
    expect((await tocsin([...line, "--force"], { stdin: "0 1 * * * a" })).code).toBe(0);
    expect(readFileSync(out, "utf8")).toContain('name: "a"');
  });

  test.each([
    {
      args: ["no/such/crontab"],
      expected: 3,
      why: 'Cannot read crontab "no/such/crontab": there is no such file',
    },
    {
      args: ["--timezone", "Mars/Base"],
      stdin: "0 1 * * * a",
      expected: 2,
      why: 'Cannot use timezone "Mars/Base"',
    },
    {
      args: [],
      stdin: "# nothing\n",
      expected: 1,
      why: "Cannot import a crontab: no line of it can be carried over",
    },
    {
      args: [],
      stdin: "0 4\t* * *\troot\ttest -x /usr/sbin/cron-apt && /usr/sbin/cron-apt",
      expected: 2,
      why: 'every command begins with "root"',
    },
    {
      args: [],
      stdin: "0 1 * * * root a",
      expected: 2,
      why: 'every command begins with "root"; if that is the user, give --system',
    },
  ])("writes nothing where it answers: $why", async ({ args, stdin = "", expected, why }) => {
    const { out } = aFolder();

    const { code, err } = await tocsin(["import-crontab", ...args, "--out", out], { stdin });

    expect(code).toBe(expected);
    expect(err).toContain(why);
    expect(existsSync(out)).toBe(false);
  });

  test("knows a system crontab by its folder, also below another root", async () => {
    const { crontab, out } = aFolder();
    const folder = join(dirname(crontab), "mnt/etc/cron.d");
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "inn2"), "15 4\t* * * \tnews\tnews.daily expireover\n");

    const { code } = await tocsin(["import-crontab", join(folder, "inn2"), "--out", out]);

    expect(code).toBe(0);
    expect(readFileSync(out, "utf8")).toContain('"/sbin/runuser"');
  });

  test("asks for a crontab where only a terminal is", async () => {
    const { code, err } = await tocsin(["import-crontab"], { tty: true });

    expect(code).toBe(2);
    expect(err).toContain("pipe one in: crontab -l | tocsin import-crontab");
  });

  test("refuses a crontab that is not UTF-8, rather than change it", async () => {
    const { crontab, out } = aFolder();
    writeFileSync(crontab, new Uint8Array([0x40, 0x64, 0x20, 0xe9, 0x0a]));

    const { code, err } = await tocsin(["import-crontab", crontab, "--out", out]);

    expect(code).not.toBe(0);
    expect(err).toContain(
      `Cannot read crontab "${crontab}": it is not UTF-8; iconv turns other encodings into it`,
    );
    expect(existsSync(out)).toBe(false);
  });
});
