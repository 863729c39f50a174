import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { importCrontab } from "../../src/crontab/import-crontab.ts";
import { writeConfig } from "../../src/crontab/write-config.ts";
import type { FlowSpec } from "../../src/domain/flow.ts";
import { readConfig } from "../../src/threads/read-config.ts";

interface Settings {
  readonly isSystem?: boolean;
  readonly timezone?: string;
}

/** A crontab imported: what was found, and the config that is written for it. */
export function imported(crontab: string, { isSystem = false, timezone = "UTC" }: Settings = {}) {
  const about = { timezone, home: "/home/ann" };
  const made = importCrontab(crontab, { isSystem, ...about });
  return { ...made, config: writeConfig(made, { source: "a crontab", ...about }) };
}

/** The flows of a config, as the daemon would read it; throws what is wrong with it. */
export async function flowsOf(config: string): Promise<readonly FlowSpec[]> {
  const path = join(mkdtempSync(join(tmpdir(), "tocsin-crontab-")), "flows.config.ts");
  writeFileSync(path, config);
  const answer = await readConfig(path);
  if (answer.type === "accepted") return answer.manifest.flows;
  throw new Error(JSON.stringify(answer.problems));
}
