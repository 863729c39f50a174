import { spawnSync } from "node:child_process";
import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { StartRefused } from "../domain/start-refused.ts";
import type { Inspection } from "./inspect-store.ts";
import { endInWords, fallInWords, fellOver, type SilentEnd } from "./silent-end.ts";

const INSPECTION_MS_MAX = 60_000;

/** How to run a hidden command of this same program: the binary itself, or the runtime and main.ts. */
export type SelfCommand = readonly [command: string, ...args: string[]];

/** Makes the store's directory, readable by its owner alone. */
export function makeStoreDirectory(path: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  } catch (error) {
    throw refusal(path, `its directory cannot be made (${reasonOf(error)})`, error);
  }
}

/** Lets a file through only if it is absent, empty or a store of ours; nothing is ever written to another. */
export function admitStoreFile(path: string, self: SelfCommand): void {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined || stat.size === 0) return;
  if (!stat.isFile()) throw refusal(path, "it is not a file");
  const inspection = inspectInChild(path, stat.size, self);
  switch (inspection.type) {
    case "ours":
    case "empty":
      return;
    case "foreign":
      throw refusal(path, `${inspection.why}; name another file with --store`);
    case "newer":
      throw refusal(
        path,
        `it was written by a newer tocsin (store version ${inspection.version}, this one knows ${inspection.known}); upgrade tocsin, or name another file with --store`,
      );
    case "damaged":
      throw refusal(
        path,
        `it is damaged (${inspection.why}); put a backup in its place, nothing was changed`,
      );
    case "unknown":
      throw refusal(
        path,
        `it could not be checked: the process that was to read it ${inspection.why}; that says nothing of the store, nothing was changed`,
      );
  }
}

export function refusal(path: string, why: string, cause?: unknown): StartRefused {
  const refused = new StartRefused(`Cannot open store "${path}": ${why}`, 1);
  if (cause !== undefined) refused.cause = cause;
  return refused;
}

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Where no child could look at it, why. */
type Answer = Inspection | { readonly type: "unknown"; readonly why: string };

function inspectInChild(path: string, bytes: number, [command, ...args]: SelfCommand): Answer {
  const { stdout, stderr, signal, status, error } = spawnSync(
    command,
    [...args, "__inspect-store", path, String(bytes)],
    { encoding: "utf8", timeout: INSPECTION_MS_MAX, stdio: ["ignore", "pipe", "pipe"] },
  );
  return (
    inspectionIn(stdout) ?? guess({ error, signal, code: status, complaint: String(stderr ?? "") })
  );
}

function inspectionIn(output: string): Inspection | undefined {
  try {
    return JSON.parse(output) as Inspection;
  } catch {
    return undefined;
  }
}

function guess(end: SilentEnd): Answer {
  return fellOver(end)
    ? { type: "damaged", why: fallInWords(end) }
    : { type: "unknown", why: endInWords(end) };
}
