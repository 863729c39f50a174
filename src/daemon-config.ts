import { resolveSettings, type Settings } from "../config/settings.ts";
import type { Manifest } from "./domain/flow.ts";
import { StartRefused } from "./domain/start-refused.ts";
import { type AcceptedConfig, type ConfigRead, problemLine } from "./engine/config-keeper.ts";
import type { Log } from "./log.ts";
import { wholePlace } from "./store/store-place.ts";
import { readConfig } from "./threads/read-config.ts";

export interface DaemonOptions {
  readonly configPath: string;
  /** Settings that were given as flags, by setting name, as they were written. */
  readonly flags: Readonly<Record<string, unknown>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether the API is served; without, the daemon is for the process that started it alone. */
  readonly serve: boolean;
  /** Whether the config is read again when it changes. */
  readonly watch: boolean;
  readonly log: Log;
}

/** What is known before the config is read. */
export type Beforehand = Pick<DaemonOptions, "flags" | "env">;

/** The config, or why nothing can be started with it. */
export async function requireConfig({
  configPath,
  ...given
}: Beforehand & Pick<DaemonOptions, "configPath">): Promise<AcceptedConfig> {
  const answer = await readConfig(configPath, { deadlineMs: firstDeadlineMs(given) });
  if (answer.type === "accepted") return answer;
  const lines = answer.problems.map(problemLine).join("\n  ");
  throw new StartRefused(
    `Cannot start with config "${configPath}":\n  ${lines}`,
    6,
    answer.problems,
  );
}

/** How long a config may take that is read for the first time: what it says of that itself is known too late. */
export function firstDeadlineMs({ flags, env }: Beforehand): number | undefined {
  const answer = resolveSettings({ flags, env, config: {} });
  // What is wrong with settings is said where all of them are known.
  return answer.ok ? answer.settings.configDeadlineMs : undefined;
}

/** Reads the config as a start would: settings that a start refuses are refused now. */
export async function readAgain(
  options: DaemonOptions,
  { configDeadlineMs }: Settings,
): Promise<ConfigRead> {
  const read = await readConfig(options.configPath, { deadlineMs: configDeadlineMs });
  if (read.type === "refused") return read;
  const { flags, env } = options;
  const answer = resolveSettings({ flags, env, config: read.manifest.settings });
  if (answer.ok) return read;
  const problems = answer.problems.map(({ setting, message }) => ({ path: setting, message }));
  return { type: "refused", problems };
}

/** The settings of flags, environment and config, in this order. */
export function requireSettings(
  { flags, env }: DaemonOptions,
  { settings: config }: Manifest,
): Settings {
  const answer = resolveSettings({ flags, env, config });
  if (answer.ok) return { ...answer.settings, store: wholePlace(answer.settings.store) };
  throw new StartRefused(answer.problems.map(({ message }) => message).join("\n"), 6);
}
