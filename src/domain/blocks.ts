import type { Instant } from "./instant.ts";
import type { Json, JsonObject } from "./json.ts";

/** Stored values that are named and typed: webhook addresses, secrets, texts, JSON. */
export interface Blocks {
  /** Rejects with `NoSuchBlock` or `BlockKeyWrong`. */
  load(type: string, name: string): Promise<Json>;
  /** Rejects with `BlockExists` when there is one and `overwrite` is false. */
  save(block: NewBlock): Promise<void>;
  /** Rejects with `NoSuchBlock`. */
  delete(type: string, name: string): Promise<void>;
  list(): Promise<readonly BlockEntry[]>;
  /**
   * Encrypts everything anew: with the key that is given, or with a new one where the key is kept in a
   * file. Rejects with `RekeyRefused`, and has changed nothing then.
   */
  rekey(newKey: string | undefined): Promise<Rekeyed>;
}

/** What came of `rekey`. */
export interface Rekeyed {
  readonly blocks: number;
  /** Where the key comes from. Unless that is the file, the next start needs it changed there. */
  readonly source: BlockKeySource;
  /** The key file, the credential file, or `TOCSIN_KEY`. */
  readonly place: string;
}

export type BlockKeySource = "environment" | "credential" | "file";

export interface NewBlock {
  readonly type: string;
  readonly name: string;
  readonly value: Json;
  readonly overwrite: boolean;
  /** Whoever asks has held the value against the declared type's schema already. */
  readonly checked?: boolean;
}

/** A type of blocks that a config declares, as data. */
export interface DeclaredBlockType {
  readonly name: string;
  readonly secret: boolean;
  /** JSON Schema of the values, where the config's schema can say it. */
  readonly schema?: JsonObject;
}

/** A block without its value. */
export interface BlockEntry {
  readonly type: string;
  readonly name: string;
  readonly updatedAt: Instant;
}

export class NoSuchBlock extends Error {
  constructor(type: string, name: string) {
    super(
      `Cannot find block "${type}/${name}": there is none; save it with: tocsin blocks set ${type}/${name}`,
    );
    this.name = "NoSuchBlock";
  }
}

export class BlockExists extends Error {
  constructor(type: string, name: string) {
    super(
      `Cannot save block "${type}/${name}": it is there already; ask to overwrite it (--overwrite)`,
    );
    this.name = "BlockExists";
  }
}

export class BlockKeyWrong extends Error {
  constructor(type: string, name: string) {
    super(
      `Cannot read block "${type}/${name}": it was encrypted with another key; start the daemon with the key it was saved with (TOCSIN_KEY, or the key file beside the store)`,
    );
    this.name = "BlockKeyWrong";
  }
}

/** A block that is to be saved does not fit: its type, its name or its value. */
export class BadBlock extends Error {
  constructor(type: string, name: string, why: string) {
    super(`Cannot save block "${type}/${name}": ${why}`);
    this.name = "BadBlock";
  }
}

/** The key cannot be changed, for a reason that whoever asks can mend. Nothing has changed. */
export class RekeyRefused extends Error {
  constructor(why: string) {
    super(`Cannot encrypt the blocks with a new key: ${why}`);
    this.name = "RekeyRefused";
  }
}

export const BLOCK_TYPES = [
  "string",
  "secret",
  "json",
  "slack-webhook",
  "webhook",
  "smtp",
] as const;
export type BlockType = (typeof BLOCK_TYPES)[number];

const SHOWN_TYPES: readonly string[] = ["string", "json"];

/**
 * Whether blocks of a type are never shown to anybody outside: only flows and hooks load their values. Those
 * of a type that is declared no more stay secret.
 */
export function isSecretType(type: string, declared: readonly DeclaredBlockType[] = []): boolean {
  if (SHOWN_TYPES.includes(type)) return false;
  return declared.find(({ name }) => name === type)?.secret ?? true;
}

const HTTP: readonly string[] = ["http:", "https:"];
const SMTP: readonly string[] = ["smtp:", "smtps:"];
const NAME = /^[a-z0-9][a-z0-9._-]{0,127}$/;
/** What names of blocks and of their types are made of. */
export const BLOCK_NAME_WORDS =
  "a-z, 0-9, dot, dash and underscore, begins with a letter or digit, and has at most 128 characters";

export function isBlockName(text: string): boolean {
  return NAME.test(text);
}

/**
 * What is wrong with a block that is to be saved, without its value; undefined when it is fine. The value of
 * a declared type is for its schema to judge.
 */
export function checkBlock(
  { type, name, value }: Pick<NewBlock, "type" | "name" | "value">,
  declared: readonly DeclaredBlockType[] = [],
): string | undefined {
  if (!isBlockName(name)) return `a name is made of ${BLOCK_NAME_WORDS}`;
  const known = BLOCK_TYPES.find((known) => known === type);
  if (known !== undefined) return checkValue(known, value);
  const own = declared.map((one) => one.name);
  if (own.includes(type)) return undefined;
  return `there is no such type; the types are ${[...BLOCK_TYPES, ...own].join(", ")}`;
}

function checkValue(type: BlockType, value: Json): string | undefined {
  const [fits, expected] = EXPECTED[type];
  return fits(value) ? undefined : `its value is ${expected}`;
}

const isText = (value: Json): boolean => typeof value === "string";
const EXPECTED: Record<BlockType, readonly [fits: (value: Json) => boolean, expected: string]> = {
  json: [() => true, "any JSON"],
  string: [isText, "a text"],
  secret: [isText, "a text"],
  "slack-webhook": [
    (value) => isUrl(value, HTTP),
    "an address that begins with https:// or http://",
  ],
  webhook: [
    (value) => isUrl(fieldOf(value, "url") ?? value, HTTP),
    'an https:// or http:// address, or an object such as { "url": "https://…", "secret": "…" }',
  ],
  smtp: [
    (value) => isUrl(value, SMTP) || typeof fieldOf(value, "host") === "string",
    'an smtp:// or smtps:// address, or an object such as { "host": "…", "port": 587 }',
  ],
};

function isUrl(value: Json | undefined, protocols: readonly string[]): boolean {
  if (typeof value !== "string" || !URL.canParse(value)) return false;
  return protocols.includes(new URL(value).protocol);
}

function fieldOf(value: Json, key: string): Json | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  return Object.entries(value).find(([name]) => name === key)?.[1];
}
