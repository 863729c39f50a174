import type { Instant } from "./instant.ts";
import type { Json } from "./json.ts";

/** Stored values that are named and typed: webhook addresses, secrets, texts, JSON. */
export interface Blocks {
  /** Rejects with `NoSuchBlock` or `BlockKeyWrong`. */
  load(type: string, name: string): Promise<Json>;
  /** Rejects with `BlockExists` when there is one and `overwrite` is false. */
  save(block: NewBlock): Promise<void>;
  /** Rejects with `NoSuchBlock`. */
  delete(type: string, name: string): Promise<void>;
  list(): Promise<readonly BlockEntry[]>;
}

export interface NewBlock {
  readonly type: string;
  readonly name: string;
  readonly value: Json;
  readonly overwrite: boolean;
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

export const BLOCK_TYPES = [
  "string",
  "secret",
  "json",
  "slack-webhook",
  "webhook",
  "smtp",
] as const;
export type BlockType = (typeof BLOCK_TYPES)[number];

/** Blocks of these types are never shown to anybody outside: only flows and hooks load their values. */
export const SECRET_BLOCK_TYPES: readonly string[] = ["secret", "slack-webhook", "webhook", "smtp"];

const HTTP: readonly string[] = ["http:", "https:"];
const SMTP: readonly string[] = ["smtp:", "smtps:"];
const NAME = /^[a-z0-9][a-z0-9._-]{0,127}$/;

/** What is wrong with a block that is to be saved, without its value; undefined when it is fine. */
export function checkBlock(type: string, name: string, value: Json): string | undefined {
  if (!NAME.test(name)) {
    return "a name is made of a-z, 0-9, dot, dash and underscore, begins with a letter or digit, and has at most 128 characters";
  }
  const known = BLOCK_TYPES.find((known) => known === type);
  return known === undefined
    ? `there is no such type; the types are ${BLOCK_TYPES.join(", ")}`
    : checkValue(known, value);
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
