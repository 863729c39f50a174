import * as v from "valibot";
import {
  address,
  bytes,
  choice,
  count,
  duration,
  hostNames,
  storePlace,
  webAddress,
  withoutSecrets,
} from "./setting-values.ts";

const CORES = navigator.hardwareConcurrency;

/** Every setting of the daemon, under the name it has in a config. Lengths of time are in milliseconds. */
const SCHEMA = v.object({
  /** Where the HTTP API listens. Port 0 takes any that is free. */
  listen: v.optional(address(), "127.0.0.1:8627"),
  /** Whether programs on this machine need a token once there are any: `token`, or `open` for none. */
  loopback: v.optional(choice(["token", "open"]), "token"),
  /** Names by which people reach the daemon besides those of this machine and of `publicUrl`. */
  hosts: v.optional(hostNames(), []),
  /** The file that holds the state, under systemd by default in $STATE_DIRECTORY; or the address of a libSQL server. */
  store: v.optional(storePlace(), "./.tocsin/state.db"),
  /** Address at which people reach the daemon, for links; without it, where the daemon listens. */
  publicUrl: v.optional(webAddress()),
  /** Threads that run flows, one run at a time in each: four per core, at least four. */
  threads: v.optional(count({ least: 1, most: 1_024 }), Math.max(4, 4 * CORES)),
  /** Processes that run flows with `isolation: "process"`, one attempt in each: one per core, at least two. */
  processes: v.optional(count({ least: 1, most: 256 }), Math.max(2, CORES)),
  /** Threads that perform hooks. */
  hookThreads: v.optional(count({ least: 1, most: 64 }), 2),
  /** How long a stopping daemon waits for runs in flight. */
  shutdownGrace: v.optional(duration({ least: "0s", most: "1d" }), "30s"),
  /** How long a stopping daemon goes on delivering what is due. */
  deliverGrace: v.optional(duration({ least: "0s", most: "1h" }), "5s"),
  /** How long runs are kept after they ended. */
  retention: v.optional(duration({ least: "1h", most: "36500d" }), "90d"),
  /** Log lines that are kept of one run. */
  logLinesMax: v.optional(count({ least: 1, most: 1_000_000 }), 10_000),
  /** The largest result of a run or task that is kept, in bytes. */
  resultBytesMax: v.optional(bytes({ least: 1, most: 2 ** 26 }), "1MiB"),
  /** How long reading a config may take. */
  configDeadline: v.optional(duration({ least: "100ms", most: "10m" }), "10s"),
  /** How late a due time may be noticed without counting as missed. */
  missedGrace: v.optional(duration({ least: "1s", most: "1d" }), "60s"),
  /** Wall clock and monotonic clock apart by more than this: the clock was set, or the machine slept. */
  clockJump: v.optional(duration({ least: "1s", most: "1d" }), "90s"),
});

type SettingName = keyof typeof SCHEMA.entries;
type Written = v.InferOutput<typeof SCHEMA>;
type Lengths =
  | "shutdownGrace"
  | "deliverGrace"
  | "retention"
  | "configDeadline"
  | "missedGrace"
  | "clockJump";

/** The daemon's settings, checked. A length of time has its unit in its name. */
export type Settings = Readonly<Omit<Written, Lengths>> & {
  readonly [Name in Lengths as `${Name}Ms`]: number;
};

/** Where a setting's value came from, strongest first. */
export type SettingSource = "flag" | "environment" | "config" | "default";

export interface SettingProblem {
  readonly setting: string;
  readonly source: SettingSource;
  /** Names the source: `Cannot use TOCSIN_THREADS "none": expected a whole number from 1 to 1024`. */
  readonly message: string;
}

export type SettingsAnswer =
  | {
      readonly ok: true;
      readonly settings: Settings;
      /** By setting name. */
      readonly sources: Readonly<Record<string, SettingSource>>;
    }
  | { readonly ok: false; readonly problems: readonly SettingProblem[] };

export interface SettingInputs {
  /** By setting name; undefined where the flag was not given. */
  readonly flags: Readonly<Record<string, unknown>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What the config says beside its flows and hooks. */
  readonly config: Readonly<Record<string, unknown>>;
}

export const SETTING_NAMES: readonly SettingName[] = v.keyof(SCHEMA).options;

