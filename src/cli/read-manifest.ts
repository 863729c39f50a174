import { resolve } from "node:path";
import type { ConfigAnswer } from "../threads/read-config.ts";
import { CliFailure, EXIT } from "./failure.ts";
import { problemLine } from "./problem-line.ts";
import type { Session } from "./session.ts";

/** Reads the config as `serve` would; what it writes meanwhile is shown. */
export async function readConfigFile(
  { printer, context }: Session,
  config: string,
): Promise<ConfigAnswer> {
  const [{ readConfig }, { firstDeadlineMs }] = await Promise.all([
    import("../threads/read-config.ts"),
    import("../daemon-config.ts"),
  ]);
  return await readConfig(resolve(config), {
    deadlineMs: firstDeadlineMs({ flags: {}, env: context.env }),
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
