import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Command } from "commander";
import type { SettingSource } from "../../config/settings.ts";
import { durationInWords } from "../domain/duration.ts";
import type { Context } from "./context.ts";
import { addStoreOptions, type StoreOptions } from "./daemon-options.ts";
import { CliFailure, EXIT } from "./failure.ts";
import { listenAddress } from "./listen-address.ts";
import type { Place } from "./offline-blocks.ts";
import { perform, type Session } from "./session.ts";

interface ShowOptions extends StoreOptions {
  readonly listen?: string;
}

interface SettingView {
  readonly setting: string;
  /** Lengths of time in milliseconds, as the API has them. */
  readonly value: unknown;
  readonly source: SettingSource;
  /** Where exactly: `TOCSIN_THREADS`, `--store`, the config's path. */
  readonly from: string;
}

/** `tocsin config show` */
export function addConfigShow(config: Command, context: Context): void {
  addStoreOptions(
    config
      .command("show")
      .description("the settings that a daemon started here would have, and where each comes from")
      .option("--listen <address>", "as given to serve", listenAddress),
  ).action(perform(context, show));
}

async function show(session: Session, options: ShowOptions): Promise<number> {
  const { printer } = session;
  const configPath = resolve(options.config);
  const settings = await settle(session, configPath, options);
  const config = existsSync(configPath) ? { path: configPath } : {};
  printer.document({ config, settings }, () => {
    printer.list({ items: settings }, () => ({
      head: ["SETTING", "VALUE", "FROM"],
      rows: settings.map(({ setting, value, source, from }) => [
        setting,
        inWords(setting, value),
        source === "default" ? "default" : from,
      ]),
    }));
  });
  return EXIT.ok;
}

async function settle(
  { context }: Session,
  configPath: string,
  { store, listen }: ShowOptions,
): Promise<readonly SettingView[]> {
  const { resolveSettings } = await import("../../config/settings.ts");
  const flags = { store, listen };
  const config = await settingsOf({ configPath, flags, env: context.env });
  const answer = resolveSettings({ flags, env: context.env, config });
  if (!answer.ok) {
    const [first, ...rest] = answer.problems.map(({ message }) => message);
    throw new CliFailure(first ?? "", EXIT.configInvalid, rest);
  }
  const { settings, sources } = answer;
  return Object.entries(sources).map(([setting, source]) => ({
    setting,
    value: valueIn(settings, setting) ?? null,
    source,
    from: placeOf(setting, source, configPath),
  }));
}

async function settingsOf(place: Place): Promise<Readonly<Record<string, unknown>>> {
  if (!existsSync(place.configPath)) return {};
  const { requireConfig } = await import("../daemon-config.ts");
  return (await requireConfig(place)).manifest.settings;
}

/** A length of time has its unit in its name. */
function valueIn(settings: object, setting: string): unknown {
  const value: unknown = Reflect.get(settings, setting) ?? Reflect.get(settings, `${setting}Ms`);
  if (setting !== "listen" || typeof value !== "object" || value === null) return value;
  const { hostname, port } = value as { hostname: string; port: number };
  return `${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
}

function placeOf(setting: string, source: SettingSource, configPath: string): string {
  const words = (sign: string) => setting.replace(/[A-Z]/g, `${sign}$&`);
  switch (source) {
    case "flag":
      return `--${words("-").toLowerCase()}`;
    case "environment":
      return `TOCSIN_${words("_").toUpperCase()}`;
    case "config":
      return configPath;
    case "default":
      return "";
  }
}

const LENGTHS = /(?:Grace|Deadline|Jump|retention)$/;

function inWords(setting: string, value: unknown): string {
  if (value === null) return "";
  if (typeof value === "number" && LENGTHS.test(setting)) return durationInWords(value);
  if (Array.isArray(value)) return value.join(", ");
  return typeof value === "string" ? value : JSON.stringify(value);
}
