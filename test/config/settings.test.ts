import { describe, expect, test } from "bun:test";
import {
  environmentName,
  resolveSettings,
  SETTING_NAMES,
  type SettingInputs,
} from "../../config/settings.ts";
import { SETTING_NAMES as OFFERED } from "../../src/sdk/config.ts";

describe("resolveSettings()", () => {
  test("answers the defaults when nothing is given", () => {
    expect(settingsOf({})).toEqual({
      listen: { hostname: "127.0.0.1", port: 8_627 },
      loopback: "token",
      hosts: [],
      store: "./.tocsin/state.db",
      threads: Math.max(4, 4 * navigator.hardwareConcurrency),
      processes: Math.max(2, navigator.hardwareConcurrency),
      hookThreads: 2,
      shutdownGraceMs: 30_000,
      deliverGraceMs: 5_000,
      retentionMs: 90 * 86_400_000,
      logLinesMax: 10_000,
      resultBytesMax: 1_048_576,
      configDeadlineMs: 10_000,
      missedGraceMs: 60_000,
      clockJumpMs: 90_000,
    });
  });

  test("lets flags go before environment, environment before config, config before defaults", () => {
    const answer = resolve({
      flags: { threads: "3" },
      env: { TOCSIN_THREADS: "5", TOCSIN_HOOK_THREADS: "6", TOCSIN_PROCESSES: "1" },
      config: { threads: 7, hookThreads: 8, retention: "30d" },
    });

    expect(answer).toMatchObject({
      ok: true,
      settings: { threads: 3, hookThreads: 6, processes: 1, retentionMs: 30 * 86_400_000 },
      sources: {
        threads: "flag",
        hookThreads: "environment",
        retention: "config",
        listen: "default",
      },
    });
  });

  test("keeps its state in systemd's state directory unless told otherwise", () => {
    const env = { STATE_DIRECTORY: "/var/lib/tocsin:/var/lib/other" };

    expect(settingsOf({ env })).toMatchObject({ store: "/var/lib/tocsin/state.db" });
    expect(settingsOf({ env, flags: { store: "x.db" } })).toMatchObject({ store: "x.db" });
  });

  test("takes a variable that is set to nothing for not set", () => {
    expect(settingsOf({ env: { TOCSIN_THREADS: "" }, config: { threads: 2 } })).toMatchObject({
      threads: 2,
    });
  });

  const ADDRESSES: readonly [written: string, hostname: string, port: number][] = [
    ["0.0.0.0:80", "0.0.0.0", 80],
    [":9000", "127.0.0.1", 9_000],
    ["localhost:0", "localhost", 0],
    ["[::1]:8627", "::1", 8_627],
    ["8627", "127.0.0.1", 8_627],
  ];
  for (const [written, hostname, port] of ADDRESSES) {
    test(`reads the address ${written}`, () => {
      expect(settingsOf({ flags: { listen: written } })).toMatchObject({
        listen: { hostname, port },
      });
    });
  }

  test("reads sizes with and without a unit, and takes the slash off the public address", () => {
    expect(settingsOf({ config: { resultBytesMax: "64KiB" } })).toMatchObject({
      resultBytesMax: 65_536,
    });
    expect(settingsOf({ env: { TOCSIN_RESULT_BYTES_MAX: "512" } })).toMatchObject({
      resultBytesMax: 512,
    });
    expect(settingsOf({ config: { publicUrl: "https://tocsin.example.org/ui/" } })).toMatchObject({
      publicUrl: "https://tocsin.example.org/ui",
    });
  });

  test("reads names of hosts from a list, or from one text with commas", () => {
    const hosts = ["a.example", "b.example:8443"];

    expect(settingsOf({ config: { hosts } })).toMatchObject({ hosts });
    expect(settingsOf({ env: { TOCSIN_HOSTS: "a.example, b.example:8443" } })).toMatchObject({
      hosts,
    });
  });

  const REFUSED: readonly [inputs: Partial<SettingInputs>, message: string][] = [
    [
      { flags: { threads: "0" } },
      'Cannot use --threads "0": expected a whole number from 1 to 1024',
    ],
    [
      { env: { TOCSIN_SHUTDOWN_GRACE: "soon" } },
      'Cannot use TOCSIN_SHUTDOWN_GRACE "soon": expected a duration such as "30s", from 0s to 1d',
    ],
    [
      { config: { retention: "1m" } },
      `Cannot use the config's retention "1m": expected a duration such as "30s", from 1h to 36500d`,
    ],
    [
      { flags: { listen: "127.0.0.1:70000" } },
      'Cannot use --listen "127.0.0.1:70000": expected an address and port such as "127.0.0.1:8627"',
    ],
    [{ flags: { listen: "::1:8627" } }, 'Cannot use --listen "::1:8627": expected an address'],
    [{ config: { store: "" } }, `Cannot use the config's store "": expected a path`],
    [{ env: { TOCSIN_LOOPBACK: "yes" } }, `TOCSIN_LOOPBACK "yes": expected "token" or "open"`],
    [{ config: { hosts: ["a b"] } }, `the config's hosts ["a b"]: expected names of hosts`],
    [{ config: { publicUrl: "ftp://x" } }, `Cannot use the config's publicUrl "ftp://x": expected`],
    [{ config: { resultBytesMax: "1GiB" } }, `Cannot use the config's resultBytesMax "1GiB"`],
    [
      { config: { missedGrace: -1 } },
      "Cannot use the config's missedGrace -1: expected a duration",
    ],
    [
      { config: { thread: 2 } },
      `Cannot use the config's "thread": there is no such setting; there are listen, loopback, hosts, store`,
    ],
  ];
  for (const [inputs, message] of REFUSED) {
    test(`refuses ${JSON.stringify(inputs)}`, () => {
      const answer = resolve(inputs);

      expect(answer).toMatchObject({
        ok: false,
        problems: [{ message: expect.stringContaining(message) }],
      });
    });
  }

  test("names every problem, not only the first", () => {
    const answer = resolve({ flags: { threads: "x" }, config: { hookThreads: "y", foo: 1 } });

    expect(answer).toMatchObject({
      ok: false,
      problems: [
        { setting: "foo", source: "config" },
        { setting: "threads", source: "flag" },
        { setting: "hookThreads", source: "config" },
      ],
    });
  });
});

test("a config can give exactly the settings there are", () => {
  const offered: readonly string[] = OFFERED;

  expect(offered.toSorted()).toEqual(SETTING_NAMES.toSorted());
});

test("named limits in a config are not settings, and let be", () => {
  expect(resolve({ config: { limits: { db: 3 } } })).toMatchObject({ ok: true });
});

test("an environment name is the setting's in capitals", () => {
  expect(environmentName("logLinesMax")).toBe("TOCSIN_LOG_LINES_MAX");
});

function resolve(inputs: Partial<SettingInputs>) {
  return resolveSettings({ flags: {}, env: {}, config: {}, ...inputs });
}

function settingsOf(inputs: Partial<SettingInputs>) {
  const answer = resolve(inputs);
  if (!answer.ok) throw new Error(answer.problems.map(({ message }) => message).join("; "));
  return answer.settings;
}
