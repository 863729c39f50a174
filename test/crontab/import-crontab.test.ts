import { describe, expect, test } from "bun:test";
import { flowsOf, imported } from "./imported.ts";

function onlyFlow(crontab: string, settings?: Parameters<typeof imported>[1]) {
  const { flows } = imported(crontab, settings);
  expect(flows).toHaveLength(1);
  return flows[0];
}

describe("a line of a user's crontab", () => {
  test("is started by the shell, in the home folder, by the clock of the machine", () => {
    const { flows, config } = imported("0 2 * * * ./backup.sh --all", {
      timezone: "Europe/Vienna",
    });

    expect(flows).toEqual([
      {
        line: 1,
        names: { flow: "backup", constant: "backup" },
        cron: "0 2 * * *",
        timezone: undefined,
        argv: ["/bin/sh", "-c", "./backup.sh --all"],
        env: {},
        cwd: undefined,
        remarks: [],
      },
    ]);
    expect(config).toContain('const timezone = "Europe/Vienna";\n');
    expect(config).toContain('const home = "/home/ann";\n');
    expect(config).toContain('  schedule: { cron: "0 2 * * *", timezone },\n');
    expect(config).toContain("  cwd: home,\n");
  });

  test.each([
    ["mail joe", "mail joe", undefined],
    ["date +\\%s", "date +%s", undefined],
    ["mail joe%Joe,%%Where?%", "mail joe", "Joe,\n\nWhere?\n"],
    ["cat%a\\%b%c", "cat", "a%b\nc\n"],
    ["cat%", "cat", undefined],
    ["cat %%", "cat ", "\n"],
    ["printf a\\\\%b", "printf a\\\\", "b\n"],
    ["sed 's/\\s*$//' \\", "sed 's/\\s*$//' \\", undefined],
    ["cat \t", "cat", undefined],
    ["ls a\\  ", "ls a\\ ", undefined],
    ["cat%  with blanks  ", "cat", "  with blanks  \n"],
  ])("has a percent sign read as crond reads it: %j", (text, command, stdin) => {
    const flow = onlyFlow(`* * * * * ${text}`);

    expect([flow?.argv.at(-1), flow?.stdin]).toEqual([command, stdin]);
  });

  test("with a NUL character is not carried over: no command can be given one", () => {
    const { refused, config } = imported("0 1 * * * echo a\0b\n0 2 * * * fine");

    expect(refused.map(({ message }) => message)).toEqual([
      "Cannot read a line with a NUL character in it",
    ]);
    expect(config).toContain("//  0 1 * * * echo a\\u0000b\n");
  });

  test("may say when by a name", async () => {
    const names = ["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"];
    const { config, refused } = imported(
      [...names, "@fortnightly"].map((name) => `${name} x`).join("\n"),
    );

    expect((await flowsOf(config)).map(({ schedules }) => schedules[0]?.timing)).toMatchObject(
      names.map((cron) => ({ kind: "cron", cron })),
    );
    expect(refused[0]?.message).toStartWith(
      'Cannot read "@fortnightly": expected one of @reboot, ',
    );
  });

  test("with @reboot is due when the daemon starts", async () => {
    const { config } = imported("@reboot /srv/start");

    expect(config).toContain("schedule: { onStart: true },");
    expect(config).not.toContain("timezone");
    expect(config).toContain("it keeps one of the daemon's threads (4 for each core) from\n// all");
    expect(await flowsOf(config)).toHaveLength(1);
  });

  test("with cronie's dash is carried over without it", () => {
    expect(onlyFlow("-*/5 * * * * x")).toMatchObject({
      cron: "*/5 * * * *",
      remarks: { length: 1 },
    });
  });

  test.each([
    ["* * * * *", "expected a command after the fields"],
    ["* * * *", "expected five fields and a command, or NAME=VALUE"],
    ["* * * * * * x", "expected a command after the fields"],
    ["@daily", "expected a command after the fields"],
    ["hello", "expected five fields"],
    ['PATH="/bin', "a quote is not closed"],
    ['PATH="/bin" # where', 'crond takes nothing after the quote: "# where"'],
    ["0 0 31 2 * x", "it is never due"],
    ["7 10 cron.weekly run-parts /etc/cron.weekly", "anacrontab"],
    ["@monthly 15 cron.monthly run-parts /etc/cron.monthly", "anacrontab"],
  ])("that crond would not start is kept as a comment, with number and reason: %s", (line, why) => {
    const { refused, config } = imported(`# first\n\n${line}\n0 1 * * * fine`);

    expect(refused).toMatchObject([{ line: 3, text: line }]);
    expect(refused[0]?.message).toContain(why);
    expect(config).toContain(`// Not carried over, line 3: ${refused[0]?.message}\n//  ${line}\n`);
    expect(config).toContain('name: "fine"');
  });
});

