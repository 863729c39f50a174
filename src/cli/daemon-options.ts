import { statSync } from "node:fs";
import { join } from "node:path";
import { type Command, Option } from "commander";
import type { Log } from "../log.ts";
import type { Session } from "./session.ts";

const CONFIG_NAME = "flows.config.ts";

/** Options of every command that opens the store itself. */
export interface StoreOptions {
  readonly config: string;
  readonly store?: string;
}

export function addStoreOptions(command: Command): Command {
  return command
    .addOption(configOption())
    .option("--store <place>", "the file that holds the state, or libsql://… (env: TOCSIN_STORE)");
}

/** `--config`, also as the directory that the config is in. The other settings have no default here: what the environment and the config say goes before. */
export function configOption(): Option {
  return new Option("--config <file>", "the config, or the directory that it is in")
    .env("TOCSIN_CONFIG")
    .argParser(configFile)
    .default(CONFIG_NAME);
}

function configFile(path: string): string {
  const isDirectory = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  return isDirectory ? join(path, CONFIG_NAME) : path;
}

/** A log on standard error: lines for a person at a terminal, JSON for everything else. */
export async function openLog(
  { context, globals }: Session,
  format: "auto" | "pretty" = "auto",
): Promise<Log> {
  const { createLog } = await import("../log.ts");
  const { stderr, env } = context;
  const auto = stderr.isTTY && (env["NO_COLOR"] ?? "") === "";
  return createLog({
    format: stderr.isTTY ? "pretty" : format === "auto" ? "json" : format,
    level: globals.verbose ? "debug" : globals.quiet ? "warn" : "info",
    write: (line) => stderr.write(line),
    color: globals.color === "always" || (globals.color === "auto" && auto),
  });
}
