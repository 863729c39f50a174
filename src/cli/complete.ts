import type { Command } from "commander";
import type { Context } from "./context.ts";
import { CliFailure, EXIT } from "./failure.ts";
import { perform, type Session } from "./session.ts";

const SHELLS = ["bash", "zsh", "fish", "powershell"];

/**
 * `tocsin complete <shell>` prints what the shell is to run at its start; that calls `tocsin complete -- words…`
 * at each press of the tab key, which must be quick and never say what is wrong.
 */
export function addComplete(program: Command, context: Context): void {
  const perShell = perform(context, (session) => printScript(session));
  const perKey = perform(context, (session) => printCandidates(session, program));
  program
    .command("complete")
    .description("completion for a shell: bash, zsh, fish or powershell")
    .argument("[shell]", "for bash: source <(tocsin complete bash)", "bash")
    .allowExcessArguments()
    .allowUnknownOption()
    .action(async function complete(this: Command) {
      await (isAsked(program) ? perKey : perShell).call(this);
    });
}

/** Whether it is a press of the tab key: the words of the line so far follow after `--`. */
function isAsked(program: Command): boolean {
  const raw: unknown = Reflect.get(program, "rawArgs");
  if (!Array.isArray(raw)) return false;
  const place = raw.indexOf("complete");
  return raw[place + 1] === "--";
}

async function printScript({ args, context }: Session): Promise<number> {
  const shell = args[0] ?? "bash";
  if (!SHELLS.includes(shell)) {
    const why = `known are ${SHELLS.join(", ")}`;
    throw new CliFailure(`Cannot complete for shell "${shell}": ${why}`, EXIT.usage);
  }
  if (shell === "bash") {
    context.stdout.write((await import("./bash-script.ts")).BASH_SCRIPT);
    return 0;
  }
  const { script } = await import("@bomb.sh/tab");
  const { linesOf } = await import("./candidates.ts");
  context.stdout.write(linesOf(() => script(shell, "tocsin", "tocsin")));
  return 0;
}

async function printCandidates(session: Session, program: Command): Promise<number> {
  const { candidates } = await import("./candidates.ts");
  session.context.stdout.write(await candidates(session, program));
  return 0;
}
