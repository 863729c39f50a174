import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import type { ConfigProblem } from "../domain/flow.ts";
import { nearest } from "../domain/nearest.ts";
import { VIRTUAL_MODULES } from "../threads/virtual-modules.ts";
import { refreshTypes, TYPES_ARE_THERE, writeTypes } from "./config-types.ts";

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours are what it takes out
const COLOR = /\u001b\[[0-9;]*m/g;
/** Modules and names of Bun and node, whose types need not be installed where tocsin runs: not checked there. */
const NOT_INSTALLED = [
  /Do you need to install type definitions for (?:node|Bun)\?/,
  /Cannot find module '(?:node:[^']+|bun(?::[^']+)?)'/,
  /Cannot find name '(?:__dirname|__filename)'/,
  /does not exist on type 'ImportMeta'/,
];
const UNKNOWN_TOCSIN = /Cannot find module 'tocsin['/]/;
const NOT_OURS = /Cannot find module '(?<wanted>tocsin\/[^']*)'/;
const ERROR = /^(?<file>.+?)\((?<line>\d+),(?<column>\d+)\): error (?<message>TS\d+: .+)$/;

/**
 * Checks a config's types with the checker that bun brings, which is in the compiled binary too: it
 * becomes the bun command when BUN_BE_BUN is set. Answers nothing where there is no such checker.
 */
export async function checkTypes(
  configPath: string,
  modules: readonly string[],
): Promise<readonly ConfigProblem[]> {
  if (process.versions.bun === undefined || !existsSync(configPath) || !TYPES_ARE_THERE) return [];
  await refreshTypes(configPath);
  const directory = dirname(configPath);
  const files = [configPath, ...modules.map((module) => resolve(directory, module))];
  const check = async (paths: readonly string[]) =>
    (await outputOf([process.execPath, "check", ...paths], directory)).replace(COLOR, "");
  const output = await check(files);
  // A config that nothing leads from to our declarations: they are named beside it.
  const complete = UNKNOWN_TOCSIN.test(output)
    ? await check([...(await writeTypes(configPath)), ...files])
    : output;
  return complete.split("\n").flatMap((line) => problemIn(line.trim()));
}

function problemIn(line: string): ConfigProblem[] {
  const { file, line: row, column, message } = ERROR.exec(line)?.groups ?? {};
  if (file === undefined || message === undefined) return [];
  if (NOT_INSTALLED.some((pattern) => pattern.test(message))) return [];
  const shown = file.startsWith("/") ? relative(process.cwd(), file) : file;
  return [{ path: "", message: message + guessOf(message), at: `${shown}:${row}:${column}` }];
}

/** What was meant by a module of ours that there is not. */
function guessOf(message: string): string {
  const { wanted } = NOT_OURS.exec(message)?.groups ?? {};
  const meant = wanted === undefined ? undefined : nearest(wanted, Object.keys(VIRTUAL_MODULES));
  return meant === undefined ? "" : ` Did you mean "${meant}"?`;
}

function outputOf([command = "", ...args]: readonly string[], cwd: string): Promise<string> {
  return new Promise((settle, reject) => {
    const env = { ...process.env, BUN_BE_BUN: "1", NO_COLOR: "1" };
    const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
      });
    }
    child.on("error", reject);
    child.on("close", () => settle(output));
  });
}
