import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** A program that listens; its process only where this user may see it. */
export interface Listener {
  readonly pid?: number;
  readonly command?: string;
}

const LISTENS = "0A";

/** Who listens on a TCP port of this machine; undefined when nobody does, or where there is no /proc. */
export function findListener(port: number): Listener | undefined {
  const inode = ["/proc/net/tcp", "/proc/net/tcp6"]
    .flatMap((table) => textOf(table).split("\n").slice(1))
    .map((line) => line.trim().split(/\s+/))
    .find(([, local = "", , state]) => state === LISTENS && portIn(local) === port)?.[9];
  if (inode === undefined) return undefined;
  const pid = pidsOf().find((one) => hasSocket(one, inode));
  if (pid === undefined) return {};
  return { pid, command: textOf(`/proc/${pid}/comm`).trim() };
}

function portIn(local: string): number {
  return Number.parseInt(local.split(":").at(-1) ?? "", 16);
}

function pidsOf(): readonly number[] {
  return namesIn("/proc").map(Number).filter(Number.isInteger);
}

function hasSocket(pid: number, inode: string): boolean {
  const folder = `/proc/${pid}/fd`;
  return namesIn(folder).some((name) => linkOf(`${folder}/${name}`) === `socket:[${inode}]`);
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
