import type { Ringer } from "../domain/delivery.ts";
import type { Executor, RunLedger } from "../domain/executor.ts";
import type { Generation } from "../domain/flow.ts";
import type { Random } from "../domain/ids.ts";
import type { Clock } from "../domain/instant.ts";
import type { Log } from "../log.ts";
import type { Store } from "../store/open-store.ts";

/** What the assembly line is given: nothing of it is imported as a singleton. */
export interface EngineDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly generation: Generation;
  readonly ringer: Ringer;
  /** Makes the executor, which reports to the ledger and says when it has room. */
  readonly executorOf: (ledger: RunLedger, onRoom: () => void) => Executor;
  readonly publicUrl: () => string;
  /** Makes no run of a schedule and starts none but those asked for here: for one run in the foreground. */
  readonly onlyAsked?: boolean;
  readonly limits: EngineLimits;
}

export interface EngineLimits {
  /** How long ended runs are kept. */
  readonly retentionMs: number;
  /** How late a due time may be dealt with without counting as missed. */
  readonly missedGraceMs: number;
  /** How far wall clock and monotonic clock may drift apart without it being a jump. */
  readonly clockJumpMs: number;
}
