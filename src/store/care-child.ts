import { spawn } from "node:child_process";
import { statSync } from "node:fs";
import { constants, setPriority } from "node:os";
import {
  StoreCareRefused,
  type StoreCheck,
  type StoreCopy,
  type StoreStats,
  type Vacuumed,
} from "../domain/store-care.ts";
import type { SelfCommand } from "./admit-file.ts";
import { checkStore } from "./care-check.ts";
import { copyStore, foldStore, vacuumStore } from "./care-copy.ts";
import { statsOf } from "./care-stats.ts";
import { openConnection } from "./connection.ts";
import { inspectStore } from "./inspect-store.ts";
import { endInWords, fallInWords, fellOver, type SilentEnd } from "./silent-end.ts";

/** What can be done with a store by a process of its own. */
export interface CareAnswers {
  readonly stats: StoreStats;
  readonly check: StoreCheck;
  readonly copy: StoreCopy;
  readonly vacuum: Vacuumed;
  /** Brings everything into the one file; nobody else may have it open. */
  readonly fold: Folded;
}

export interface Folded {
  readonly sizeBytes: number;
}

export interface CareOrder {
  readonly self: SelfCommand;
  readonly path: string;
  /** Where the copy goes. */
  readonly target?: string;
}

const WRITING: ReadonlySet<string> = new Set<keyof CareAnswers>(["vacuum", "fold"]);
const OUTPUT_MAX = 16 * 1024 * 1024;
const COMPLAINT_KEPT = 4_096;

type Told<Answer> = { readonly answer: Answer } | { readonly refused: string };

/**
 * Does something that takes long with the store in a process of its own: whoever asks is not held up, and a
 * damaged file that ends the process that reads it does not end theirs.
 */
export async function careInChild<Work extends keyof CareAnswers>(
  work: Work,
  { self, path, target = "" }: CareOrder,
): Promise<CareAnswers[Work]> {
  const [command, ...args] = self;
  const { output, ...end } = await outputOf(command, [...args, "__store-care", work, path, target]);
  const told = toldIn<CareAnswers[Work]>(output);
  if (told === undefined) throw new StoreCareRefused(silence(work, path, end));
  if ("answer" in told) return told.answer;
  throw new StoreCareRefused(told.refused);
}

function silence(work: string, path: string, end: SilentEnd): string {
  return fellOver(end)
    ? `Cannot ${work} store "${path}": ${fallInWords(end)}; it is damaged, or the machine has no memory left`
    : `Cannot ${work} store "${path}": the process that was to do it ${endInWords(end)}; that says nothing of the store`;
}

/** What that process does, and what it prints. */
export function careHere(work: string, path: string, target: string): string {
  try {
    return JSON.stringify({ answer: answerOf(work, path, target) });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const refused = error instanceof StoreCareRefused ? why : refusalOf(work, path, why);
    return JSON.stringify({ refused });
  }
}

function answerOf(work: string, path: string, target: string): CareAnswers[keyof CareAnswers] {
  process.umask(0o077);
  const reason = reasonAgainst(work, path);
  if (reason !== undefined) throw new StoreCareRefused(`Cannot ${work} store "${path}": ${reason}`);
  const connection = openConnection(path, WRITING.has(work) ? "writer" : "reader");
  try {
    if (work === "stats") return statsOf(connection);
    if (work === "check") return checkStore(connection);
    if (work === "copy") return copyStore(connection, target);
    return work === "vacuum" ? vacuumStore(connection) : foldStore(connection);
  } finally {
    connection.close();
  }
}

/** Nothing is ever written to a file that is no store of ours, not even the mark of its journal. */
function reasonAgainst(work: string, path: string): string | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return "there is no such file";
  const found = inspectStore(path, stat.size);
  switch (found.type) {
    case "ours":
      return undefined;
    case "empty":
      return "there is nothing in it";
    case "foreign":
      return found.why;
    case "newer":
      return `a newer tocsin wrote it (version ${found.version}, known: ${found.known})`;
    case "damaged":
      // What is wrong with it is what a check is for.
      return work === "check" ? undefined : `it is damaged (${found.why})`;
  }
}

function refusalOf(work: string, path: string, why: string): string {
  if (/SQLITE_FULL|disk is full|No space/i.test(why)) {
    return `Cannot ${work} store "${path}": there is no room left on the disk`;
  }
  return `Cannot ${work} store "${path}": ${why}`;
}

interface Ended extends SilentEnd {
  readonly output: string;
}

function outputOf(command: string, args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
    giveWay(child.pid);
    let output = "";
    let complaint = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      if (output.length < OUTPUT_MAX) output += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      complaint = `${complaint}${text}`.slice(-COMPLAINT_KEPT);
    });
    child.once("error", (error) =>
      resolve({ output: "", complaint: "", error, signal: null, code: null }),
    );
    child.once("close", (code, signal) => resolve({ output, complaint, signal, code }));
  });
}

/** Whoever serves goes first: the child takes what is left of the processor. */
function giveWay(pid: number | undefined): void {
  try {
    if (pid !== undefined) setPriority(pid, constants.priority.PRIORITY_LOW);
  } catch {
    // It has ended already, or the system does not let us: it is only slower for others.
  }
}

function toldIn<Answer>(output: string): Told<Answer> | undefined {
  try {
    return JSON.parse(output) as Told<Answer>;
  } catch {
    return undefined;
  }
}
