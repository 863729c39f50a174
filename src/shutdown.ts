import type { Ringer } from "./domain/delivery.ts";
import type { Engine } from "./engine/engine.ts";
import type { Log } from "./log.ts";

/** How long a body may take to stop once its signal is aborted at the end of the wait. */
const ABORT_GRACE_MS = 1_000;
const LOOK_MS = 20;

export interface ShutdownDeps {
  readonly engine: Engine;
  readonly ringer: Ringer;
  readonly log: Log;
  readonly shutdownGraceMs: number;
  readonly deliverGraceMs: number;
  /** Set by a second request to stop: nothing is waited for any more. */
  readonly isHurried: () => boolean;
}

/**
 * Brings the work to an end: begins nothing new, waits for runs, aborts what is left (it is recorded as
 * Crashed), and delivers what is due for a moment. Nothing is lost: what is not delivered is due at the next start.
 */
export async function shutDown(deps: ShutdownDeps): Promise<void> {
  const { engine, ringer, log, shutdownGraceMs, deliverGraceMs, isHurried } = deps;
  await engine.drain();
  const held = () => engine.executor.held().length;
  if (held() > 0) log.info(`Waits for ${held()} ${held() === 1 ? "run" : "runs"} in flight`);
  await waitUntil(() => held() === 0 || isHurried(), shutdownGraceMs);
  if (held() > 0) log.warn(`Aborts ${held()} ${held() === 1 ? "run" : "runs"} in flight`);
  await engine.executor.stop(isHurried() ? 0 : ABORT_GRACE_MS);
  await waitUntil(() => !engine.isDelivering() || isHurried(), deliverGraceMs);
  await ringer.stop(0);
  await engine.stop();
}

async function waitUntil(isDone: () => boolean, ms: number): Promise<void> {
  const end = performance.now() + ms;
  while (!isDone() && performance.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
