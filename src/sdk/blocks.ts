import type { BlockRequest } from "../domain/block-request.ts";
import type { Json } from "../domain/json.ts";
import { ask } from "./ask.ts";
import { findBlockType, parseBlock } from "./declared-types.ts";

type TextBlock = `${"string" | "secret" | "slack-webhook"}/${string}`;

/** Named, stored, encrypted values. References are `type/name`, such as `slack-webhook/on-call`. */
export interface Blocks {
  /** The value of a block; rejects when there is none. */
  load(reference: TextBlock): Promise<string>;
  load(reference: string): Promise<Json>;
  /** Stores a value; rejects when there is one already and `overwrite` is not set. */
  save(
    type: string,
    name: string,
    ...rest: [value: Json, options?: { readonly overwrite?: boolean }]
  ): Promise<void>;
  delete(reference: string): Promise<void>;
}

/** A reference to a block, resolved when a hook rings and not when the config is read. */
export interface Block {
  readonly kind: "block";
  readonly reference: string;
  load(): Promise<Json>;
}

export const blocks: Blocks = {
  // The main thread answers texts for text types: the overloads of `load` say so.
  load: loadBlock as Blocks["load"],
  async save(type, name, ...[value, options]) {
    const overwrite = options?.overwrite === true;
    const checked = await checkDeclared(`${type}/${name}`, type, value);
    await request({ kind: "block-save", type, name, value, overwrite, ...checked });
  },
  async delete(reference) {
    await request({ kind: "block-delete", reference });
  },
};

/** Refers to a block by `type/name`. */
export function block(reference: string): Block {
  return { kind: "block", reference, load: () => loadBlock(reference) };
}

/** A type of the config has its schema here, and only here: the daemon takes this thread's word for it. */
async function checkDeclared(
  reference: string,
  type: string,
  value: Json,
): Promise<{ readonly checked?: true }> {
  const declared = findBlockType(type);
  if (declared === undefined) return {};
  const text: string | undefined = JSON.stringify(value);
  if (text === undefined) throw new Error(`Cannot save block "${reference}": it has no value`);
  // What is checked is what will be loaded: a Date, for one, is a text by then.
  const parsed = await parseBlock(declared, JSON.parse(text) as Json);
  if (parsed.ok) return { checked: true };
  throw new Error(`Cannot save block "${reference}": its value does not fit: ${parsed.why}`);
}

function loadBlock(reference: string): Promise<Json> {
  return request({ kind: "block-load", reference });
}

async function request(asked: BlockRequest): Promise<Json> {
  const name = asked.kind === "block-save" ? `${asked.type}/${asked.name}` : asked.reference;
  return await ask(`${asked.kind.slice("block-".length)} block "${name}"`, asked);
}
