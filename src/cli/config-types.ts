import { readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { makeFolderOf } from "./config-folder.ts";
import types from "./generated/tocsin.d.ts.txt" with { type: "text" };

/** Where a config's directory keeps the declarations of "tocsin". */
export const TYPES_PATH = ".tocsin/tocsin.d.ts";

/** The declarations of this binary's "tocsin". */
export const TYPES: string = types;

/** False in a tree in which the declarations have not been generated yet. */
export const TYPES_ARE_THERE: boolean = TYPES.includes('declare module "tocsin"');

/** Writes the declarations beside a config that refers to them, when they are missing or of another version. */
export async function refreshTypes(configPath: string): Promise<void> {
  const config = await textOf(configPath);
  if (config?.includes(TYPES_PATH) === true) await writeTypes(configPath);
}

/** Writes the declarations beside a config; answers where they are, if there are any to write. */
export async function writeTypes(configPath: string): Promise<readonly string[]> {
  if (!TYPES_ARE_THERE) return [];
  const path = join(dirname(configPath), TYPES_PATH);
  if ((await textOf(path)) !== TYPES) {
    await makeFolderOf(path);
    await writeFile(path, TYPES);
  }
  return [path];
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch {
    return undefined;
  }
}
