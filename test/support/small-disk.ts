import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A place with room for two megabytes. */
export interface SmallDisk extends Disposable {
  readonly folder: string;
  /** Takes all the room that is left to the daemon. */
  fill(pid: number): void;
  /** Gives it room again. */
  makeRoom(pid: number): void;
}

const BYTES = 2 * 1024 * 1024;

/** A file system of its own; where that may not be mounted, a limit on how long the daemon's files may get. */
export function aSmallDisk(): SmallDisk {
  const folder = mkdtempSync(join(tmpdir(), "tocsin-disk-"));
  return mounted(folder) ? ownFileSystem(folder) : fileLimit(folder);
}

function mounted(folder: string): boolean {
  try {
    const options = ["-t", "tmpfs", "-o", `size=${BYTES}`, "tmpfs", folder];
    execFileSync("mount", options, { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

function ownFileSystem(folder: string): SmallDisk {
  const filler = join(folder, "filler");
  return {
    folder,
    fill() {
      // Page by page, so that not even one page is left.
      for (let size = BYTES; size >= 4_096; size /= 2) {
        for (;;) {
          try {
            writeFileSync(filler, new Uint8Array(size), { flag: "a" });
          } catch {
            break;
          }
        }
      }
    },
    makeRoom: () => rmSync(filler),
    [Symbol.dispose]() {
      execFileSync("umount", ["-l", folder]);
      rmSync(folder, { recursive: true });
    },
  };
}

function fileLimit(folder: string): SmallDisk {
  const limit = (pid: number, bytes: number | string) =>
    void execFileSync("prlimit", ["--pid", String(pid), `--fsize=${bytes}:`]);
  return {
    folder,
    fill: (pid) => limit(pid, 64 * 1024),
    makeRoom: (pid) => limit(pid, "unlimited"),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}
