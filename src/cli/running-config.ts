import type { ManifestView } from "../http/manifest-route.ts";
import type { Comparable } from "./config-diff.ts";
import { CliFailure, EXIT } from "./failure.ts";
import type { Session } from "./session.ts";

/** A config that says nothing. */
export const NO_CONFIG: Comparable = {
  flows: [],
  tasks: [],
  tagHooks: [],
  hookModules: [],
  limits: {},
};

/** The config that the daemon has in force; undefined where none runs, unless it was said where one is. */
export async function runningConfig(session: Session): Promise<ManifestView | undefined> {
  try {
    return await (await session.api()).findManifest();
  } catch (error) {
    const isAway = error instanceof CliFailure && error.exitCode === EXIT.unreachable;
    if (isAway && !session.isServerGiven) return undefined;
    throw error;
  }
}
