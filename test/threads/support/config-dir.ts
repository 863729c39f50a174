import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** Writes a config, and files beside it, to a directory of their own. Answers the config's path. */
export function configDir(config: string, files: Readonly<Record<string, string>> = {}): string {
  const dir = mkdtempSync(join(tmpdir(), "tocsin-threads-"));
  for (const [name, text] of Object.entries({ ...files, "flows.config.ts": config })) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), text);
  }
  return join(dir, "flows.config.ts");
}
