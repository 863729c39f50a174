import { type Command, Option } from "commander";
import type { Log } from "../log.ts";
import type { Session } from "./session.ts";

/** Options of every command that opens the store itself. */
export interface StoreOptions {
  readonly config: string;
  readonly store?: string;
}

export function addStoreOptions(command: Command): Command {
  return command
    .addOption(configOption())
    .option("--store <file>", "the file that holds the state (env: TOCSIN_STORE)");
}

/** `--config`. The other settings have no default here: what the environment and the config say goes before. */
export function configOption(): Option {
  return new Option("--config <file>", "the config")
    .env("TOCSIN_CONFIG")
    .default("flows.config.ts");
}

/** A log on standard error: lines for a person at a terminal, JSON for everything else. */
export async function openLog({ context, globals }: Session): Promise<Log> {
  const { createLog } = await import("../log.ts");
  const { stderr, env } = context;
  const auto = stderr.isTTY && (env["NO_COLOR"] ?? "") === "";
  return createLog({
    format: stderr.isTTY ? "pretty" : "json",
    level: globals.verbose ? "debug" : globals.quiet ? "warn" : "info",
    write: (line) => stderr.write(line),
    color: globals.color === "always" || (globals.color === "auto" && auto),
  });
}
