import { existsSync, readFileSync } from "node:fs";
import { totalmem } from "node:os";
import { delimiter, join } from "node:path";

const MIB = 1_048_576;
/** What the runtime maps on top of what it uses, measured at 205 MiB under a limit, and room to be watched in. */
const HEADROOM_BYTES = 512 * MIB;

/** How much memory a process has in use now, and had at most. */
export interface MemoryUse {
  readonly bytes: number;
  readonly peakBytes: number;
}

/** Undefined when the process is gone, or the system does not say. */
export function memoryOf(pid: number): MemoryUse | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "latin1");
    const kib = (field: string) =>
      Number(new RegExp(`^${field}:\\s*(\\d+) kB`, "m").exec(status)?.[1]);
    const [bytes, peakBytes] = [kib("VmRSS") * 1_024, kib("VmHWM") * 1_024];
    return Number.isNaN(bytes) || Number.isNaN(peakBytes) ? undefined : { bytes, peakBytes };
  } catch {
    return undefined;
  }
}

/**
 * The command under a wall that the kernel keeps, where prlimit is installed. The wall is for code that eats
 * faster than anybody looks; it counts what is mapped, and so stands well above the limit.
 */
export function walled(
  command: readonly string[],
  limitBytes: number | undefined,
): readonly string[] {
  const prlimit = limitBytes === undefined ? undefined : programNamed("prlimit");
  if (limitBytes === undefined || prlimit === undefined) return command;
  return [prlimit, `--data=${limitBytes + HEADROOM_BYTES}`, "--", ...command];
}

function programNamed(name: string): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

/** What the whole daemon uses, for a thread has no share of its own; and the limit, if there is one. */
export function ownMemoryInWords(): string {
  const limit = process.constrainedMemory();
  // Where there is no limit it answers all there is, or a number beyond all measure.
  const hasLimit = limit > 0 && limit < totalmem();
  const used = `the daemon used ${bytesInWords(process.memoryUsage.rss())} of memory`;
  return hasLimit ? `${used}, its limit is ${bytesInWords(limit)}` : used;
}

/** Bytes for people: `"256 MiB"`. */
export function bytesInWords(bytes: number): string {
  return `${Math.round((bytes / MIB) * 10) / 10} MiB`;
}
