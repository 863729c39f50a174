import { chownSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { StoreCareRefused } from "../domain/store-care.ts";
import type { Boot } from "./boot-store.ts";
import { heldBy, holderOf, readHolder } from "./holder.ts";
import { takeLock } from "./lock.ts";

/** Keeps everybody else from opening a store while `body` does something with its file. */
export async function holdStore<Answer>(
  path: string,
  boot: Boot,
  body: () => Promise<Answer>,
): Promise<Answer> {
  process.umask(0o077);
  const lock = takeLock(path);
  if (lock === undefined) {
    throw new StoreCareRefused(`Cannot open store "${path}": ${heldBy(readHolder(path))}`);
  }
  try {
    ownAsFolder(`${path}.lock`);
    lock.describe(holderOf(boot));
    return await body();
  } finally {
    lock.release();
  }
}

/** Made by root, a file beside a store would shut the daemon out, which is another user. */
export function ownAsFolder(file: string): void {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = statSync(dirname(file));
  chownSync(file, uid, gid);
}
