import type { Duration } from "../domain/duration.ts";
import type { BlockType } from "./block-type.ts";
import { definitionSite, type Site } from "./definition-site.ts";
import type { Flow } from "./flow.ts";
import type { MomentOptions } from "./moment-hooks.ts";

export interface ConfigOptions {
  readonly flows: readonly Flow[];
  /** Hook modules, as paths from the config's directory; each default-exports `hook({ on, … })`. */
  readonly hooks?: readonly string[];
  /** Hooks of every run that carries a tag: `{ prod: { onFailure: [notify] } }`. */
  readonly tags?: Readonly<Record<string, MomentOptions>>;
  /** Types of blocks besides those that are built in, each made by `blockType()`. */
  readonly blockTypes?: readonly BlockType[];
  /** Named limits shared by tags. */
  readonly limits?: Readonly<Record<string, number>>;
  /** Where the HTTP API listens, such as `127.0.0.1:8627`. */
  readonly listen?: string;
  /** Whether programs on this machine need a token once there are any. */
  readonly loopback?: "token" | "open";
  /** Names by which people reach the daemon, besides this machine's and that of `publicUrl`. */
  readonly hosts?: readonly string[];
  /** The file that holds the state, or the address of a libSQL server: `libsql://…`. */
  readonly store?: string;
  /** The address at which people reach the daemon, for links. */
  readonly publicUrl?: string;
  /** How many runs are in progress at most. */
  readonly threads?: number;
  /** How many runs with `isolation: "process"` are in progress at most. */
  readonly processes?: number;
  readonly hookThreads?: number;
  /** How long a stopping daemon waits for runs. */
  readonly shutdownGrace?: Duration;
  readonly deliverGrace?: Duration;
  /** How long ended runs are kept. */
  readonly retention?: Duration;
  readonly logLinesMax?: number;
  readonly resultBytesMax?: number | string;
  readonly configDeadline?: Duration;
  readonly missedGrace?: Duration;
  readonly clockJump?: Duration;
}

/** The options that are settings of the daemon: handed on as they are, checked where settings are read. */
export const SETTING_NAMES = [
  "listen",
  "loopback",
  "hosts",
  "store",
  "publicUrl",
  "threads",
  "processes",
  "hookThreads",
  "shutdownGrace",
  "deliverGrace",
  "retention",
  "logLinesMax",
  "resultBytesMax",
  "configDeadline",
  "missedGrace",
  "clockJump",
] as const satisfies readonly (keyof ConfigOptions)[];

/** A config, as `defineConfig()` makes it. */
export interface Config {
  readonly kind: "config";
  readonly options: ConfigOptions;
  readonly definedAt?: Site;
}

/** What `flows.config.ts` exports as its default. */
export function defineConfig(options: ConfigOptions): Config {
  const definedAt = definitionSite(defineConfig);
  return { kind: "config", options, ...(definedAt === undefined ? {} : { definedAt }) };
}
