import type { Json } from "../domain/json.ts";
import { createRedactor } from "../domain/redaction.ts";
import type { StandardSchema } from "./standard-schema.ts";

/** What `blockType()` was given. */
export interface BlockTypeOptions<Schema extends StandardSchema = StandardSchema> {
  /** Blocks of the type are referred to as `name/…`. */
  readonly name: string;
  /** What values of the type are: any schema that speaks Standard Schema. */
  readonly schema: Schema;
  /** Whether values are never shown outside flows and hooks, and redacted wherever they turn up. Default: true. */
  readonly secret?: boolean;
}

const types = new Map<string, BlockTypeOptions>();

/** Notes a type, so that `blocks.save` finds its schema. */
export function registerBlockType(type: BlockTypeOptions): void {
  types.set(type.name, type);
}

/** The type of that name which the imported config made. */
export function findBlockType(name: string): BlockTypeOptions | undefined {
  return types.get(name);
}

export type Parsed =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly why: string };

/** What the type's schema makes of a value, or what is wrong with it, in words that do not repeat it. */
export async function parseBlock({ schema }: BlockTypeOptions, value: Json): Promise<Parsed> {
  const result = await schema["~standard"].validate(value);
  if (result.issues === undefined) return { ok: true, value: result.value };
  const why = result.issues.map(({ message, path = [] }) => {
    const keys = path.map((part) => String(typeof part === "object" ? part.key : part));
    return keys.length === 0 ? message : `${keys.join(".")}: ${message}`;
  });
  // Schemas like to say what they received.
  const redactor = createRedactor();
  redactor.learn("value", value);
  return { ok: false, why: redactor.redact(withoutReceived(why.join("; "))) };
}

/** "… but received 5" of valibot, ", received 5" of others: short values and numbers are nobody's business either. */
function withoutReceived(message: string): string {
  return message.replace(/,? (?:but )?(?:received|was) (?:"(?:[^"\\]|\\.)*"|[^;]*)/g, "");
}
