import { type Connection, isStorageError } from "./connection.ts";
import {
  addShelf,
  type Collector,
  failAll,
  hasItems,
  type Load,
  oneByOne,
  putBack,
  type Shelf,
  saveLoads,
  takeFrom,
} from "./shelves.ts";
import { createTroubles, type Trouble, type TroubleOptions, type Troubles } from "./troubles.ts";

const RETRY_MS = 250;
/** A commit this long after the one before is made at once; sooner, it waits for the end of the turn to be shared. */
const QUIET_MS = 2;

/**
 * The group-commit writer. Whatever is asked for in the same turn of the event loop is committed as one
 * transaction of a few set statements: the one fsync is shared, and everyone is answered after it.
 */
export interface Writer {
  /** Adds a kind of thing to save. Kinds are saved in the order in which they were added. */
  collect<Item>(collector: Collector<Item>): (item: Item) => void;
  /** Commits what has been asked for, now. */
  flush(): void;
  /** Set while the disk is full, failing or locked: what was asked for is kept and tried again. */
  trouble(): Trouble | undefined;
  /** Commits what is left, then refuses everything. */
  close(): void;
}

export interface WriterOptions extends TroubleOptions {
  /** Told of each commit how many milliseconds it took. */
  readonly onCommitted?: (ms: number) => void;
}

export function createWriter(connection: Connection, options: WriterOptions = {}): Writer {
  return new GroupCommitWriter(connection, options);
}

class GroupCommitWriter implements Writer {
  readonly #connection: Connection;
  readonly #options: WriterOptions;
  readonly #shelves: Shelf[] = [];
  #scheduled = false;
  #lastCommitAt = 0;
  #closed = false;
  readonly #troubles: Troubles;

  constructor(connection: Connection, options: WriterOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#troubles = createTroubles(options);
  }

  collect<Item>(collector: Collector<Item>): (item: Item) => void {
    const shelf = addShelf(this.#shelves, collector);
    return (item) => {
      if (this.#closed)
        return collector.fail([item], new Error("Cannot save: the store is closed"));
      shelf.items.push(item);
      this.#schedule();
    };
  }

  flush(): void {
    while (hasItems(this.#shelves)) {
      if (!this.#commitSome()) return;
    }
  }

  trouble(): Trouble | undefined {
    return this.#troubles.current();
  }

  close(): void {
    this.flush();
    this.#closed = true;
    const error = this.trouble()?.error ?? new Error("Cannot save: the store is closed");
    failAll(this.#shelves, error);
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    const isQuiet = performance.now() - this.#lastCommitAt > QUIET_MS;
    const later = isQuiet ? queueMicrotask : setImmediate;
    later(() => {
      this.#scheduled = false;
      if (this.trouble() === undefined) this.#commitAndGoOn();
    });
  }

  #commitAndGoOn(): void {
    if (this.#closed || !hasItems(this.#shelves)) return;
    if (!this.#commitSome()) setTimeout(() => this.#commitAndGoOn(), RETRY_MS);
    else if (hasItems(this.#shelves)) this.#schedule();
  }

  /** Answers false when storage fails: the items are kept. */
  #commitSome(): boolean {
    const batch = takeFrom(this.#shelves);
    try {
      this.#commit(batch);
    } catch (error) {
      if (isStorageError(error)) {
        putBack(batch);
        this.#troubles.begin(error);
        return false;
      }
      this.#commitOneByOne(batch);
    }
    this.#troubles.end();
    return true;
  }

  #commit(batch: readonly Load[]): void {
    const beganAt = performance.now();
    const settles = this.#connection.transaction(() => saveLoads(this.#connection, batch));
    this.#lastCommitAt = performance.now();
    this.#options.onCommitted?.(this.#lastCommitAt - beganAt);
    for (const settle of settles) settle();
  }

  /** One item that cannot be saved must not take the others with it. */
  #commitOneByOne(batch: readonly Load[]): void {
    for (const one of oneByOne(batch)) {
      try {
        this.#commit([one]);
      } catch (error) {
        one.shelf.collector.fail(one.items, error);
      }
    }
  }
}
