import { type FSWatcher, readdirSync, statSync, watch } from "node:fs";
import { dirname, join } from "node:path";
import type { Log } from "./log.ts";

const DEBOUNCE_MS = 200;
const POLL_MS = 30_000;
const FILES_MAX = 2_000;
const FOLDERS_MAX = 200;
const DEPTH_MAX = 4;
const SOURCE = /\.(?:[cm]?[jt]sx?|json)$/;
const SKIPPED = new Set(["node_modules", "dist", "coverage"]);

/** Looks after the files of a config until stopped. */
export interface ConfigWatch {
  stop(): void;
}

/**
 * Calls `onChange` when a source file in the config's folder, or up to four folders below it, has
 * changed. Watching directories is a hint that comes at once; a look at every file each 30 s is the
 * guarantee (fs.watch on a file goes blind when an editor replaces it).
 */
export function watchConfig(configPath: string, log: Log, onChange: () => void): ConfigWatch {
  const root = dirname(configPath);
  let seen = fingerprint(root);
  let watchers: readonly FSWatcher[] = [];
  let debounce: ReturnType<typeof setTimeout> | undefined;

  function look(): void {
    const now = fingerprint(root);
    if (now.text === seen.text) return;
    const foldersChanged = now.folders.join("\n") !== seen.folders.join("\n");
    seen = now;
    if (foldersChanged) watchFolders();
    onChange();
  }
  function watchFolders(): void {
    for (const watcher of watchers) watcher.close();
    watchers = seen.folders.flatMap((folder) => watchFolder(folder, log, hint));
  }
  function hint(): void {
    clearTimeout(debounce);
    debounce = setTimeout(look, DEBOUNCE_MS);
  }

  watchFolders();
  const poll = setInterval(look, POLL_MS);
  poll.unref();
  return {
    stop() {
      clearInterval(poll);
      clearTimeout(debounce);
      for (const watcher of watchers) watcher.close();
    },
  };
}

function watchFolder(folder: string, log: Log, hint: () => void): readonly FSWatcher[] {
  try {
    const watcher = watch(folder, { persistent: false }, hint);
    watcher.on("error", () => watcher.close());
    return [watcher];
  } catch (error) {
    log.debug(
      `Cannot watch folder "${folder}": changes in it are seen within ${POLL_MS / 1_000} s`,
      { error },
    );
    return [];
  }
}

interface Fingerprint {
  /** Changes when a file does: path, size, inode and change time, which nobody can set. */
  readonly text: string;
  readonly folders: readonly string[];
}

function fingerprint(root: string): Fingerprint {
  const folders = foldersUnder(root, DEPTH_MAX);
  const files = folders.flatMap((folder) =>
    entriesOf(folder)
      .filter((entry) => entry.isFile() && SOURCE.test(entry.name))
      .map((entry) => join(folder, entry.name)),
  );
  return { text: files.slice(0, FILES_MAX).map(marksOf).sort().join("\n"), folders };
}

function foldersUnder(folder: string, depth: number): readonly string[] {
  if (depth === 0) return [folder];
  const below = entriesOf(folder)
    .filter(({ name }) => !SKIPPED.has(name) && !name.startsWith("."))
    .filter((entry) => entry.isDirectory())
    .flatMap((entry) => foldersUnder(join(folder, entry.name), depth - 1));
  return [folder, ...below].slice(0, FOLDERS_MAX);
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    // It went away while we looked: the next look sees the rest.
    return [];
  }
}

function marksOf(file: string): string {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat === undefined ? `${file} gone` : `${file} ${stat.size} ${stat.ino} ${stat.ctimeMs}`;
}