/** The environment variable of a setting: `shutdownGrace` is `TOCSIN_SHUTDOWN_GRACE`. */
export function environmentName(setting: string): string {
  return `TOCSIN_${setting.replace(/[A-Z]/g, "_$&").toUpperCase()}`;
}

/** Checks all settings at once: flags go before environment, environment before config, config before defaults. */
export function resolveSettings(inputs: SettingInputs): SettingsAnswer {
  const given = new Map<string, Given>(SETTING_NAMES.map((name) => [name, find(name, inputs)]));
  const values = Object.fromEntries([...given].map(([name, { value }]) => [name, value]));
  const parsed = v.safeParse(SCHEMA, values);
  const problems = [
    ...unknownSettings(inputs.config),
    ...(parsed.issues ?? []).map((issue) => problemOf(issue, given)),
  ];
  if (!parsed.success || problems.length > 0) return { ok: false, problems };
  const sources = Object.fromEntries([...given].map(([name, { source }]) => [name, source]));
  return { ok: true, settings: withUnits(parsed.output), sources };
}

/** The store's place alone: what is wrong with the other settings is nothing to whoever looks for it. */
export function resolveStorePlace({ flags, env, config }: SettingInputs): SettingsAnswer {
  const { TOCSIN_STORE, STATE_DIRECTORY } = env;
  return resolveSettings({
    flags: { store: flags["store"] },
    env: { TOCSIN_STORE, STATE_DIRECTORY },
    config: { store: config["store"] },
  });
}

interface Given {
  readonly source: SettingSource;
  readonly value: unknown;
}

function find(name: SettingName, { flags, env, config }: SettingInputs): Given {
  if (flags[name] !== undefined) return { source: "flag", value: flags[name] };
  const fromEnvironment = env[environmentName(name)];
  // Set to nothing counts as not set: that is how a unit file takes a variable back.
  if (fromEnvironment !== undefined && fromEnvironment !== "") {
    return { source: "environment", value: fromEnvironment };
  }
  if (config[name] !== undefined) return { source: "config", value: config[name] };
  return { source: "default", value: name === "store" ? storeUnderSystemd(env) : undefined };
}

/** systemd lists several directories with colons; the first is ours. */
function storeUnderSystemd(env: SettingInputs["env"]): string | undefined {
  const directory = env["STATE_DIRECTORY"]?.split(":")[0] ?? "";
  return directory === "" ? undefined : `${directory}/state.db`;
}

/** Named limits are no setting of the daemon: flows are held to them. */
function unknownSettings(config: SettingInputs["config"]): readonly SettingProblem[] {
  const known = new Set<string>([...SETTING_NAMES, "limits"]);
  return Object.keys(config)
    .filter((name) => !known.has(name))
    .map((setting) => ({
      setting,
      source: "config",
      message: `Cannot use the config's "${setting}": there is no such setting; there are ${SETTING_NAMES.join(", ")}`,
    }));
}

function problemOf(
  issue: v.InferIssue<typeof SCHEMA>,
  given: ReadonlyMap<string, Given>,
): SettingProblem {
  const setting = String(issue.path?.[0]?.key);
  const { source, value } = given.get(setting) ?? { source: "default", value: undefined };
  const message = `Cannot use ${labelOf(setting, source)} ${show(withoutSecrets(value))}: ${issue.message}`;
  return { setting, source, message };
}

function labelOf(setting: string, source: SettingSource): string {
  switch (source) {
    case "flag":
      return `--${setting.replace(/[A-Z]/g, "-$&").toLowerCase()}`;
    case "environment":
      return environmentName(setting);
    case "config":
      return `the config's ${setting}`;
    case "default":
      return `the default of ${setting}`;
  }
}

function show(value: unknown): string {
  return JSON.stringify(value) ?? typeof value;
}

function withUnits(written: Written): Settings {
  const { shutdownGrace, deliverGrace, retention, configDeadline, ...others } = written;
  const { missedGrace, clockJump, ...rest } = others;
  return {
    ...rest,
    shutdownGraceMs: shutdownGrace,
    deliverGraceMs: deliverGrace,
    retentionMs: retention,
    configDeadlineMs: configDeadline,
    missedGraceMs: missedGrace,
    clockJumpMs: clockJump,
  };
}
