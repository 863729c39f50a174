const IMPORTS = `
import { appendFileSync, existsSync, writeFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { block, blocks, command, defineConfig, flow, hook, log, runtime, task, v } from "tocsin";
import { webhook } from "tocsin/hooks/webhook";
`;

/** A config: `flows` is what goes between the imports and the list of flows. */
export interface ConfigText {
  /** Definitions, one per name of `flows`. */
  readonly code: string;
  readonly flows: readonly string[];
  /** Further options of `defineConfig`, as source. */
  readonly options?: string;
}

export function configText({ code, flows, options = "" }: ConfigText): string {
  return `${IMPORTS}${code}\nexport default defineConfig({ flows: [${flows.join(", ")}], ${options} });\n`;
}

/** The body of a flow that goes on until a file is there: a test says when. */
export function untilFile(path: string): string {
  return `while (!existsSync(${JSON.stringify(path)})) await wait(10);`;
}
