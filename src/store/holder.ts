import { readFileSync } from "node:fs";
import type { Boot } from "./boot-store.ts";
import { fileOf } from "./store-place.ts";

/** What the holder of a store tells of itself, for the message that a second daemon gets. */
export interface Holder {
  readonly pid: number;
  readonly host: string;
  readonly bootId: string;
  readonly startedAt: string;
  /** Where its API is, once it listens. */
  readonly url?: string;
  /** Lets in whoever may read this file: that one could read and write the store itself. Never shown. */
  readonly token?: string;
}
export type HolderApi = Pick<Holder, "url" | "token">;

/** The file beside a store, or beside its working copy, in which its holder writes itself down. */
export function holderFile(path: string): string {
  return `${fileOf(path)}.holder`;
}

/** Who wrote itself down as the holder of a store, given its place; it may have died since. */
export function readHolder(path: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(holderFile(path), "utf8")) as Holder;
  } catch {
    return undefined;
  }
}

/** Why a store that somebody holds cannot be opened. */
export function heldBy(holder: Holder | undefined): string {
  if (holder === undefined) return "another tocsin holds it";
  const where = holder.url === undefined ? "" : `, listening on ${holder.url}`;
  return `another tocsin holds it (pid ${holder.pid} on ${holder.host}, since ${holder.startedAt}${where}); stop that one first, or name another file with --store`;
}

/** What this boot writes down of itself. */
export function holderOf(boot: Boot, api: HolderApi = {}): Holder {
  return {
    pid: boot.pid,
    host: boot.host,
    bootId: boot.id,
    startedAt: new Date(boot.startedAt).toISOString(),
    ...api,
  };
}
