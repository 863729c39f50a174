import { resolve } from "node:path";
import type { Command } from "commander";
import type { Context } from "./context.ts";
import { addStoreOptions, type StoreOptions } from "./daemon-options.ts";
import { EXIT } from "./failure.ts";
import { type Finding, reasonOf, wrong } from "./finding.ts";
import type { Printer, Style } from "./printer.ts";
import { perform, type Session } from "./session.ts";

/** `tocsin doctor` */
export function addDoctor(program: Command, context: Context): void {
  addStoreOptions(
    program
      .command("doctor")
      .description("look at everything the daemon stands on; exit code 1 when something is wrong"),
  ).action(perform(context, doctor));
}

async function doctor(session: Session, options: StoreOptions): Promise<number> {
  const { printer } = session;
  const findings = await examine(session, options);
  const isWell = !findings.some(({ state }) => state === "wrong");
  printer.document({ ok: isWell, findings }, () => {
    for (const finding of findings) printFinding(printer, finding);
  });
  return isWell ? EXIT.ok : EXIT.failed;
}

/** In the order in which one thing stands on another. */
async function examine(session: Session, options: StoreOptions): Promise<readonly Finding[]> {
  const configPath = resolve(options.config);
  const [machine, config, store, daemon] = await Promise.all([
    import("./doctor-machine.ts"),
    import("./doctor-config.ts"),
    import("./doctor-store.ts"),
    import("./doctor-daemon.ts"),
  ]);
  const own = await guarded("machine", () => machine.examineMachine());
  const hasEngine = !own.some(({ name, state }) => name === "engine" && state === "wrong");
  const { findings, settings } = await config.examineConfig(session, configPath, options.store);
  if (settings === undefined) return [...own, ...findings];
  return [
    ...own,
    ...findings,
    ...(await guarded("store", () => store.examineStore(session, settings, hasEngine))),
    ...(await guarded("daemon", () => daemon.examineDaemon(session, settings))),
  ];
}

/** What cannot even be looked at is a finding too, and not the end of the others. */
async function guarded(name: string, look: () => Promise<readonly Finding[]>) {
  try {
    return await look();
  } catch (error) {
    return [wrong(name, `it could not be looked at: ${reasonOf(error)}`, "see the reason")];
  }
}

const STYLE: Readonly<Record<Finding["state"], Style>> = {
  ok: "green",
  warn: "yellow",
  wrong: "red",
};

function printFinding(printer: Printer, { name, state, message, todo }: Finding): void {
  const label = printer.paint(STYLE[state], state.padEnd(5));
  printer.line(`${label}  ${name.padEnd(9)}  ${printer.safe(message)}`);
  if (todo !== undefined) printer.line(`${" ".repeat(18)}${printer.safe(`→ ${todo}`)}`);
}
