import { mkdir } from "node:fs/promises";
import { basename, dirname } from "node:path";

/** Makes the folder of a file; `.tocsin`, where the store and its key will be, for its owner alone. */
export async function makeFolderOf(path: string): Promise<void> {
  const folder = dirname(path);
  const own = basename(folder) === ".tocsin" ? { mode: 0o700 } : {};
  await mkdir(folder, { recursive: true, ...own });
}
