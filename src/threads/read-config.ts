import { existsSync } from "node:fs";
import { basename } from "node:path";
import { durationInWords } from "../domain/duration.ts";
import type { LogLine } from "../domain/executor.ts";
import type { ConfigProblem, Manifest, Sources } from "../domain/flow.ts";
import type { MessageFromThread } from "./messages-from-thread.ts";
import { type Gone, openThread } from "./thread-link.ts";

export type ConfigAnswer =
  | { readonly type: "accepted"; readonly manifest: Manifest; readonly sources: Sources }
  | { readonly type: "refused"; readonly problems: readonly ConfigProblem[] };

/** A config that is written all the time is read so often. */
const READS_MAX = 5;
const SOURCES_MAX = 32 * 2 ** 20;

export interface ReadConfigOptions {
  readonly deadlineMs?: number | undefined;
  /** Told once what the config wrote while it was read. */
  readonly onOutput?: (lines: readonly LogLine[]) => void;
}

/**
 * Reads a config in a fresh thread and answers it as data, with the files it is made of, or everything that
 * is wrong with it. Never rejects; a config that does not come to an end is stopped at the deadline.
 */
export async function readConfig(
  configPath: string,
  { deadlineMs = 10_000, onOutput = () => {} }: ReadConfigOptions = {},
): Promise<ConfigAnswer> {
  let before: string | undefined;
  for (let reads = 0; reads < READS_MAX; reads += 1) {
    const lines: LogLine[] = [];
    const found = await readOnce(configPath, { deadlineMs, output: lines });
    // Of a config that is read again the first reading says what the next would say once more.
    if (reads === 0) onOutput(lines);
    if (found.type === "refused") return found;
    const { manifest, sources, unsure } = found;
    const size = sizeOf(sources);
    if (size > SOURCES_MAX) return tooLarge(configPath, size);
    const text = JSON.stringify(sources);
    // What two readings found alike did not change during the second.
    if (!unsure || text === before) return { type: "accepted", manifest, sources };
    before = text;
  }
  return refused(
    `Cannot read config "${configPath}": it changes while it is read; try again later`,
  );
}

/** What one thread said. */
type Found = Extract<MessageFromThread, { readonly type: "manifest" }> | Refused;
type Refused = Extract<ConfigAnswer, { readonly type: "refused" }>;

interface Reading {
  readonly deadlineMs: number;
  /** Where what it writes is collected. */
  readonly output: LogLine[];
}

async function readOnce(configPath: string, { deadlineMs, output }: Reading): Promise<Found> {
  if (!existsSync(configPath)) {
    const why = "there is no such file; make one with: tocsin init";
    return refused(`Cannot read config "${configPath}": ${why}`);
  }
  const name = basename(configPath);
  const answer = Promise.withResolvers<Found>();
  const link = openThread(
    { mode: "config", configPath },
    {
      message(message) {
        if (message.type === "output") output.push(...message.lines);
        else take(message, answer.resolve);
      },
      gone: (gone) => answer.resolve(refused(`Cannot import "${name}": ${whyGone(gone)}`)),
    },
  );
  const timer = setTimeout(() => {
    const why = `it did not come to an end within ${durationInWords(deadlineMs)}; look for a loop or an await at its top level, or give it longer by TOCSIN_CONFIG_DEADLINE`;
    answer.resolve(refused(`Cannot import "${name}": ${why}`));
  }, deadlineMs);
  const found = await answer.promise;
  clearTimeout(timer);
  await link.terminate();
  return found;
}

function sizeOf({ files }: Sources): number {
  return Object.values(files).reduce((sum, { text }) => sum + text.length, 0);
}

function tooLarge(configPath: string, size: number): Refused {
  const mebibytes = Math.ceil(size / 2 ** 20);
  return refused(
    `Cannot keep config "${configPath}": the files that it imports are ${mebibytes} MiB together, expected at most 32 MiB; read large data when a flow runs`,
  );
}

function take(message: MessageFromThread, resolve: (found: Found) => void): void {
  if (message.type === "manifest") resolve(message);
  if (message.type === "unready") resolve({ type: "refused", problems: message.problems });
}

function refused(message: string): Refused {
  return { type: "refused", problems: [{ path: "", message }] };
}

function whyGone({ code, error }: Gone): string {
  return error === undefined ? `its thread ended with code ${code}` : error.message;
}
