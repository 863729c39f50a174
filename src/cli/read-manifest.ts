import { resolve } from "node:path";
import type { ConfigAnswer } from "../threads/read-config.ts";
import { CliFailure, EXIT } from "./failure.ts";
import { problemLine } from "./problem-line.ts";
import type { Session } from "./session.ts";

const DEADLINE_MS = 10_000;

/** Reads the config as `serve` would; what it writes meanwhile is shown. */
export async function readConfigFile({ printer }: Session, config: string): Promise<ConfigAnswer> {
  const { readConfig } = await import("../threads/read-config.ts");
  return await readConfig(resolve(config), {
    deadlineMs: DEADLINE_MS,
    onOutput: (lines) => {
      for (const { text } of lines) printer.note(printer.safe(text));
    },
  });
}

/** What the config says; fails with everything that is wrong with it. */
export async function requireManifest(session: Session, config: string) {
  const answer = await readConfigFile(session, config);
  if (answer.type === "accepted") return answer.manifest;
  throw new CliFailure(
    `Cannot accept the config: see "tocsin check"`,
    EXIT.configInvalid,
    answer.problems.map(problemLine),
  );
}
