import { existsSync, statSync } from "node:fs";
import type { Settings } from "../../config/settings.ts";
import { wholePlace } from "../store/store-place.ts";
import { type Finding, ok, warn, wrong } from "./finding.ts";
import { problemLine } from "./problem-line.ts";
import type { Session } from "./session.ts";

interface ConfigExamined {
  readonly findings: readonly Finding[];
  /** What a start would go by; undefined where it would not begin. */
  readonly settings?: Settings;
}

/** The config as a start would read it, and the settings that come of it. */
export async function examineConfig(
  { context }: Session,
  configPath: string,
  store: string | undefined,
): Promise<ConfigExamined> {
  const [{ readConfig }, { firstDeadlineMs }, { resolveSettings }] = await Promise.all([
    import("../threads/read-config.ts"),
    import("../daemon-config.ts"),
    import("../../config/settings.ts"),
  ]);
  const given = { flags: { store }, env: context.env };
  const reading = { deadlineMs: firstDeadlineMs(given) };
  const answer = existsSync(configPath) ? await readConfig(configPath, reading) : undefined;
  const config = answer?.type === "accepted" ? answer.manifest.settings : {};
  const resolved = resolveSettings({ ...given, config });
  const findings: Finding[] = [];
  if (answer === undefined) {
    findings.push(wrong("config", `there is none at ${configPath}`, "make one: tocsin init"));
  } else if (answer.type === "refused") {
    const [first] = answer.problems.map(problemLine);
    const more = answer.problems.length > 1 ? ` (and ${answer.problems.length - 1} more)` : "";
    findings.push(wrong("config", `${first}${more}`, "see all: tocsin check"));
  } else {
    findings.push(readable(configPath, answer.manifest.flows.length));
  }
  if (resolved.ok) {
    const settings = { ...resolved.settings, store: wholePlace(resolved.settings.store) };
    return { findings, settings };
  }
  const why = resolved.problems.map(({ message }) => message).join("; ");
  return {
    findings: [...findings, wrong("settings", why, "see where they come from: tocsin config show")],
  };
}

function readable(configPath: string, flows: number): Finding {
  const shown = `${configPath}, ${flows === 1 ? "1 flow" : `${flows} flows`}`;
  if ((statSync(configPath).mode & 0o022) === 0) return ok("config", shown);
  const why = "others than its owner may write it, and with it decide what the daemon does";
  return warn("config", `${shown}: ${why}`, `chmod go-w ${configPath}`);
}
