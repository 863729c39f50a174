import type { Command } from "commander";
import type { Context } from "./context.ts";
import { addServiceInstall } from "./service-install.ts";
import { addServiceStatus } from "./service-status.ts";
import { addServiceUninstall } from "./service-uninstall.ts";

/** `tocsin service …` */
export function addServiceGroup(program: Command, context: Context): void {
  const service = program.command("service").description("the daemon as a service of systemd");
  addServiceInstall(service, context);
  addServiceUninstall(service, context);
  addServiceStatus(service, context);
}
