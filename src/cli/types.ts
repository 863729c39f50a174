import { readFile, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { Command } from "commander";
import { makeFolderOf } from "./config-folder.ts";
import type { Context } from "./context.ts";
import { configOption } from "./daemon-options.ts";
import { CliFailure, EXIT } from "./failure.ts";
import { fileReason } from "./file-reason.ts";
import { perform, type Session } from "./session.ts";

interface TypesOptions {
  readonly config: string;
  readonly out?: string;
  readonly check?: boolean;
}

/** `tocsin types` */
export function addTypes(program: Command, context: Context): void {
  program
    .command("types")
    .description('write the types of "tocsin" for editors, beside the config')
    .addOption(configOption())
    .option("--out <file>", 'write them there instead; "-" is the standard output')
    .option("--check", "write nothing; exit code 1 unless they are there, of this version")
    .action(perform(context, types));
}

async function types(session: Session, options: TypesOptions): Promise<number> {
  const { printer, context } = session;
  const { TYPES, TYPES_PATH } = await import("./config-types.ts");
  const path = options.out ?? join(dirname(options.config), TYPES_PATH);
  if (path === "-") {
    context.stdout.write(TYPES);
    return EXIT.ok;
  }
  const there = await textOf(path);
  if (options.check === true) return check(session, path, { there, wanted: TYPES });
  if (there !== TYPES) await write(path, TYPES);
  const result = there === TYPES ? "kept" : "written";
  printer.document({ path: resolve(path), result }, () =>
    printer.line(`${result.padEnd(7)}  ${printer.safe(path)}`),
  );
  if (options.out === undefined) printer.next("tocsin check");
  return EXIT.ok;
}

interface Compared {
  readonly there: string | undefined;
  readonly wanted: string;
}

function check({ printer }: Session, path: string, { there, wanted }: Compared): number {
  if (there !== wanted) {
    const why = there === undefined ? "they are not there" : "they are of another version";
    throw new CliFailure(
      `Cannot vouch for types "${path}": ${why}; write them with: tocsin types`,
      EXIT.failed,
    );
  }
  printer.document({ path: resolve(path), result: "fits" }, () =>
    printer.line(`${"fits".padEnd(7)}  ${printer.safe(path)}`),
  );
  return EXIT.ok;
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw cannot("read", path, error);
  }
}

async function write(path: string, text: string): Promise<void> {
  try {
    await makeFolderOf(path);
    await writeFile(path, text);
  } catch (error) {
    throw cannot("write", path, error);
  }
}

function cannot(what: string, path: string, cause: unknown): CliFailure {
  const failure = new CliFailure(
    `Cannot ${what} types "${path}": ${fileReason(cause)}`,
    EXIT.failed,
  );
  failure.cause = cause;
  return failure;
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}
