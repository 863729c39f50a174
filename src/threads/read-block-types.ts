import * as v from "valibot";
import {
  BLOCK_NAME_WORDS,
  BLOCK_TYPES,
  type DeclaredBlockType,
  isBlockName,
} from "../domain/blocks.ts";
import type { BlockType } from "../sdk/block-type.ts";
import type { Config } from "../sdk/config.ts";
import { isStandardSchema } from "../sdk/standard-schema.ts";
import { described, truth } from "./config-values.ts";
import type { Findings, Subject } from "./findings.ts";
import { isMade } from "./import-config.ts";
import { jsonSchemaOf } from "./json-schema.ts";

const TYPE_OPTIONS = v.object({
  name: v.pipe(v.string("a text"), v.check(isBlockName, `a name made of ${BLOCK_NAME_WORDS}`)),
  schema: v.custom(isStandardSchema, "a schema, such as v.object({ host: v.string() })"),
  secret: v.optional(truth()),
});

/** Checks the types of blocks that a config declares, and answers them as data. */
export function readBlockTypes(
  { options }: Config,
  config: Subject,
  found: Findings,
): readonly DeclaredBlockType[] {
  const listed: unknown = options?.blockTypes;
  if (!Array.isArray(listed)) return [];
  const names = new Set<string>(BLOCK_TYPES);
  return listed.flatMap((value: unknown, index) => {
    const path = `blockTypes[${index}]`;
    if (!isMade<BlockType>(value, "block-type")) {
      const why = `${path} is ${described(value)}, expected a type made by blockType({ name, schema })`;
      found.add(config, path, why);
      return [];
    }
    const subject: Subject = {
      title: `block type "${value.name}"`,
      path,
      site: value.definedAt,
    };
    const spec = readBlockType(value, subject, found);
    if (spec === undefined) return [];
    if (names.has(spec.name)) {
      found.add(subject, "name", "there is a type of this name already; names are unique");
    }
    names.add(spec.name);
    return [spec];
  });
}

function readBlockType(
  { options }: BlockType,
  subject: Subject,
  found: Findings,
): DeclaredBlockType | undefined {
  const values = found.read(subject, TYPE_OPTIONS, options);
  if (values === undefined) return undefined;
  const schema = jsonSchemaOf(options.schema);
  return {
    name: values.name,
    secret: values.secret ?? true,
    ...(schema === undefined ? {} : { schema }),
  };
}
