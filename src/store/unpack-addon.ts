import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

/** The database engine inside the binary, compressed: what the build knows of it. */
export interface PackedAddon {
  /** Where the binary holds it. */
  readonly packed: string;
  /** Named by its content, so that an upgrade never meets an older one. */
  readonly name: string;
  readonly bytes: number;
}

/**
 * Unpacks the addon once, into a folder that only this user may write, and loads it. Bun's own way is to
 * unpack it at every start, into the temporary folder, where many servers do not let anything execute.
 * Only the compiled binary comes here; the build puts the call into libsql.
 */
export function loadAddon(addon: PackedAddon): unknown {
  const failures: string[] = [];
  for (const folder of engineFolders(process.env, homedir)) {
    try {
      const module = { exports: {} };
      process.dlopen(module, unpacked(addon, folder));
      return module.exports;
    } catch (error) {
      failures.push(`${folder}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw new Error(
    `Cannot load the database engine: no folder takes it and lets it execute (${failures.join("; ")}); set XDG_CACHE_HOME or TMPDIR to one that does`,
  );
}

/** Where the engine may lie, the best place first. Where no home is known, `homeOf` throws: then it is no such place. */
export function engineFolders(
  { STATE_DIRECTORY: state, XDG_CACHE_HOME: cache }: NodeJS.ProcessEnv,
  homeOf: () => string,
): readonly string[] {
  const user = process.getuid?.() ?? "user";
  const caches = cache === undefined || cache === "" ? cacheIn(homeOf) : [cache];
  return [
    ...(state === undefined || state === "" ? [] : [join(state.split(":")[0] ?? "", "engine")]),
    ...caches.map((folder) => join(folder, "tocsin")),
    join(tmpdir(), `tocsin-${user}`),
  ];
}

function cacheIn(homeOf: () => string): readonly string[] {
  try {
    return [join(homeOf(), ".cache")];
  } catch {
    // A user that the name service does not know, and no HOME: the other places do as well.
    return [];
  }
}

function unpacked({ packed, name, bytes }: PackedAddon, folder: string): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  requireOwn(folder);
  const file = join(folder, name);
  const there = statSync(file, { throwIfNoEntry: false });
  if (there?.size === bytes) {
    requireOwn(file);
    return file;
  }
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, gunzipSync(readFileSync(packed)), { mode: 0o700 });
  renameSync(draft, file);
  return file;
}

/** What others may write must not be executed. */
function requireOwn(path: string): void {
  const { uid, mode } = statSync(path);
  const own = process.getuid?.();
  if (own !== undefined && (uid !== own || (mode & 0o022) !== 0)) {
    throw new Error(`"${path}" can be written by others`);
  }
}
