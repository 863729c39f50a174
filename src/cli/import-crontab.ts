import { readFile, realpath, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { resolve } from "node:path";
import type { Command } from "commander";
import type { CrontabImport } from "../crontab/import-crontab.ts";
import { makeFolderOf } from "./config-folder.ts";
import type { Context } from "./context.ts";
import { CliFailure, EXIT, type ExitCode } from "./failure.ts";
import { fileReason } from "./file-reason.ts";
import { perform, type Session } from "./session.ts";

interface ImportCrontabOptions {
  readonly out: string;
  readonly system?: boolean;
  readonly force?: boolean;
  readonly timezone?: string;
}

const HELP = `
A user's crontab:    crontab -l | tocsin import-crontab
The system's:        tocsin import-crontab /etc/crontab
What could not be carried over is listed, and stays in the config as a comment.`;

/** `tocsin import-crontab` */
export function addImportCrontab(program: Command, context: Context): void {
  program
    .command("import-crontab")
    .description("write a config with a flow for each line of a crontab")
    .argument("[file]", 'the crontab; "-" is the standard input', "-")
    .option("--system", "lines name a user, as in /etc/crontab and /etc/cron.d (known of those)")
    .option("--out <file>", 'the config to write; "-" is the standard output', "flows.config.ts")
    .option("--timezone <zone>", "the zone of the crontab's machine; this machine's by default")
    .option("--force", "write over a config that is there")
    .addHelpText("after", HELP)
    .action(perform(context, importFile));
}

async function importFile(session: Session, options: ImportCrontabOptions): Promise<number> {
  const crontab = await readInput(session, options);
  const { importCrontab } = await import("../crontab/import-crontab.ts");
  const about = await aboutOwner(crontab, options);
  const made = importCrontab(crontab.text, { isSystem: crontab.isSystem, ...about });
  listFindings(session, crontab, made);
  checkFlows(crontab, made);
  const { writeConfig } = await import("../crontab/write-config.ts");
  const config = writeConfig(made, { source: crontab.source, ...about });
  if (options.out === "-") session.context.stdout.write(config);
  else {
    await writeOut(options.out, config, options.force === true);
    report(session, options.out, made);
  }
  if (made.refused.length === 0) return EXIT.ok;
  const count = made.refused.length === 1 ? "1 line" : `${made.refused.length} lines`;
  session.printer.failure(`Cannot carry over ${count} of ${crontab.source}: see above`);
  return EXIT.failed;
}

/** Refuses what would be a config without flows, or one of the wrong commands. */
function checkFlows({ source, isSystem }: Crontab, { flows }: CrontabImport): void {
  if (flows.length === 0) {
    const why = "no line of it can be carried over; nothing was written";
    throw new CliFailure(`Cannot import ${source}: ${why}`, EXIT.failed);
  }
  if (!isSystem && flows.every(({ argv }) => /^root\s/.test(argv.at(-1) ?? ""))) {
    const why = 'every command begins with "root"; if that is the user, give --system';
    throw new CliFailure(`Cannot import ${source} as the crontab of a user: ${why}`, EXIT.usage);
  }
}

interface Crontab {
  readonly text: string;
  /** What it is called in a sentence. */
  readonly source: string;
  /** What it is called before the number of a line. */
  readonly name: string;
  readonly isSystem: boolean;
}

/** Also below another root: a disk that is mounted, or what a package unpacks. */
const SYSTEM_PATH = /\/etc\/(?:crontab$|cron\.d\/)/;

async function readInput(
  { context, args }: Session,
  { system = false }: ImportCrontabOptions,
): Promise<Crontab> {
  const [file = "-"] = args;
  if (file === "-") {
    if (context.stdinIsTTY) {
      const next = "name a file, or pipe one in: crontab -l | tocsin import-crontab";
      throw new CliFailure(`Cannot read a crontab from a terminal: ${next}`, EXIT.usage);
    }
    return {
      text: await context.readStdin(),
      source: "a crontab",
      name: "crontab",
      isSystem: system,
    };
  }
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(await readFile(file));
    const isSystem = system || SYSTEM_PATH.test(await realpath(file));
    return { text, source: JSON.stringify(file), name: file, isSystem };
  } catch (cause) {
    throw cannot(`read crontab "${file}"`, cause, EXIT.notFound);
  }
}

/** Zone and home folder: what crond knows of the owner, and a crontab does not say. */
async function aboutOwner({ isSystem }: Crontab, { timezone }: ImportCrontabOptions) {
  const zone = timezone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  const { readTiming } = await import("../schedule/read-timing.ts");
  const answer = readTiming({ cron: "@daily", timezone: zone });
  if (!answer.ok) throw new CliFailure(answer.message, EXIT.usage);
  return { timezone: zone, home: isSystem ? "/root" : homedir() };
}

function listFindings({ context, printer }: Session, { name }: Crontab, made: CrontabImport): void {
  for (const { line, message } of made.remarks) {
    printer.note(printer.safe(`${name}:${line}: ${message}`));
  }
  for (const { line, message, text } of made.refused) {
    context.stderr.write(`${printer.safe(`${name}:${line}: not carried over: ${message}`)}\n`);
    context.stderr.write(`    ${printer.safe(text)}\n`);
  }
}

async function writeOut(out: string, config: string, force: boolean): Promise<void> {
  const path = resolve(out);
  try {
    await makeFolderOf(path);
    await writeFile(path, config, { flag: force ? "w" : "wx" });
  } catch (cause) {
    throw cannot(`write config "${out}"`, cause, EXIT.failed);
  }
  const { refreshTypes } = await import("./config-types.ts");
  await refreshTypes(path);
}

function report({ printer }: Session, out: string, made: CrontabImport): void {
  const flows = made.flows.map(({ names, line }) => ({ name: names.flow, line }));
  const { refused, remarks } = made;
  printer.document({ config: resolve(out), flows, notCarriedOver: refused, remarks }, () => {
    const count = flows.length === 1 ? "1 flow" : `${flows.length} flows`;
    printer.line(`written  ${out}: ${count}`);
  });
  printer.next(out === "flows.config.ts" ? "tocsin check" : `tocsin check --config ${out}`);
}

const THERE = "it is there; give another name with --out, or --force to write over it";

function cannot(what: string, cause: unknown, code: ExitCode): CliFailure {
  const why = cause instanceof Error ? cause.message : String(cause);
  const known = codeOf(cause);
  const failure = new CliFailure(
    `Cannot ${what}: ${known === "EEXIST" ? THERE : known === undefined ? why : fileReason(cause)}`,
    code,
  );
  failure.cause = cause;
  return failure;
}

function codeOf(cause: unknown): string | undefined {
  return cause instanceof Error && "code" in cause ? String(cause.code) : undefined;
}
