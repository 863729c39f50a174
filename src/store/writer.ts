import { type CommitLink, commitLink } from "./commit-link.ts";
import { type Planning, planningOver } from "./commit-plan.ts";
import type { CommitReply } from "./commit-reply.ts";
import { type Connection, isStorageError } from "./connection.ts";
import {
  type AfterCommit,
  addShelf,
  type Collector,
  canBePlanned,
  failAll,
  hasItems,
  type Load,
  oneByOne,
  putBack,
  type Shelf,
  saveLoads,
  takeFrom,
  tellAll,
} from "./shelves.ts";
import { createTroubles, type Trouble, type TroubleOptions, type Troubles } from "./troubles.ts";

const RETRY_MS = 250;
/** A commit this long after the one before is made at once; sooner, it waits for the end of the turn to be shared. */
const QUIET_MS = 2;
/** So many items are worth another thread's while. */
const MANY = 64;
/** How long after such a commit small ones go the same way: whoever has much to do is spared those as well. */
const BUSY_MS = 250;

/**
 * The group-commit writer. Whatever is asked for in the same turn of the event loop is committed as one
 * transaction of a few set statements: the one fsync is shared, and everyone is answered after it. A large commit
 * is made by a thread beside this one, and what is asked for meanwhile shares the next.
 */
export interface Writer {
  /** Adds a kind of thing to save. Kinds are saved in the order in which they were added. */
  collect<Item>(collector: Collector<Item>): (item: Item) => void;
  /** Commits what has been asked for, now. */
  flush(): void;
  /** Waits for the commit that another thread is making, if one is, and tells those who asked. */
  settle(): void;
  /** Set while the disk is full, failing or locked: what was asked for is kept and tried again. */
  trouble(): Trouble | undefined;
  /** Commits what is left, then refuses everything. What it answers resolves when no other thread has the file open. */
  close(): Promise<void> | undefined;
}

export interface WriterOptions extends TroubleOptions {
  /** Told of each commit how many milliseconds it took. */
  readonly onCommitted?: (ms: number) => void;
  /** For commits that another thread is to make. */
  readonly elsewhere?: Elsewhere | undefined;
}

export interface Elsewhere {
  /** What planning reads through. */
  readonly reader: Connection;
  /** Told when nobody knows whether a commit was made: the process must end. */
  readonly onLost: (error: Error) => void;
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
  #lastLargeAt = Number.NEGATIVE_INFINITY;
  #closed = false;
  readonly #troubles: Troubles;
  readonly #link: CommitLink | undefined;
  readonly #planning: Planning | undefined;
  /** What the other thread is committing. */
  #sent: { readonly batch: readonly Load[]; readonly after: readonly AfterCommit[] } | undefined;

  constructor(connection: Connection, options: WriterOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#troubles = createTroubles(options);
    const { elsewhere } = options;
    if (elsewhere === undefined) return;
    this.#planning = planningOver(elsewhere.reader);
    const onOver = (reply: CommitReply) => this.#landed(reply);
    this.#link = commitLink({ path: connection.path, onLost: elsewhere.onLost, onOver });
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
    this.settle();
    while (hasItems(this.#shelves)) {
      if (!this.#commitOrKeep(takeFrom(this.#shelves))) return;
    }
  }

  settle(): void {
    // Where one is over, the next may be under way.
    for (let sent = this.#sent; sent !== undefined; sent = this.#sent) {
      this.#link?.wait();
      if (this.#sent === sent) throw new Error("Cannot tell whether the last commit was made");
    }
  }

  trouble(): Trouble | undefined {
    return this.#troubles.current();
  }

  close(): Promise<void> | undefined {
    this.flush();
    this.#closed = true;
    const error = this.trouble()?.error ?? new Error("Cannot save: the store is closed");
    failAll(this.#shelves, error);
    return this.#link?.close();
  }

  #schedule(): void {
    if (this.#scheduled || this.#sent !== undefined) return;
    this.#scheduled = true;
    const isQuiet = performance.now() - this.#lastCommitAt > QUIET_MS;
    const later = isQuiet ? queueMicrotask : setImmediate;
    later(() => {
      this.#scheduled = false;
      if (this.trouble() === undefined) this.#commitAndGoOn();
    });
  }

  #commitAndGoOn(): void {
    if (this.#closed || this.#sent !== undefined || !hasItems(this.#shelves)) return;
    const batch = takeFrom(this.#shelves);
    if (this.#send(batch)) return;
    if (!this.#commitOrKeep(batch)) this.#retryLater();
    else if (hasItems(this.#shelves)) this.#schedule();
  }

  #retryLater(): void {
    setTimeout(() => this.#commitAndGoOn(), RETRY_MS);
  }

  /** Has the other thread make a commit that is worth it; answers false where it is to be made here. */
  #send(batch: readonly Load[]): boolean {
    const [link, planning] = [this.#link, this.#planning];
    if (link === undefined || planning === undefined || this.trouble() !== undefined) return false;
    if (!this.#isWorthIt(batch) || !batch.every(canBePlanned)) return false;
    if (!link.isReady()) {
      link.start();
      return false;
    }
    try {
      const after = saveLoads(planning, batch);
      link.send(planning.take());
      this.#sent = { batch, after };
      return true;
    } catch {
      // Something in it cannot be saved: it is found out which when it is committed here.
      planning.take();
      return false;
    }
  }

  #isWorthIt(batch: readonly Load[]): boolean {
    const now = performance.now();
    const count = batch.reduce((sum, { items }) => sum + items.length, 0);
    if (count >= MANY) this.#lastLargeAt = now;
    return now - this.#lastLargeAt <= BUSY_MS;
  }

  #landed(reply: CommitReply): void {
    const sent = this.#sent;
    this.#sent = undefined;
    if (sent === undefined) return;
    if (reply.type === "done") {
      this.#note(reply.ms);
      for (const { remember } of sent.after) remember?.();
      // What has come meanwhile is on its way before anybody is told: the threads work side by side.
      this.#sendNext();
      for (const { tell } of sent.after) tell();
    } else if (reply.type === "failed" && isStorageError(reply.error)) {
      putBack(sent.batch);
      this.#troubles.begin(reply.error);
      this.#retryLater();
    } else if (!this.#commitOrKeep(sent.batch)) {
      this.#retryLater();
    }
    if (hasItems(this.#shelves)) this.#schedule();
  }

  /** Answers false when storage fails: the items are kept. */
  #commitOrKeep(batch: readonly Load[]): boolean {
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
    const after = this.#connection.transaction(() => saveLoads(this.#connection, batch));
    this.#note(performance.now() - beganAt);
    tellAll(after);
  }

  #note(ms: number): void {
    this.#lastCommitAt = performance.now();
    this.#options.onCommitted?.(ms);
  }

  #sendNext(): void {
    if (this.#closed || !hasItems(this.#shelves)) return;
    const batch = takeFrom(this.#shelves);
    if (!this.#send(batch)) putBack(batch);
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
