import { type Clock, type Instant, later } from "../domain/instant.ts";
import type { Log } from "../log.ts";
import { isStorageError } from "../store/connection.ts";
import type { Store } from "../store/open-store.ts";

/** How often the daemon says that it lives: how exactly the next one knows when it died. */
export const BEAT_MS = 10_000;

export interface HeartbeatDeps {
  readonly store: Pick<Store, "beat" | "trouble">;
  readonly clock: Clock;
  readonly log: Log;
  /** How far the clocks may drift apart between two beats without it being a jump. */
  readonly clockJumpMs: number;
  /** Told when the wall clock has jumped against the monotonic one: a laptop slept, somebody set the time. */
  readonly onJump: (jump: ClockJump) => void;
}

export interface ClockJump {
  /** When it was last seen right, and what it said then at the next look. */
  readonly from: Instant;
  readonly to: Instant;
}

/** A pass that beats; answers when to beat again. */
export function createHeartbeat({
  store,
  clock,
  log,
  clockJumpMs,
  onJump,
}: HeartbeatDeps): () => Promise<Instant> {
  let wall = clock();
  let monotonic = performance.now();
  return async () => {
    const jumped = clock() - wall - (performance.now() - monotonic);
    const from = wall;
    wall = clock();
    monotonic = performance.now();
    if (Math.abs(jumped) >= clockJumpMs) {
      log.warn(`The clock jumped by ${Math.round(jumped / 1_000)} s`);
      onJump({ from, to: wall });
    }
    // While nothing can be saved, the writer has said so.
    if (store.trouble() === undefined) await store.beat(clock()).catch(requireStorageError);
    return later(clock(), BEAT_MS);
  };
}

function requireStorageError(error: unknown): void {
  if (!isStorageError(error)) throw error;
}
