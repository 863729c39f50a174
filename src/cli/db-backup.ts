import { closeSync, fsyncSync, openSync, renameSync, rmSync, statSync, writeSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Command } from "commander";
import type { Context } from "./context.ts";
import { addStoreOptions, type StoreOptions } from "./daemon-options.ts";
import { CliFailure, EXIT } from "./failure.ts";
import { fileReason } from "./file-reason.ts";
import { createProgress } from "./progress.ts";
import { perform, type Session } from "./session.ts";
import { sizeInWords } from "./text.ts";
import { findStoreDoor, type StoreDoor } from "./with-store.ts";

interface BackupOptions extends StoreOptions {
  readonly force?: boolean;
}

/** `tocsin db backup` */
export function addDbBackup(db: Command, context: Context): void {
  addStoreOptions(
    db
      .command("backup")
      .description("copy the store as it is at this moment; the daemon goes on meanwhile")
      .argument("<file>", "the copy, or the folder it goes into")
      .option("--force", "replace a file that is there"),
  ).action(perform(context, backup));
}

async function backup(session: Session, options: BackupOptions): Promise<number> {
  const { printer, context, args } = session;
  const file = targetOf(args[0] ?? "", context.now());
  if (options.force !== true && statSync(file, { throwIfNoEntry: false }) !== undefined) {
    const why = "it exists already; give --force to replace it";
    throw new CliFailure(`Cannot back up to "${file}": ${why}`, EXIT.failed);
  }
  const door = await findStoreDoor(session, options);
  const sizeBytes = await copyTo(session, door, file);
  printer.document({ file, sizeBytes }, () =>
    printer.line(printer.safe(`${file}  ${sizeInWords(sizeBytes)}`)),
  );
  printer.note("The key that encrypts blocks is not in it: keep a copy of that elsewhere");
  printer.next(`tocsin db restore ${file}`);
  return EXIT.ok;
}

function targetOf(given: string, now: Date): string {
  const path = resolve(given);
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  const stamp = now.toISOString().slice(0, 19).replaceAll(":", "-");
  return isFolder ? join(path, `tocsin-${stamp}.db`) : path;
}

/** Whoever sees the file sees it whole. */
async function copyTo(session: Session, door: StoreDoor, file: string): Promise<number> {
  const draft = `${file}.partial`;
  rmSync(draft, { force: true });
  try {
    const size = await copied(session, door, draft);
    renameSync(draft, file);
    return size;
  } catch (error) {
    rmSync(draft, { force: true });
    throw inWords(error, file);
  }
}

async function copied(session: Session, door: StoreDoor, draft: string): Promise<number> {
  const target = openSync(draft, "wx", 0o600);
  const progress = createProgress(session);
  try {
    progress.show("the store is being copied");
    const { sizeBytes, bytes } = await door.client.backup();
    let done = 0;
    for await (const piece of bytes) {
      writeSync(target, piece);
      done += piece.length;
      progress.show(`${sizeInWords(done)} of ${sizeInWords(sizeBytes)}`);
    }
    if (done !== sizeBytes) throw new Error(`only ${done} of ${sizeBytes} bytes came`);
    fsyncSync(target);
    return done;
  } finally {
    progress.end();
    closeSync(target);
  }
}

function inWords(error: unknown, file: string): CliFailure {
  if (error instanceof CliFailure) return error;
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  const said = error instanceof Error && code === undefined ? error.message : fileReason(error);
  const why = code === "ENOENT" ? "its folder is not there" : said;
  const failure = new CliFailure(`Cannot back up to "${file}": ${why}`, EXIT.failed);
  failure.cause = error;
  return failure;
}
