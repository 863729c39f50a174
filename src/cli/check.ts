import { resolve } from "node:path";
import type { Command } from "commander";
import type { ConfigProblem, Manifest } from "../domain/flow.ts";
import type { Context } from "./context.ts";
import { configOption } from "./daemon-options.ts";
import { EXIT } from "./failure.ts";
import { problemLine } from "./problem-line.ts";
import { perform, type Session } from "./session.ts";

interface CheckOptions {
  readonly config: string;
  readonly types: boolean;
}

const DEADLINE_MS = 10_000;

/** `tocsin check` */
export function addCheck(program: Command, context: Context): void {
  program
    .command("check")
    .description("read the config as serve would, and list every problem; exit code 6 if any")
    .addOption(configOption())
    .option("--no-types", "do not check the types")
    .action(perform(context, check));
}

async function check(session: Session, options: CheckOptions): Promise<number> {
  const configPath = resolve(options.config);
  const { readConfig } = await import("../threads/read-config.ts");
  const { printer } = session;
  const answer = await readConfig(configPath, {
    deadlineMs: DEADLINE_MS,
    onOutput: (lines) => {
      for (const { text } of lines) printer.note(printer.safe(text));
    },
  });
  const found = answer.type === "refused" ? answer.problems : [];
  const manifest = answer.type === "accepted" ? answer.manifest : undefined;
  const wrong = manifest === undefined ? [] : await settingProblems(session, manifest);
  const problems = options.types ? await typeProblems(configPath, manifest) : [];
  return report(session, [...found, ...wrong, ...problems], manifest);
}

/** Problems with the settings that serve would start with: the environment's, and the config's. */
async function settingProblems(
  { context }: Session,
  { settings: config }: Manifest,
): Promise<readonly ConfigProblem[]> {
  const { resolveSettings } = await import("../../config/settings.ts");
  const answer = resolveSettings({ flags: {}, env: context.env, config });
  if (answer.ok) return [];
  return answer.problems.map(({ setting, source, message }) => ({
    path: source === "config" ? setting : "",
    message,
  }));
}

/** Problems with the types of the config and of the hook modules that it lists. */
async function typeProblems(configPath: string, manifest: Manifest | undefined) {
  const { checkTypes } = await import("./check-types.ts");
  const modules = manifest?.hookModules.map(({ module }) => module) ?? [];
  return await checkTypes(configPath, modules);
}

function report(
  { printer }: Session,
  problems: readonly ConfigProblem[],
  manifest: Manifest | undefined,
): number {
  const ok = problems.length === 0 && manifest !== undefined;
  const summary = manifest === undefined ? {} : summaryOf(manifest);
  printer.document({ ok, problems, ...summary }, () => {
    for (const problem of problems) printer.line(printer.safe(problemLine(problem)));
    if (ok) printer.line(summaryInWords(summaryOf(manifest)));
  });
  if (ok) {
    printer.next("tocsin serve");
    return EXIT.ok;
  }
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  printer.failure(`Cannot accept the config: ${count}`);
  return EXIT.configInvalid;
}

interface Summary {
  readonly flows: number;
  readonly schedules: number;
  readonly hooks: number;
}

function summaryOf({ flows, tasks, hookModules }: Manifest): Summary {
  const schedules = flows.flatMap((flow) => flow.schedules);
  const hooks = [...flows, ...tasks].flatMap((owner) => owner.hooks);
  return {
    flows: flows.length,
    schedules: schedules.length,
    hooks: hooks.length + hookModules.length,
  };
}

function summaryInWords(summary: Summary): string {
  const counts = Object.entries(summary).map(([name, count]) =>
    count === 1 ? `1 ${name.slice(0, -1)}` : `${count} ${name}`,
  );
  return `ok: ${counts.join(", ")}`;
}