describe("the variables of a crontab", () => {
  test("hold for the lines after them", () => {
    const { flows, config } = imported(
      "0 1 * * * a\nPATH = /bin\n0 2 * * * b\nX=' 1 '\nY=\"\"\n0 3 * * * c\n0 4 * * * d\nX=2 # 3 \n0 5 * * * e",
    );

    expect(flows.map(({ env }) => env)).toEqual([
      {},
      { PATH: "/bin" },
      { PATH: "/bin", X: " 1 ", Y: "" },
      { PATH: "/bin", X: " 1 ", Y: "" },
      { PATH: "/bin", X: "2 # 3", Y: "" },
    ]);
    expect(config.match(/^const env\d* = .*$/gm)).toEqual([
      'const env = { PATH: "/bin" };',
      'const env2 = { PATH: "/bin", X: " 1 ", Y: "" };',
      'const env3 = { PATH: "/bin", X: "2 # 3", Y: "" };',
    ]);
  });

  test("name the shell and the folder", () => {
    expect(onlyFlow("SHELL=/bin/bash\nHOME=/srv\n0 1 * * * a")).toMatchObject({
      argv: ["/bin/bash", "-c", "a"],
      cwd: "/srv",
      env: { SHELL: "/bin/bash", HOME: "/srv" },
    });
  });

  test("name the zone with CRON_TZ, not with TZ", () => {
    const { flows, remarks } = imported(
      "TZ=Asia/Tokyo\n0 1 * * * a\nCRON_TZ=America/New_York\n0 1 * * * b\nCRON_TZ=\n0 1 * * * c\nCRON_TZ=Mars/Base\n0 1 * * * d",
    );

    expect(flows.map(({ timezone }) => timezone)).toEqual([
      undefined,
      "America/New_York",
      undefined,
    ]);
    expect(flows[0]?.env).toEqual({ TZ: "Asia/Tokyo" });
    expect(remarks.map(({ line }) => line)).toEqual([1, 3, 7]);
    expect(remarks[1]?.message).toBe(
      "CRON_TZ=America/New_York is the zone of the flows below, as with cronie; Debian's crond goes by its machine's all the same",
    );
  });

  test("of crond itself are no variables of the commands", () => {
    const { flows, config } = imported(
      "MAILTO=ann@example.org,bo\nMAILFROM=x\nUSER=root\nRANDOM_DELAY=45\n0 1 * * * a",
    );

    expect(flows[0]).toMatchObject({ env: {}, jitter: "45m" });
    expect(config).toContain('schedule: { cron: "0 1 * * *", timezone, jitter: "45m" },');
    expect(config).toContain('to: ["ann@example.org", "bo"] })],');
    expect(config).toContain("tocsin/hooks/email");
    expect(imported('MAILTO=""\n0 1 * * * a').config).not.toContain("mail");
  });

  test("that no line follows are kept as comments", () => {
    expect(imported("A=1\n0 1 * * * a\nB=2").config).toContain(
      "// No line follows that these hold for:\n// B=2\n",
    );
  });
});

describe("a command that a test guards", () => {
  test.each([
    "test -x /opt/x && /opt/x",
    "[ -x /opt/x ] && /opt/x --all",
    "command -v x > /dev/null && x",
  ])("has failed where its test is not true, and the config says so: %s", (command) => {
    expect(imported(`0 1 * * * ${command}`).config).toContain(
      'So has one of "test … && …" whose test is not true: write "if test …; then …; fi"',
    );
  });

  test("is not spoken of where there is none", () => {
    const { config } = imported("0 1 * * * if [ -x /opt/x ]; then /opt/x && a; fi");

    expect(config).not.toContain("whose test is not true");
  });
});

