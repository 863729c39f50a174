import type { Clock, Instant } from "../domain/instant.ts";
import type { Log } from "../log.ts";

/** Longer waits are cut: timers overflow at 2^31 ms, and the wall clock may jump while one sleeps. */
const WAIT_MS_MAX = 60_000;
const AFTER_ERROR_MS = 1_000;
/** Timers are late by a millisecond or so: one wakes this much early, and the rest is spent turning the loop. */
const EARLY_MS = 2;

/** One pass of a station; answers when it wants to be called again without being woken. */
export type Pass = () => Promise<Instant | undefined> | Instant | undefined;

/** A background service: passes one after another, whenever it is woken or its time has come. */
export interface Station {
  /** Asks for a pass. Asking twice before it begins is asking once. */
  wake(): void;
  /** No further pass begins; resolves when the one under way has ended. May be called twice. */
  stop(): Promise<void>;
}

export interface StationOptions {
  readonly name: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** Runs `pass` on its own timer. A pass that throws is logged and tried again a second later. */
export function startStation(pass: Pass, options: StationOptions): Station {
  return new LoopStation(pass, options);
}

class LoopStation implements Station {
  readonly #pass: Pass;
  readonly #options: StationOptions;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #underWay: Promise<void> | undefined;
  #spinning: ReturnType<typeof setImmediate> | undefined;
  #woken = false;
  #stopped = false;

  constructor(pass: Pass, options: StationOptions) {
    this.#pass = pass;
    this.#options = options;
  }

  wake(): void {
    this.#woken = true;
    if (this.#stopped || this.#underWay !== undefined) return;
    this.#disarm();
    this.#underWay = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#disarm();
    await this.#underWay;
  }

  #disarm(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#spinning);
  }

  async #run(): Promise<void> {
    let again: Instant | undefined;
    do {
      this.#woken = false;
      again = await this.#passOnce();
    } while (this.#woken && !this.#stopped);
    this.#underWay = undefined;
    if (!this.#stopped && again !== undefined) this.#sleepUntil(again);
  }

  async #passOnce(): Promise<Instant | undefined> {
    try {
      return await this.#pass();
    } catch (error) {
      this.#options.log.error(`Cannot finish a pass of station "${this.#options.name}"`, { error });
      return (this.#options.clock() + AFTER_ERROR_MS) as Instant;
    }
  }

  #sleepUntil(due: Instant): void {
    const ms = due - this.#options.clock();
    if (ms > WAIT_MS_MAX) {
      this.#timer = setTimeout(() => this.wake(), WAIT_MS_MAX);
    } else if (ms > EARLY_MS) {
      this.#timer = setTimeout(() => this.#sleepUntil(due), ms - EARLY_MS);
    } else if (ms > 0) {
      this.#spinning = setImmediate(() => this.#sleepUntil(due));
    } else {
      this.wake();
    }
  }
}
