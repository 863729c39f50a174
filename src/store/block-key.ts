import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { StartRefused } from "../domain/start-refused.ts";

const KEY_BYTES = 32;

/** Where the key that seals blocks comes from. It is never kept inside the store. */
export interface KeySources {
  /** The value of TOCSIN_KEY: 32 bytes in base64 or hexadecimal. */
  readonly environment: string | undefined;
  /** systemd's credentials directory; a file `tocsin-key` in it holds the key. */
  readonly credentialsDirectory: string | undefined;
  readonly storePath: string;
  /** Whether there are blocks that were sealed with the key: then a new one is not made. */
  readonly hasBlocks: boolean;
}

/**
 * The key, from the environment, a credential, or the key file beside the store, which is made with mode
 * 0600 when there is none and `create` allows it. Throws StartRefused for one that is no key.
 */
export function readBlockKey(sources: KeySources): Uint8Array<ArrayBuffer> {
  if (sources.environment !== undefined) return keyOf(sources.environment, "TOCSIN_KEY");
  const credential =
    sources.credentialsDirectory === undefined
      ? undefined
      : join(sources.credentialsDirectory, "tocsin-key");
  if (credential !== undefined && existsSync(credential))
    return keyOf(readFileSync(credential, "utf8"), credential);
  const file = join(dirname(sources.storePath), "key");
  if (existsSync(file)) return keyOf(readFileSync(file, "utf8"), file);
  if (!sources.hasBlocks) return makeKeyFile(file);
  throw new StartRefused(
    `Cannot read block key "${file}": it is not there, and the store holds blocks that were encrypted with it; put it back, or give the key in TOCSIN_KEY`,
    1,
  );
}

function makeKeyFile(file: string): Uint8Array<ArrayBuffer> {
  const key = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
  writeFileSync(file, `${Buffer.from(key).toString("base64")}\n`, { mode: 0o600, flag: "wx" });
  return key;
}

function keyOf(text: string, source: string): Uint8Array<ArrayBuffer> {
  const trimmed = text.trim();
  const bytes = /^[0-9a-f]{64}$/i.test(trimmed)
    ? Buffer.from(trimmed, "hex")
    : Buffer.from(trimmed, "base64");
  if (bytes.length !== KEY_BYTES) {
    throw new StartRefused(
      `Cannot read block key "${source}": it must be 32 bytes in base64 or hexadecimal (openssl rand -base64 32 makes one)`,
      1,
    );
  }
  return new Uint8Array(bytes);
}