describe("a line of a system crontab", () => {
  test("for root is started as it is", () => {
    expect(onlyFlow("17 * * * *\troot\tcd / && x", { isSystem: true })).toMatchObject({
      argv: ["/bin/sh", "-c", "cd / && x"],
      remarks: [],
    });
  });

  test("for another user is started with runuser, and stays as a comment", () => {
    const { config, flows, remarks } = imported("0 8 * * *  list  mailman notify", {
      isSystem: true,
    });

    expect(flows[0]).toMatchObject({
      argv: ["/sbin/runuser", "-u", "list", "--", "/bin/sh", "-c", "mailman notify"],
      cwd: "/",
    });
    expect(remarks[0]?.message).toContain("runuser");
    expect(config).toContain("//  0 8 * * *  list  mailman notify\nconst mailman = command({");
  });

  test("for another user keeps the folder that HOME names", () => {
    expect(onlyFlow("HOME=/srv\n@daily list x", { isSystem: true })).toMatchObject({
      argv: ["/sbin/runuser", "-u", "list", "--", "env", "HOME=/srv", "/bin/sh", "-c", "x"],
      cwd: "/srv",
    });
  });

  test("that names no user is refused", () => {
    const { refused } = imported("0 8 * * * /usr/bin/x --all\n0 8 * * * root", { isSystem: true });

    expect(refused.map(({ message }) => message)).toEqual([
      'Cannot read user "/usr/bin/x": it is no user name; without --system the line is read as one of a user\'s crontab',
      'Cannot read what to start "root": expected a user and a command after the fields',
    ]);
  });
});

describe("the comments of a crontab", () => {
  test("right above a line say what its flow is for", () => {
    const { flows, config } = imported(
      "# Of the whole\n\n# Back up\n# what there is\n0 1 * * * a\n#0 2 * * * old\n0 3 * * * b\n# m h dom mon dow command\n# Notes:\n#\n# Tell\n#\n0 4 * * * c\n# last",
    );

    expect(flows.map(({ description }) => description)).toEqual([
      "Back up what there is",
      undefined,
      "Tell",
    ]);
    for (const kept of [
      "Of the whole",
      "0 2 * * * old",
      "m h dom mon dow command",
      "Notes:",
      "last",
    ]) {
      expect(config).toContain(`// ${kept}\n`);
    }
  });
});

describe("the names of flows", () => {
  test.each([
    ["/usr/local/bin/backup.sh daily", "backup"],
    ["cd /srv && FOO=1 nice -n 19 ./bin/sync-all >/dev/null", "sync-all"],
    ["[ -x /usr/bin/x ] && if [ ! -d /run ]; then /usr/bin/x; fi", "x"],
    ["/usr/bin/flock -n /tmp/a.lock /usr/bin/php -q /srv/cron.php", "cron"],
    ["perl -e 'sleep int(rand(9))' && certbot renew", "certbot"],
    ["sudo -u www-data php8.2 /var/www/artisan schedule:run", "artisan"],
    ["test -e /run/x || (cd / && run-parts --report /etc/cron.daily)", "cron-daily"],
    ['n=$(ls | wc -l); find "$HOME/tmp" -delete', "find"],
    ["echo hello", "echo"],
    ["/opt/1password/sync!", "sync"],
    ["/opt/новый", "новый"],
    ["^^^", "command"],
  ])("come from the command: %s", (command, name) => {
    expect(onlyFlow(`* * * * * ${command}`)?.names.flow).toBe(name);
  });

  test("never clash, nor with words of the language", async () => {
    const commands = ["a", "a", "a-2", "delete", "env", "home", "1", "command", "a.2"];
    const { config } = imported(`X=1\n${commands.map((one) => `* * * * * ${one}`).join("\n")}`);

    expect((await flowsOf(config)).map(({ name }) => String(name))).toEqual([
      "a",
      "a-2",
      "a-2-2",
      "delete",
      "env",
      "home",
      "1",
      "command",
      "a-2-3",
    ]);
  });
});

describe("a hostile crontab", () => {
  test("gets nothing into the config but texts and comments", async () => {
    const evil = 'throw new Error("got in")';
    const crontab = [
      `# x\u2028${evil}`,
      `# x\r${evil}`,
      `A"];${evil};=1`,
      `B="];${evil};[\``,
      `MAILTO=\u2029${evil}`,
      `* * * * * x"];${evil};["\u2028${evil}\${1}\` '\\`,
      `* * * * * x'];${evil};[' "" "\\" `,
      `* * * * * \u0000\u001b[31m\t%\u2029${evil}`,
      `99 * * * * \u2028${evil}`,
      `CRON_TZ="];${evil};["`,
      "* * * * * y",
    ].join("\n");
    const { config, flows } = imported(crontab);

    expect(await flowsOf(config)).toHaveLength(flows.length);
    expect(flows).toHaveLength(3);
    expect(flows[0]?.argv.at(-1)).toBe(`x"];${evil};["\u2028${evil}\${1}\` '\\`);
  });
});
