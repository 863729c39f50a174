import type { AnyContext, Block } from "../../src/sdk/mod.ts";

/** A text in the config, or a block that is loaded each time the hook rings. */
export type TextOrBlock = string | Block;

/** The text itself, or the block's. `what` names it in the error: "the Slack webhook". */
export async function textOf(
  given: TextOrBlock,
  { blocks }: AnyContext,
  what: string,
): Promise<string> {
  if (typeof given === "string") return given;
  const value = await blocks.load(given.reference);
  if (typeof value === "string") return value;
  throw new Error(`Cannot use block "${given.reference}" as ${what}: its value is not a text`);
}

/** Refuses what is neither while the config is read: an environment variable that is not set, above all. */
export function checked(given: TextOrBlock, option: string): TextOrBlock {
  if (typeof given === "string" && given !== "") return given;
  if (typeof given === "object" && given?.kind === "block") return given;
  const found = given === "" ? "empty" : typeof given;
  throw new TypeError(
    `Cannot make ${option}: it is ${found}, expected a text or block("type/name")`,
  );
}
