import { durationInWords } from "./domain/duration.ts";
import type { Clock } from "./domain/instant.ts";
import { type ConfigKeeper, problemLine } from "./engine/config-keeper.ts";
import type { Engine } from "./engine/engine.ts";
import type { Readiness, ReadinessCheck } from "./http/api-deps.ts";
import type { Store } from "./store/open-store.ts";

/** The tick station passes at least once a minute; this long without one means that it hangs. */
const TICK_STALE_MS = 150_000;

export interface ReadinessDeps {
  readonly store: Store;
  readonly engine: Engine;
  readonly config: ConfigKeeper;
  readonly clock: Clock;
  readonly isDraining: () => boolean;
}

/** Whether the daemon can do its work, and what is wrong where it cannot. */
export function readinessOf(deps: ReadinessDeps): Readiness {
  const checks = [storeCheck, tickCheck, drainCheck, configCheck, deliveryCheck, threadCheck].map(
    (check) => check(deps),
  );
  return { ready: checks.every(({ state }) => state !== "failed"), checks };
}

function storeCheck({ store, clock }: ReadinessDeps): ReadinessCheck {
  const trouble = store.trouble();
  if (trouble === undefined) return { name: "store", state: "ok", message: "" };
  const since = durationInWords(clock() - trouble.since);
  return {
    name: "store",
    state: "failed",
    message: `Cannot write to the store for ${since}: ${trouble.error.message}`,
  };
}

function tickCheck({ engine, clock, isDraining }: ReadinessDeps): ReadinessCheck {
  const age = clock() - engine.lastTickAt();
  if (age < TICK_STALE_MS || isDraining()) return { name: "tick", state: "ok", message: "" };
  return {
    name: "tick",
    state: "failed",
    message: `schedules were last looked at ${durationInWords(age)} ago`,
  };
}

function drainCheck({ isDraining }: ReadinessDeps): ReadinessCheck {
  return isDraining()
    ? { name: "draining", state: "failed", message: "the daemon is stopping" }
    : { name: "draining", state: "ok", message: "" };
}

function configCheck({ config }: ReadinessDeps): ReadinessCheck {
  const problems = config.lastProblems();
  if (problems === undefined) return { name: "config", state: "ok", message: "" };
  const [first] = problems.map(problemLine);
  return {
    name: "config",
    state: "warn",
    message: `the newest edit was refused, generation ${config.newest().number} stays in force: ${first ?? ""}`,
  };
}

function deliveryCheck({ store }: ReadinessDeps): ReadinessCheck {
  const [row] = store.reader.all<{ dead: number }>(
    "SELECT count(*) AS dead FROM delivery WHERE status = 'dead'",
  );
  const dead = row?.dead ?? 0;
  return dead === 0
    ? { name: "deliveries", state: "ok", message: "" }
    : {
        name: "deliveries",
        state: "warn",
        message: `${dead} ${dead === 1 ? "delivery is" : "deliveries are"} dead`,
      };
}

function threadCheck({ engine }: ReadinessDeps): ReadinessCheck {
  const { stuck } = engine.executor.health();
  return stuck === 0
    ? { name: "threads", state: "ok", message: "" }
    : {
        name: "threads",
        state: "warn",
        message: `${stuck} stuck ${stuck === 1 ? "thread" : "threads"}`,
      };
}
