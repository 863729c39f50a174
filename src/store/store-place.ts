import { existsSync } from "node:fs";
import { resolve } from "node:path";

// A store's place, as people give it: the path of its file, or the address of the server that has it.

const SERVER = /^(?:libsql|https?):\/\//i;

/** Whether a place is a server's address. */
export function isServer(place: string): boolean {
  return SERVER.test(place);
}

/** The place with a path made whole. */
export function wholePlace(place: string): string {
  return isServer(place) ? place : resolve(place);
}

/** Whether there can be a store without making one; nobody knows of a server without asking it. */
export function mayBeThere(place: string): boolean {
  return isServer(place) || existsSync(place);
}

/**
 * The file of a store on this machine: of a server's store its working copy, in the state directory. Lock, holder
 * and key lie beside it.
 */
export function fileOf(place: string): string {
  if (!isServer(place)) return place;
  const { host, pathname } = new URL(place);
  const name = `${host}${pathname}`.replace(/\/+$/, "").replaceAll(/[^\w.-]/g, "_");
  const directory = process.env["STATE_DIRECTORY"]?.split(":")[0] ?? "";
  return resolve(directory === "" ? ".tocsin" : directory, `${name}.copy.db`);
}
