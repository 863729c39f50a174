import type { Json } from "../domain/json.ts";
import { type Block, block, blocks } from "./blocks.ts";
import { type BlockTypeOptions, parseBlock, registerBlockType } from "./declared-types.ts";
import { definitionSite, type Site } from "./definition-site.ts";
import type { StandardSchema } from "./standard-schema.ts";

/** A type of blocks that a config declares: what its schema says is what is saved and loaded. */
export interface BlockType<Input = unknown, Output = unknown> {
  readonly kind: "block-type";
  readonly name: string;
  readonly options: BlockTypeOptions;
  readonly definedAt?: Site;
  /** The value of a block of this type, as the schema answers it. */
  load(name: string): Promise<Output>;
  /** Stores a value; rejects when it does not fit, or there is one already and `overwrite` is not set. */
  save(
    name: string,
    ...rest: [value: Input, options?: { readonly overwrite?: boolean }]
  ): Promise<void>;
  /** Refers to a block of this type, for hooks. */
  block(name: string): Block;
}

type InputOf<Schema> = Schema extends StandardSchema<unknown, infer Input> ? Input : never;
type OutputOf<Schema> = Schema extends StandardSchema<infer Output> ? Output : never;

/** Declares a type of blocks; the config lists it under `blockTypes`. */
export function blockType<Schema extends StandardSchema>(
  options: BlockTypeOptions<Schema>,
): BlockType<InputOf<Schema>, OutputOf<Schema>> {
  const definedAt = definitionSite(blockType);
  const { name } = options;
  registerBlockType(options);
  return {
    kind: "block-type",
    name,
    options,
    ...(definedAt === undefined ? {} : { definedAt }),
    async load(blockName) {
      const parsed = await parseBlock(options, await blocks.load(`${name}/${blockName}`));
      // What the schema answers is what its types say.
      if (parsed.ok) return parsed.value as OutputOf<Schema>;
      throw new Error(
        `Cannot load block "${name}/${blockName}": its value does not fit its type any more: ${parsed.why}`,
      );
    },
    // Whether it is JSON is found where it is checked.
    save: (blockName, ...[value, how]) => blocks.save(name, blockName, value as Json, how),
    block: (blockName) => block(`${name}/${blockName}`),
  };
}
