import { cpSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { DECLARATIONS_PATH } from "../../scripts/declarations.ts";

const TYPES = '/// <reference path="./.tocsin/tocsin.d.ts" />';

/** A config that refers to the types beside it. */
export function withTypes(code: string): string {
  return `${TYPES}\n${code}`;
}

/** What the compiler says of configs, each as it is, with the types that a config is given beside them. */
export function compiled(configs: Iterable<string>): {
  readonly output: string;
  readonly exitCode: number;
} {
  const folder = mkdtempSync(join(tmpdir(), "tocsin-compiled-"));
  mkdirSync(join(folder, ".tocsin"));
  cpSync(DECLARATIONS_PATH, join(folder, ".tocsin/tocsin.d.ts"));
  const files = [...configs].map((config, index) => {
    const file = `config-${index}.ts`;
    writeFileSync(join(folder, file), config);
    return file;
  });
  const tsc = [process.execPath, resolve("node_modules/typescript/bin/tsc")];
  const { stdout, exitCode } = Bun.spawnSync([...tsc, "--noEmit", "--strict", ...files], {
    cwd: folder,
  });
  return { output: stdout.toString(), exitCode };
}
