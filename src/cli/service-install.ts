import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { dirname, resolve } from "node:path";
import type { Command } from "commander";
import { selfCommand } from "../self-command.ts";
import type { Context } from "./context.ts";
import { configOption } from "./daemon-options.ts";
import { CliFailure, EXIT } from "./failure.ts";
import { listenAddress } from "./listen-address.ts";
import { outOfReach } from "./service-reach.ts";
import { type UnitParts, unitText } from "./service-unit.ts";
import { perform, type Session } from "./session.ts";
import { addUnitOptions, systemctl, systemctlFor, type UnitOptions, unitPath } from "./systemd.ts";

interface InstallOptions extends UnitOptions {
  readonly config: string;
  readonly print?: boolean;
  readonly start: boolean;
  readonly runAs?: string;
  readonly listen?: string;
  readonly key?: string;
}

/** `tocsin service install` */
export function addServiceInstall(service: Command, context: Context): void {
  addUnitOptions(service.command("install"))
    .description("write a systemd unit for this config, and start it now and at every boot")
    .addOption(configOption())
    .option("--print", "print the unit, and do nothing")
    .option("--no-start", "write the unit, and do not start it")
    .option(
      "--run-as <user>",
      "the user it runs as (default: the config's owner; for root's, one that exists only while it runs)",
    )
    .option("--listen <address>", "where the HTTP API listens", listenAddress)
    .option("--key <file>", "the key that encrypts blocks, handed over as a credential")
    .action(perform(context, install));
}

async function install(session: Session, options: InstallOptions): Promise<number> {
  const { printer, context } = session;
  const parts = partsOf(options);
  const text = unitText(parts);
  const path = unitPath(options, context);
  const trouble = outOfReach(parts);
  if (trouble !== undefined) printer.note(trouble);
  if (options.print === true) {
    printer.document({ path, text }, () => printer.line(text.trimEnd()));
    return EXIT.ok;
  }
  // Whether there is a manager at all, before anything is written.
  systemctl(["show", "--property=Version"], options, context);
  const result = writeUnit(path, text);
  const { name } = options;
  systemctl(["daemon-reload"], options, context);
  if (options.start) {
    systemctl(["enable", name], options, context);
    // A unit that changed takes its effect; one that did not run is started.
    start(options, context);
  }
  printer.document({ path, result, started: options.start }, () =>
    printer.line(`${result.padEnd(7)}  ${path}`),
  );
  if (options.user === true) {
    printer.note("For it to run while you are not logged in: loginctl enable-linger");
  }
  const next = options.start ? "tocsin service status" : `${systemctlFor(options)} start ${name}`;
  printer.next(`${next}${options.start && options.user === true ? " --user" : ""}`);
  return EXIT.ok;
}

function start(options: UnitOptions, context: Context): void {
  try {
    systemctl(["restart", options.name], options, context);
  } catch (cause) {
    const why = `the unit is written, but its program did not come up; see: journalctl ${options.user === true ? "--user " : ""}-u ${options.name} -n 20`;
    const failure = new CliFailure(`Cannot start service "${options.name}": ${why}`, EXIT.failed);
    failure.cause = cause;
    throw failure;
  }
}

function partsOf({ config, user, name, listen, key, runAs }: InstallOptions): UnitParts {
  const configPath = resolve(config);
  if (!existsSync(configPath)) {
    const why = "there is none; make one with: tocsin init";
    throw new CliFailure(
      `Cannot install a service for config "${configPath}": ${why}`,
      EXIT.notFound,
    );
  }
  if (runAs !== undefined && !/^[\w][\w.-]{0,31}$/.test(runAs)) {
    throw new CliFailure(`Cannot run the service as "${runAs}": it is no user name`, EXIT.usage);
  }
  const owner = user === true ? undefined : (runAs ?? ownerOf(configPath));
  return {
    command: selfCommand(),
    configPath,
    name,
    ofUser: user === true,
    ...(owner === undefined ? {} : { runAs: owner }),
    ...(listen === undefined ? {} : { listen }),
    ...(key === undefined ? {} : { keyFile: resolve(key) }),
  };
}

/** Who owns the config; nobody in particular, where it is root's. */
function ownerOf(configPath: string): string | undefined {
  const { uid } = statSync(configPath);
  if (uid === 0) return undefined;
  if (uid === process.getuid?.()) return userInfo().username;
  const line = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .find((one) => one.split(":")[2] === String(uid));
  return line?.split(":")[0] ?? String(uid);
}

function writeUnit(path: string, text: string): "written" | "kept" {
  try {
    if (existsSync(path) && readFileSync(path, "utf8") === text) return "kept";
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text, { mode: 0o644 });
    return "written";
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
    const todo =
      code === "EACCES" ? "; run it as root, or give --user for a service of your own" : "";
    const failure = new CliFailure(`Cannot write unit "${path}": ${code}${todo}`, EXIT.failed);
    failure.cause = cause;
    throw failure;
  }
}
