import { spawnSync } from "node:child_process";
import { homedir } from "node:os";
import { join } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import type { Context } from "./context.ts";
import { CliFailure, EXIT } from "./failure.ts";

/** Options of all commands about the service. */
export interface UnitOptions {
  readonly user?: boolean;
  readonly name: string;
}

export function addUnitOptions(command: Command): Command {
  return command
    .option("--user", "a service of this user alone, instead of one of the machine")
    .option("--name <name>", "the service's name", unitName, "tocsin");
}

/** Where the unit of that name is, or goes. */
export function unitPath({ user, name }: UnitOptions, { env }: Context): string {
  if (user !== true) return `/etc/systemd/system/${name}.service`;
  const config = env["XDG_CONFIG_HOME"] ?? "";
  return join(
    config === "" ? join(homedir(), ".config") : config,
    "systemd/user",
    `${name}.service`,
  );
}

/** What to put before `start tocsin` for people. */
export function systemctlFor({ user }: UnitOptions): string {
  return user === true ? "systemctl --user" : "systemctl";
}

/** Runs systemctl, and answers what it printed; throws when it fails. */
export function systemctl(
  args: readonly string[],
  { user }: UnitOptions,
  { env }: Context,
): string {
  const all = [...(user === true ? ["--user"] : []), ...args];
  const { status, stdout, stderr, error } = spawnSync("systemctl", all, {
    encoding: "utf8",
    env: { ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  if (status === 0) return stdout;
  const said = stderr?.trim().split("\n")[0] ?? "";
  const why = error === undefined ? said || `it answered ${status}` : "it is not on this machine";
  throw new CliFailure(`Cannot run "systemctl ${all.join(" ")}": ${why}`, EXIT.failed);
}

function unitName(text: string): string {
  if (/^[a-zA-Z0-9][\w-]{0,63}$/.test(text)) return text;
  throw new InvalidArgumentError("It is not a name of letters, digits, - and _.");
}
