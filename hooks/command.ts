import { basename } from "node:path";
import {
  type AnyContext,
  type DecisionContext,
  type Hook,
  type HookContext,
  type HookSettings,
  hook,
  outside,
} from "../src/sdk/mod.ts";
import { type Ended, type Program, perform as performProgram } from "./program/perform.ts";
import { cut } from "./receiver/cut.ts";
import { told } from "./receiver/told.ts";

export interface CommandHookOptions extends HookSettings {
  /** The program and its arguments; no shell reads them unless `shell` is set. */
  readonly argv: readonly [string, ...string[]];
  /** Hands the first of `argv` to `/bin/sh -c`; the others become `$1`, `$2`, … */
  readonly shell?: boolean;
  /** Added to the daemon's own environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

const TEXT_MAX = 4_096;
const NAME_MAX = 64;
/** How much of a program and its arguments is kept with the attempt. */
const REQUEST_MAX = 300;

/** Runs a program that reads the transition as JSON from its standard input. Only exit code 0 is success. */
export function command({ argv, shell, env, cwd, ...options }: CommandHookOptions): Hook {
  if (!Array.isArray(argv) || argv.length === 0) {
    throw new TypeError("Cannot make command({ argv }): expected a program and its arguments");
  }
  const program = shell === true ? inShell(argv) : argv;
  return hook({
    name: shell === true ? "command" : programName(argv[0]),
    ...options,
    run: async (context: AnyContext) => {
      await perform(
        {
          argv: program,
          input: `${JSON.stringify(told(context))}\n`,
          env: { ...variables(context), ...env },
          ...(cwd === undefined ? {} : { cwd }),
        },
        context,
      );
    },
  });
}

/** What people call the program, in the characters that names have. */
function programName(path: string): string {
  const name = basename(path).replace(/[^\p{L}\p{N} ._-]/gu, "-");
  return name.replace(/^[^\p{L}\p{N}]+/u, "").slice(0, NAME_MAX) || "command";
}

/** `sh -c script name args…`: the name is what the shell calls itself in its errors. */
function inShell([script, ...args]: readonly [string, ...string[]]): readonly [
  string,
  ...string[],
] {
  return ["/bin/sh", "-c", script, "sh", ...args];
}

async function perform(program: Program, context: AnyContext): Promise<void> {
  const { argv, input } = program;
  const { how, well, lastWords } = await outside<Ended>({
    request: cut(argv.join(" "), REQUEST_MAX),
    ...(input === undefined ? {} : { detail: input }),
    act: () => performProgram(program, context),
    answerOf: (ended) => ended.how,
    whenTried: { how: "exited with code 0", well: true, lastWords: [] },
  });
  if (well) return;
  const why = [how, ...lastWords.slice(-1)].join(": ");
  throw new Error(`Cannot deliver by "${argv[0]}": it ${why}`);
}

function variables(context: AnyContext) {
  const { flow, delivery, urls } = context;
  const all = {
    TOCSIN_FLOW: flow.name,
    ...(context.decision === undefined ? ofRun(context) : ofDecision(context)),
    TOCSIN_URL: urls.run,
    TOCSIN_MOMENT: delivery.moment,
    TOCSIN_DELIVERY_ID: delivery.id,
    TOCSIN_DELIVERY_ATTEMPT: String(delivery.attempt),
  };
  const fit = (text: string) => text.replaceAll("\0", "").slice(0, TEXT_MAX);
  return Object.fromEntries(Object.entries(all).map(([name, text]) => [name, fit(text)]));
}

function ofRun({ run, task, state, urls }: HookContext) {
  return {
    TOCSIN_RUN_ID: run.id,
    TOCSIN_RUN_NAME: run.name,
    TOCSIN_RUN_URL: urls.run,
    TOCSIN_TASK: task ?? "",
    TOCSIN_STATE_TYPE: state.type,
    TOCSIN_STATE_NAME: state.name,
    TOCSIN_STATE_MESSAGE: state.message,
  };
}

function ofDecision({ decision }: DecisionContext) {
  return {
    TOCSIN_SCHEDULE: decision.schedule,
    TOCSIN_DUE_AT: decision.dueAt,
    TOCSIN_DECISION: decision.kind,
    TOCSIN_DECISION_REASON: decision.reason,
  };
}
