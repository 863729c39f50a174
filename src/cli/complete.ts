import type { Command } from "commander";
import type { Context } from "./context.ts";
import { CliFailure, EXIT } from "./failure.ts";
import { perform, type Session } from "./session.ts";

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
    .argument("[shell]", "for bash and zsh: source <(tocsin complete bash)", "bash")
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
  const { SHELL_SCRIPTS } = await import("./shell-scripts.ts");
  const script = SHELL_SCRIPTS.get(shell);
  if (script === undefined) {
    const why = `known are ${[...SHELL_SCRIPTS.keys()].join(", ")}`;
    throw new CliFailure(`Cannot complete for shell "${shell}": ${why}`, EXIT.usage);
  }
  context.stdout.write(script);
  return 0;
}

async function printCandidates(session: Session, program: Command): Promise<number> {
  const { candidates } = await import("./candidates.ts");
  session.context.stdout.write(await candidates(session, program));
  return 0;
}
