import { existsSync, rmSync } from "node:fs";
import type { Command } from "commander";
import type { Context } from "./context.ts";
import { EXIT } from "./failure.ts";
import { perform, type Session } from "./session.ts";
import { addUnitOptions, systemctl, type UnitOptions, unitPath } from "./systemd.ts";

interface UninstallOptions extends UnitOptions {
  readonly print?: boolean;
}

/** `tocsin service uninstall` */
export function addServiceUninstall(service: Command, context: Context): void {
  addUnitOptions(service.command("uninstall"))
    .description("stop the service and remove its unit; its state stays")
    .option("--print", "print what would be removed, and do nothing")
    .action(perform(context, uninstall));
}

async function uninstall(
  { printer, context }: Session,
  options: UninstallOptions,
): Promise<number> {
  const path = unitPath(options, context);
  const isThere = existsSync(path);
  if (options.print === true || !isThere) {
    printer.document({ path, isThere, removed: false }, () => {
      if (isThere) printer.line(path);
    });
    if (!isThere) printer.note(`There is no unit at ${path}`);
    return EXIT.ok;
  }
  systemctl(["disable", "--now", options.name], options, context);
  rmSync(path);
  systemctl(["daemon-reload"], options, context);
  printer.document({ path, isThere, removed: true }, () => printer.line(`removed  ${path}`));
  return EXIT.ok;
}
