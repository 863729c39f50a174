import type { NewBlock } from "../domain/blocks.ts";
import type { BlockType } from "../sdk/block-type.ts";
import { parseBlock } from "../sdk/declared-types.ts";
import type { ImportedConfig } from "./import-config.ts";
import type { ThreadPort } from "./thread-port.ts";

/** The part of a thread that holds one value against the schema of a declared type. */
export function blockDuty({ type, value }: Pick<NewBlock, "type" | "value">, port: ThreadPort) {
  const answer = (problem: string | undefined) => {
    port.collect({ type: "block-checked", ...(problem === undefined ? {} : { problem }) });
    port.flush();
  };
  const failed = (thrown: unknown) => {
    // Its message may hold the value.
    const name = thrown instanceof Error ? thrown.name : typeof thrown;
    answer(`its type's schema failed with ${name}`);
  };
  const judge = async (declared: BlockType) => {
    const parsed = await parseBlock(declared.options, value);
    answer(parsed.ok ? undefined : `its value does not fit: ${parsed.why}`);
  };
  return {
    withModules: false,
    take() {},
    open({ config }: ImportedConfig) {
      const declared = config?.options.blockTypes?.find(({ name }) => name === type);
      if (declared === undefined) answer("the config declares no such type");
      else judge(declared).catch(failed);
    },
    lateError: failed,
    exiting(code: number) {
      answer(`its type's schema called process.exit(${code})`);
    },
  };
}
