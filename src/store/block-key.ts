import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { BlockKeySource } from "../domain/blocks.ts";
import { StartRefused } from "../domain/start-refused.ts";
import { removeNow, renameNow, writeNow } from "./durable-file.ts";

const KEY_BYTES = 32;

/** Where the key that seals blocks comes from. It is never kept inside the store. */
export interface KeySources {
  /** The value of TOCSIN_KEY: 32 bytes in base64 or hexadecimal. */
  readonly environment: string | undefined;
  /** systemd's credentials directory; a file `tocsin-key` in it holds the key. */
  readonly credentialsDirectory: string | undefined;
  readonly storePath: string;
}

/** A key, and where it was found. */
export interface FoundKey {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly source: BlockKeySource;
  /** The file, or `TOCSIN_KEY`. */
  readonly place: string;
}

/**
 * The key, from the environment, a credential, or the key file beside the store, which is made with mode
 * 0600 when there is none and nothing was encrypted yet. Throws StartRefused for one that is no key.
 */
export function readBlockKey(sources: KeySources, hasBlocks: boolean): FoundKey {
  const { source, place, text } = givenKey(sources) ?? keyInFile(sources.storePath, hasBlocks);
  return { source, place, bytes: keyIn(text, place) };
}

/** Where the key is at present, and whether it is one; undefined while there is none. */
export function findBlockKey(
  sources: KeySources,
): { readonly place: string; readonly isKey: boolean } | undefined {
  const file = keyFile(sources.storePath);
  const given = givenKey(sources);
  if (given === undefined && !existsSync(file)) return undefined;
  const { place, text } = given ?? { place: file, text: readFileSync(file, "utf8") };
  return { place, isKey: keyOf(text) !== undefined };
}

/** A key that is not kept beside the store but handed to the daemon; undefined when none is. */
function givenKey({ environment, credentialsDirectory }: KeySources): KeyText | undefined {
  if (environment !== undefined && environment !== "") {
    return { source: "environment", place: "TOCSIN_KEY", text: environment };
  }
  if (credentialsDirectory === undefined) return undefined;
  const place = join(credentialsDirectory, "tocsin-key");
  if (!existsSync(place)) return undefined;
  return { source: "credential", place, text: readFileSync(place, "utf8") };
}

interface KeyText {
  readonly source: BlockKeySource;
  readonly place: string;
  readonly text: string;
}

function keyInFile(storePath: string, hasBlocks: boolean): KeyText {
  const place = keyFile(storePath);
  if (!existsSync(place)) {
    if (hasBlocks) {
      throw new StartRefused(
        `Cannot read block key "${place}": it is not there, and the store holds blocks that were encrypted with it; put it back, or give the key in TOCSIN_KEY`,
        1,
      );
    }
    writeNow(place, keyText(newKey()));
  }
  return { source: "file", place, text: readFileSync(place, "utf8") };
}

export function newKey(): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(KEY_BYTES));
}

/** The key that a text holds in base64 or hexadecimal; undefined when it holds none. */
export function keyOf(text: string): Uint8Array<ArrayBuffer> | undefined {
  const trimmed = text.trim();
  const isHex = /^[0-9a-f]{64}$/i.test(trimmed);
  if (!isHex && !/^[\w+/-]{43}=?$/.test(trimmed)) return undefined;
  const bytes = Buffer.from(trimmed, isHex ? "hex" : "base64");
  return bytes.length === KEY_BYTES ? new Uint8Array(bytes) : undefined;
}

function keyIn(text: string, place: string): Uint8Array<ArrayBuffer> {
  const key = keyOf(text);
  if (key !== undefined) return key;
  throw new StartRefused(
    `Cannot read block key "${place}": it must be 32 bytes in base64 or hexadecimal (openssl rand -base64 32 makes one)`,
    1,
  );
}

function keyText(key: Uint8Array): string {
  return `${Buffer.from(key).toString("base64")}\n`;
}

/*
 * While the blocks are encrypted anew, the new key lies beside the old one: whatever the store holds when
 * the daemon dies in between, its key is there.
 */

export function writeNextKey(storePath: string, key: Uint8Array): void {
  writeNow(nextKeyFile(storePath), keyText(key));
}

/** The new key, if encrypting anew was interrupted. */
export function findNextKey(storePath: string): Uint8Array<ArrayBuffer> | undefined {
  const file = nextKeyFile(storePath);
  return existsSync(file) ? keyOf(readFileSync(file, "utf8")) : undefined;
}

/** The store is encrypted with the new key: it takes the old one's place. */
export function useNextKey(storePath: string): void {
  renameNow(nextKeyFile(storePath), keyFile(storePath));
}

/** The store is not encrypted with the new key. */
export function dropNextKey(storePath: string): void {
  const file = nextKeyFile(storePath);
  if (existsSync(file)) removeNow(file);
}

function keyFile(storePath: string): string {
  return join(dirname(storePath), "key");
}

function nextKeyFile(storePath: string): string {
  return join(dirname(storePath), "key.next");
}
