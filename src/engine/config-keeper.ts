import type { ConfigProblem, Generation } from "../domain/flow.ts";
import type { Clock } from "../domain/instant.ts";
import type { Log } from "../log.ts";
import type { ReloadAnswer } from "./commands.ts";

/** A config that may take its place. */
export type AcceptedConfig = Pick<Generation, "manifest" | "sources">;

/** What a fresh thread answered of the config. */
export type ConfigRead =
  | ({ readonly type: "accepted" } & AcceptedConfig)
  | { readonly type: "refused"; readonly problems: readonly ConfigProblem[] };

export interface ConfigKeeperDeps {
  readonly configPath: string;
  /** Reads the config in a fresh thread. */
  readonly read: () => Promise<ConfigRead>;
  readonly clock: Clock;
  readonly log: Log;
  /** Told of each accepted config after the first. */
  readonly onAccepted: (generation: Generation) => Promise<void> | undefined;
}

/** Holds the newest accepted config; a bad one never takes its place. */
export interface ConfigKeeper {
  newest(): Generation;
  /**
   * Reads the config again. Where nobody asked for it but a file was `seen` to change, what has been read already
   * stays what it was: a signal and the look at the files often tell of the same edit.
   */
  reload(why?: "asked" | "seen"): Promise<ReloadAnswer>;
  /** What was wrong with the newest edit; undefined when it was accepted. */
  lastProblems(): readonly ConfigProblem[] | undefined;
}

export function createConfigKeeper(deps: ConfigKeeperDeps, first: AcceptedConfig): ConfigKeeper {
  const { configPath, clock, log } = deps;
  const { manifest, sources } = first;
  let newest: Generation = { number: 1, configPath, manifest, sources, acceptedAt: clock() };
  let problems: readonly ConfigProblem[] | undefined;
  let queue: Promise<unknown> = Promise.resolve();

  function refuse(found: readonly ConfigProblem[], isNews: boolean): ReloadAnswer {
    const isKnown = JSON.stringify(found) === JSON.stringify(problems);
    problems = found;
    if (isNews || !isKnown) {
      log.error(`Cannot accept config "${configPath}": the one before stays in force`, {
        problems: problems.map(problemLine),
      });
    }
    return { type: "refused", problems: found };
  }

  async function reloadNow(why: "asked" | "seen"): Promise<ReloadAnswer> {
    const answer = await deps.read();
    if (answer.type === "refused") return refuse(answer.problems, why === "asked");
    const wasRefused = problems !== undefined;
    problems = undefined;
    const changed = contentOf(answer) !== contentOf(newest);
    if (why === "seen" && !changed) {
      if (wasRefused) log.info(`The config is generation ${newest.number} again`);
      return { type: "accepted", generation: newest, changed };
    }
    newest = {
      number: newest.number + 1,
      configPath,
      manifest: answer.manifest,
      sources: answer.sources,
      acceptedAt: clock(),
    };
    await deps.onAccepted(newest);
    log.info(`Accepted config generation ${newest.number}`, {
      flows: newest.manifest.flows.length,
    });
    return { type: "accepted", generation: newest, changed };
  }

  return {
    newest: () => newest,
    lastProblems: () => problems,
    reload(why = "asked") {
      // One after another: the last edit wins.
      const answer = queue.then(() => reloadNow(why));
      queue = answer.catch(() => {});
      return answer;
    },
  };
}

function contentOf({ manifest, sources }: AcceptedConfig): string {
  return JSON.stringify([manifest, sources]);
}

/** A problem as one line: `flows.config.ts:12:3 flows[1].retries: expected …`. */
export function problemLine({ at, path, message }: ConfigProblem): string {
  return [at, path === "" ? undefined : `${path}:`, message]
    .filter((part) => part !== undefined)
    .join(" ");
}
