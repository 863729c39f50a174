import {
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { dirname } from "node:path";
import { StoreCareRefused, type StoreCheck } from "../domain/store-care.ts";
import { makeStoreDirectory, type SelfCommand } from "./admit-file.ts";
import type { Boot } from "./boot-store.ts";
import { careInChild } from "./care-child.ts";
import { holdStore, ownAsFolder } from "./hold-store.ts";

/** What was put in a store's place. */
export interface Restored {
  readonly path: string;
  readonly check: StoreCheck;
  /** Where the store is that was there before; absent when there was none. */
  readonly aside?: string;
}

export interface RestoreOrder {
  readonly path: string;
  readonly boot: Boot;
  readonly self: SelfCommand;
}

/**
 * Puts a backup in a store's place. The backup is copied and the copy is checked before anything is moved, and
 * the store that was there is kept beside it. Refused while somebody holds the store.
 */
export async function restoreStore(backup: string, order: RestoreOrder): Promise<Restored> {
  const { path, boot, self } = order;
  requireBackup(backup);
  makeStoreDirectory(path);
  return await holdStore(path, boot, async () => {
    const draft = `${path}.restoring`;
    removeStore(draft);
    try {
      copyDurably(backup, draft);
      const check = await requireSound(backup, draft, self);
      const aside = await putAside(path, self);
      renameSync(draft, path);
      syncFolder(path);
      return { path, check, ...(aside === undefined ? {} : { aside }) };
    } finally {
      removeStore(draft);
    }
  });
}

export function requireBackup(backup: string): void {
  if (statSync(backup, { throwIfNoEntry: false })?.isFile() === true) return;
  throw new StoreCareRefused(`Cannot restore from "${backup}": there is no such file`);
}

/** With what was written to it and is not in the file yet, where it was a store that ran, and not a backup. */
export function copyDurably(backup: string, draft: string): void {
  for (const side of ["", "-wal"]) {
    if (!existsSync(`${backup}${side}`)) continue;
    copyFileSync(`${backup}${side}`, `${draft}${side}`);
    ownAsFolder(`${draft}${side}`);
    const descriptor = openSync(`${draft}${side}`, "r+");
    fsyncSync(descriptor);
    closeSync(descriptor);
  }
}

export async function requireSound(
  backup: string,
  draft: string,
  self: SelfCommand,
): Promise<StoreCheck> {
  const check = await careInChild("check", { self, path: draft }).catch((error: Error) => {
    const refused = new StoreCareRefused(error.message.replaceAll(draft, backup));
    refused.cause = error;
    throw refused;
  });
  if (check.ok) return check;
  const faults = check.faults.map(({ fault, count }) =>
    count > 1 ? `${fault} (${count})` : fault,
  );
  throw new StoreCareRefused(
    `Cannot restore from "${backup}": ${faults.join("; ")}. Nothing was changed`,
  );
}

/** Answers where the store now is. What it had not written into its one file yet goes with it. */
async function putAside(path: string, self: SelfCommand): Promise<string | undefined> {
  if (!existsSync(path)) return undefined;
  // A damaged one is kept as it is, with what lies beside it.
  await careInChild("fold", { self, path }).catch(() => undefined);
  const aside = `${path}.before-${new Date().toISOString().replaceAll(/[:.]/g, "-")}`;
  if (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size === 0) rmSync(`${path}-wal`);
  for (const side of ["-wal", ""]) {
    if (existsSync(`${path}${side}`)) renameSync(`${path}${side}`, `${aside}${side}`);
  }
  rmSync(`${path}-shm`, { force: true });
  return aside;
}

export function removeStore(path: string): void {
  for (const side of ["", "-wal", "-shm"]) rmSync(`${path}${side}`, { force: true });
}

function syncFolder(path: string): void {
  const folder = openSync(dirname(path), "r");
  fsyncSync(folder);
  closeSync(folder);
}
