import { durationInWords } from "./domain/duration.ts";
import type { Clock } from "./domain/instant.ts";
import { pauseInWords, schedulePauseView } from "./domain/schedule-pause.ts";
import { type ConfigKeeper, problemLine } from "./engine/config-keeper.ts";
import type { Engine } from "./engine/engine.ts";
import { hookTroubles } from "./hook-health.ts";
import type { Readiness, ReadinessCheck } from "./http/api-deps.ts";
import type { Store } from "./store/open-store.ts";

/** The tick station passes at least once a minute; this long without one means that it hangs. */
const TICK_STALE_MS = 150_000;
/** Hooks that one check names. */
const NAMED_MAX = 5;

export interface ReadinessDeps {
  readonly store: Store;
  readonly engine: Engine;
  readonly config: ConfigKeeper;
  readonly clock: Clock;
  readonly isDraining: () => boolean;
}

/**
 * Whether the daemon can do its work, and what is wrong where it cannot. The first who asks has deliveries counted,
 * in small steps: with a million rows nothing may wait for that.
 */
export async function readinessOf(deps: ReadinessDeps): Promise<Readiness> {
  await deps.store.tally.ready(deps.store.reader);
  const checks = CHECKS.map((check) => check(deps));
  return { ready: checks.every(({ state }) => state !== "failed"), checks };
}

const CHECKS = [
  storeCheck,
  tickCheck,
  scheduleCheck,
  pauseCheck,
  drainCheck,
  configCheck,
  deliveryCheck,
  hookCheck,
  threadCheck,
];

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

function scheduleCheck({ engine }: ReadinessDeps): ReadinessCheck {
  const named = engine.schedules
    .troubles()
    .map(({ flow, schedule, why }) => `schedule "${schedule}" of flow "${flow}": ${why}`);
  const state = named.length === 0 ? "ok" : "warn";
  return { name: "schedules", state, message: namedShortly(named) };
}

/** For people to know: nothing is wrong with it. */
function pauseCheck({ engine }: ReadinessDeps): ReadinessCheck {
  const named = engine.schedules.pauses().map((pause) => {
    const of = pause.schedule === undefined ? "" : `schedule "${pause.schedule}" of `;
    return `${of}flow "${pause.flow}" is ${pauseInWords(schedulePauseView(pause))}`;
  });
  return { name: "paused", state: "ok", message: namedShortly(named) };
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

function deliveryCheck(deps: ReadinessDeps): ReadinessCheck {
  const dead = hookTroubles(deps).filter((trouble) => trouble.dead > 0);
  const total = dead.reduce((sum, trouble) => sum + trouble.dead, 0);
  if (total === 0) return { name: "deliveries", state: "ok", message: "" };
  const named = namedShortly(dead.map((trouble) => `${trouble.dead} of hook "${trouble.hook}"`));
  const message = `${total} ${total === 1 ? "delivery is" : "deliveries are"} dead: ${named}`;
  return { name: "deliveries", state: "warn", message };
}

function hookCheck(deps: ReadinessDeps): ReadinessCheck {
  const down = hookTroubles(deps).filter(({ downSince }) => downSince !== undefined);
  if (down.length === 0) return { name: "hooks", state: "ok", message: "" };
  const named = down.map(
    ({ hook, downSince, waiting }) =>
      `hook "${hook}": its receiver does not answer since ${downSince}, ${waiting} ${waiting === 1 ? "delivery waits" : "deliveries wait"}`,
  );
  return { name: "hooks", state: "warn", message: namedShortly(named) };
}

function namedShortly(names: readonly string[]): string {
  const shown = names.slice(0, NAMED_MAX).join("; ");
  return names.length > NAMED_MAX ? `${shown}; and ${names.length - NAMED_MAX} more` : shown;
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
