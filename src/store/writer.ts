import { type Connection, isStorageError } from "./connection.ts";

/** Rows of one kind in one commit at the most: beyond it, the next commit takes the rest. */
const ITEMS_PER_COMMIT = 2_000;
const RETRY_MS = 250;
/** A commit this long after the one before is made at once; sooner, it waits for the end of the turn to be shared. */
const QUIET_MS = 2;

/**
 * What to do with everything of one kind that was asked for in one turn: `save` writes it inside the
 * transaction and answers what to call once that is committed; `fail` tells those who asked.
 */
export interface Collector<Item> {
  readonly save: (connection: Connection, items: readonly Item[]) => () => void;
  readonly fail: (items: readonly Item[], error: unknown) => void;
}

/** Why nothing can be saved at present, and since when (milliseconds since the epoch). */
export interface Trouble {
  readonly since: number;
  readonly error: Error;
}

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

interface Shelf {
  readonly collector: Collector<unknown>;
  items: unknown[];
}

export interface WriterOptions {
  readonly now?: () => number;
  /** Told once when saving begins to fail, and once when it works again. */
  readonly onTrouble?: ((trouble: Trouble | undefined) => void) | undefined;
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
  #trouble: Trouble | undefined;

  constructor(connection: Connection, options: WriterOptions) {
    this.#connection = connection;
    this.#options = options;
  }

  collect<Item>(collector: Collector<Item>): (item: Item) => void {
    // A shelf only ever holds items of its own collector.
    const shelf: Shelf = { collector: collector as Collector<unknown>, items: [] };
    this.#shelves.push(shelf);
    return (item) => {
      if (this.#closed)
        return collector.fail([item], new Error("Cannot save: the store is closed"));
      shelf.items.push(item);
      this.#schedule();
    };
  }

  flush(): void {
    while (this.#hasItems()) {
      if (!this.#commitSome()) return;
    }
  }

  trouble(): Trouble | undefined {
    return this.#trouble;
  }

  close(): void {
    this.flush();
    this.#closed = true;
    const error = this.#trouble?.error ?? new Error("Cannot save: the store is closed");
    for (const shelf of this.#shelves) shelf.collector.fail(shelf.items.splice(0), error);
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    const isQuiet = performance.now() - this.#lastCommitAt > QUIET_MS;
    const later = isQuiet ? queueMicrotask : setImmediate;
    later(() => {
      this.#scheduled = false;
      if (this.#trouble === undefined) this.#commitAndGoOn();
    });
  }

  #commitAndGoOn(): void {
    if (this.#closed || !this.#hasItems()) return;
    if (!this.#commitSome()) setTimeout(() => this.#commitAndGoOn(), RETRY_MS);
    else if (this.#hasItems()) this.#schedule();
  }

  #hasItems(): boolean {
    return this.#shelves.some((shelf) => shelf.items.length > 0);
  }

  /** Answers false when storage fails: the items are kept. */
  #commitSome(): boolean {
    const batch = this.#shelves.map((shelf) => ({
      shelf,
      items: shelf.items.splice(0, ITEMS_PER_COMMIT),
    }));
    try {
      this.#commit(batch);
    } catch (error) {
      if (isStorageError(error)) {
        for (const { shelf, items } of batch) shelf.items.unshift(...items);
        this.#beTroubled(asError(error));
        return false;
      }
      this.#commitOneByOne(batch);
    }
    this.#beRelieved();
    return true;
  }

  #beTroubled(error: Error): void {
    if (this.#trouble !== undefined) return;
    this.#trouble = { since: (this.#options.now ?? Date.now)(), error };
    this.#options.onTrouble?.(this.#trouble);
  }

  #beRelieved(): void {
    if (this.#trouble === undefined) return;
    this.#trouble = undefined;
    this.#options.onTrouble?.(undefined);
  }

  #commit(batch: readonly { readonly shelf: Shelf; readonly items: readonly unknown[] }[]): void {
    const beganAt = performance.now();
    const settles = this.#connection.transaction(() =>
      batch
        .filter(({ items }) => items.length > 0)
        .map(({ shelf, items }) => shelf.collector.save(this.#connection, items)),
    );
    this.#lastCommitAt = performance.now();
    this.#options.onCommitted?.(this.#lastCommitAt - beganAt);
    for (const settle of settles) settle();
  }

  /** One item that cannot be saved must not take the others with it. */
  #commitOneByOne(
    batch: readonly { readonly shelf: Shelf; readonly items: readonly unknown[] }[],
  ): void {
    for (const { shelf, items } of batch) {
      for (const item of items) {
        try {
          this.#commit([{ shelf, items: [item] }]);
        } catch (error) {
          shelf.collector.fail([item], error);
        }
      }
    }
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
