import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";

/** Writes a file of mode 0600 whole or not at all, and returns when it would outlive a power cut. */
export function writeNow(path: string, text: string): void {
  const draft = `${path}.draft`;
  rmSync(draft, { force: true });
  const file = openSync(draft, "wx", 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameNow(draft, path);
}

export function renameNow(from: string, to: string): void {
  renameSync(from, to);
  syncFolder(to);
}

export function removeNow(path: string): void {
  rmSync(path, { force: true });
  syncFolder(path);
}

function syncFolder(path: string): void {
  const folder = openSync(dirname(path), "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
