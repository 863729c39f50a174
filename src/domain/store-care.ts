/** What an operator is told of a store's size. Times are ISO 8601 in UTC. */
export interface StoreStats {
  readonly path: string;
  /** Version of the tables. */
  readonly version: number;
  readonly sizeBytes: number;
  /** What was written and is not in the file yet. */
  readonly walBytes: number;
  /** Room inside the file that deleted rows left, and new ones will take. */
  readonly freeBytes: number;
  readonly tables: readonly TableStats[];
  readonly flows: readonly FlowStats[];
  readonly oldestRunAt?: string;
  readonly newestRunAt?: string;
}

export interface TableStats {
  readonly table: string;
  readonly rows: number;
  /** With its indexes. */
  readonly bytes: number;
}

export interface FlowStats {
  readonly flow: string;
  readonly runs: number;
  readonly oldestAt: string;
  readonly newestAt: string;
}

/** What a check of a store found; no faults: nothing. */
export interface StoreCheck {
  readonly ok: boolean;
  readonly version: number;
  readonly runs: number;
  readonly transitions: number;
  readonly deliveries: number;
  readonly faults: readonly StoreFault[];
  readonly tookMs: number;
}

export interface StoreFault {
  /** What is not as it must be, in words. */
  readonly fault: string;
  /** How many rows have it. */
  readonly count: number;
  /** Some of them, by id or number. */
  readonly examples: readonly string[];
}

/** A whole copy of the store as it was at one moment, in a file of its own. */
export interface StoreCopy {
  readonly sizeBytes: number;
  readonly tookMs: number;
}

/** How far deleting old runs has come. */
export interface PruneProgress {
  readonly deleted: number;
  /** Of these; runs with a delivery that is not over stay. */
  readonly total: number;
  readonly done: boolean;
}

export interface Vacuumed {
  readonly beforeBytes: number;
  readonly afterBytes: number;
  readonly tookMs: number;
}

/** Thrown for what cannot be done with the store as it is: in use, no room, not a store. */
export class StoreCareRefused extends Error {
  constructor(message: string) {
    super(message);
    this.name = "StoreCareRefused";
  }
}

/** A copy that is handed on as it is read; it is gone once it was read to its end, or nobody wants it. */
export interface CopyInTransit {
  readonly sizeBytes: number;
  readonly bytes: ReadableStream<Uint8Array>;
}

/** Says how large the copy is that an answer brings, so that whoever reads it knows whether it came whole. */
export const COPY_BYTES_HEADER = "tocsin-copy-bytes";

/** Care for a store, whoever holds it. What takes long is done beside the process that asks. */
export interface StoreCare {
  stats(): Promise<StoreStats>;
  check(): Promise<StoreCheck>;
  copy(): Promise<CopyInTransit>;
  /** How many runs ended before an instant. */
  countEnded(before: number): Promise<number>;
  /** Deletes runs that ended before an instant, a few at a time, until it is done or no longer asked for. */
  prune(before: number): AsyncIterable<PruneProgress> | Promise<AsyncIterable<PruneProgress>>;
  vacuum(): Promise<Vacuumed>;
}
