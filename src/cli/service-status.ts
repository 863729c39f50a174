import { existsSync } from "node:fs";
import type { Command } from "commander";
import type { Context } from "./context.ts";
import { EXIT } from "./failure.ts";
import type { Printer } from "./printer.ts";
import { perform, type Session } from "./session.ts";
import { printFacts } from "./show-run.ts";
import { addUnitOptions, systemctl, systemctlFor, type UnitOptions, unitPath } from "./systemd.ts";

const PROPERTIES = [
  "LoadState",
  "ActiveState",
  "SubState",
  "StatusText",
  "MainPID",
  "NRestarts",
  "Result",
  "UnitFileState",
  "ActiveEnterTimestamp",
];

/** `tocsin service status` */
export function addServiceStatus(service: Command, context: Context): void {
  addUnitOptions(service.command("status"))
    .description("how the service stands; exit code 1 unless it runs, 3 when it is not installed")
    .action(perform(context, status));
}

async function status({ printer, context }: Session, options: UnitOptions): Promise<number> {
  const path = unitPath(options, context);
  const order = ["show", options.name, `--property=${PROPERTIES.join(",")}`];
  const view = viewOf(path, systemctl(order, options, context));
  printer.document(view, () => printView(printer, view));
  if (!view.isInstalled) {
    printer.next("tocsin service install");
    return EXIT.notFound;
  }
  const journal = systemctlFor(options).replace("systemctl", "journalctl");
  printer.next(`${journal} -u ${options.name} -f`);
  return view.isActive ? EXIT.ok : EXIT.failed;
}

type View = ReturnType<typeof viewOf>;

function viewOf(unit: string, shown: string) {
  const facts = Object.fromEntries(shown.trim().split("\n").map(pairOf));
  const fact = (name: string) => facts[name] ?? "";
  return {
    unit,
    isInstalled: existsSync(unit) || fact("LoadState") === "loaded",
    isActive: fact("ActiveState") === "active",
    state: `${fact("ActiveState")} (${fact("SubState")})`,
    status: fact("StatusText"),
    pid: Number(fact("MainPID")),
    restarts: Number(fact("NRestarts")),
    atBoot: fact("UnitFileState"),
    since: fact("ActiveEnterTimestamp"),
    result: fact("Result"),
  };
}

function printView(printer: Printer, view: View): void {
  const number = (count: number) => (count === 0 ? "" : String(count));
  printFacts(printer, [
    ["unit", view.isInstalled ? view.unit : "not installed"],
    ["state", view.isInstalled ? view.state : ""],
    ["status", view.status],
    ["pid", number(view.pid)],
    ["since", view.since],
    ["at boot", view.atBoot],
    ["restarts", number(view.restarts)],
    ["result", view.result === "success" ? "" : view.result],
  ]);
}

function pairOf(line: string): readonly [string, string] {
  const place = line.indexOf("=");
  return [line.slice(0, place), line.slice(place + 1)];
}
