import { resolve } from "node:path";
import type { Command } from "commander";
import type { ConfigProblem, Manifest } from "../domain/flow.ts";
import { hooksOf } from "../domain/hook-list.ts";
import { type Instant, instant } from "../domain/instant.ts";
import { nextDueOf } from "../schedule/due-times.ts";
import type { ConfigDiff } from "./config-diff.ts";
import type { Context } from "./context.ts";
import { configOption } from "./daemon-options.ts";
import { EXIT } from "./failure.ts";
import { problemLine } from "./problem-line.ts";
import { readConfigFile } from "./read-manifest.ts";
import { perform, type Session } from "./session.ts";

interface CheckOptions {
  readonly config: string;
  readonly types: boolean;
  readonly diff?: boolean;
}

/** `tocsin check` */
export function addCheck(program: Command, context: Context): void {
  program
    .command("check")
    .description("read the config as serve would, and list every problem; exit code 6 if any")
    .addOption(configOption())
    .option("--no-types", "do not check the types")
    .option("--diff", "show what it changes of the config that the daemon has in force")
    .action(perform(context, check));
}

async function check(session: Session, options: CheckOptions): Promise<number> {
  const configPath = resolve(options.config);
  const answer = await readConfigFile(session, configPath);
  const found = answer.type === "refused" ? answer.problems : [];
  const manifest = answer.type === "accepted" ? answer.manifest : undefined;
  const wrong = manifest === undefined ? [] : await settingProblems(session, manifest);
  const problems = options.types ? await typeProblems(configPath, manifest) : [];
  const all = [...found, ...wrong, ...withoutTwins(problems, found)];
  const compared = options.diff && manifest ? await compare(session, manifest) : undefined;
  return report(session, { problems: all, manifest, compared });
}

const NO_MODULE = /^TS2307: /;

/** A module that is not there is found by the import and by the types: the import says more. */
function withoutTwins(
  problems: readonly ConfigProblem[],
  found: readonly ConfigProblem[],
): readonly ConfigProblem[] {
  const lineOf = ({ at }: ConfigProblem) => at?.replace(/:\d+$/, "");
  const told = new Set(found.map(lineOf));
  return problems.filter(
    (problem) => !(NO_MODULE.test(problem.message) && told.has(lineOf(problem))),
  );
}

/** What it changes, and how to say so. */
interface Compared {
  /** The generation that is in force; null where no daemon runs. */
  readonly comparedWith: number | null;
  readonly diff: ConfigDiff;
  print(): void;
}

async function compare(session: Session, manifest: Manifest): Promise<Compared> {
  const [{ diffOf }, { NO_CONFIG, runningConfig }, { printDiff }, { loadInWords }] =
    await Promise.all([
      import("./config-diff.ts"),
      import("./running-config.ts"),
      import("./show-diff.ts"),
      import("../schedule/in-words.ts"),
    ]);
  const { printer, context } = session;
  const running = await runningConfig(session);
  printer.note(
    running === undefined
      ? "No daemon runs here to compare with: all that the config says counts as added"
      : `Compared with generation ${running.generation} of ${printer.safe(running.configPath)}, accepted ${printer.time(running.acceptedAt)}`,
  );
  const now = instant(context.now().getTime());
  const diff = diffOf(running ?? NO_CONFIG, manifest, now);
  const inWords = await loadInWords();
  return {
    comparedWith: running?.generation ?? null,
    diff,
    print: () => printDiff(printer, diff, inWords),
  };
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

interface Findings {
  readonly problems: readonly ConfigProblem[];
  readonly manifest: Manifest | undefined;
  readonly compared: Compared | undefined;
}

function report({ printer, context }: Session, findings: Findings): number {
  const now = instant(context.now().getTime());
  const { problems, manifest, compared } = findings;
  const ok = problems.length === 0 && manifest !== undefined;
  const summary = manifest === undefined ? {} : summaryOf(manifest);
  const { comparedWith, diff } = compared ?? {};
  const comparison = diff === undefined ? {} : { comparedWith, diff };
  printer.document({ ok, problems, ...summary, ...comparison }, () => {
    for (const problem of problems) printer.line(printer.safe(problemLine(problem)));
    if (ok) printer.line(summaryInWords(summaryOf(manifest)));
    compared?.print();
  });
  if (ok) {
    for (const note of overNotes(manifest, now)) printer.note(printer.safe(note));
    printer.next("tocsin serve");
    return EXIT.ok;
  }
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  printer.failure(`Cannot accept the config: ${count}`);
  return EXIT.configInvalid;
}

/** No mistakes: dates pass, and the config stays as it is. */
function overNotes({ flows }: Manifest, now: Instant): readonly string[] {
  return flows.flatMap(({ name, schedules }) =>
    schedules
      .filter((one) => one.timing.kind !== "start" && nextDueOf(one, now) === undefined)
      .map(({ key }) => `Schedule "${key}" of flow "${name}" is not due any more`),
  );
}

interface Summary {
  readonly flows: number;
  readonly schedules: number;
  readonly hooks: number;
}

function summaryOf(manifest: Manifest): Summary {
  const { flows } = manifest;
  const schedules = flows.flatMap((flow) => flow.schedules);
  return {
    flows: flows.length,
    schedules: schedules.length,
    hooks: hooksOf(manifest).length,
  };
}

function summaryInWords(summary: Summary): string {
  const counts = Object.entries(summary).map(([name, count]) =>
    count === 1 ? `1 ${name.slice(0, -1)}` : `${count} ${name}`,
  );
  return `ok: ${counts.join(", ")}`;
}
