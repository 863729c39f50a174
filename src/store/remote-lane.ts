import { type Connection, isStorageError } from "./connection.ts";
import type { Goodbye, Lane } from "./lane.ts";
import { RemoteFailure } from "./remote-client.ts";
import { type CommitterParts, type Committing, commitRemotely } from "./remote-commit.ts";
import { StoreLost, wait } from "./remote-hold.ts";
import {
  addShelf,
  type Collector,
  failAll,
  hasItems,
  ITEMS_PER_COMMIT,
  type Load,
  oneByOne,
  putBack,
  type Shelf,
  saveLoads,
  takeFrom,
  tellAll,
} from "./shelves.ts";
import { createTroubles, type Trouble, type Troubles } from "./troubles.ts";
import { createWaitingWrites } from "./waiting-writes.ts";
import type { WriterOptions } from "./writer.ts";

const RETRY_MS = 250;
/** A try or two that are not answered happen on any network. */
const TRIES_WITHOUT_TROUBLE = 3;
/** More than this is sent in several commits: servers limit what they take at once. */
const BYTES_PER_COMMIT = 4 * 1024 * 1024;
/** How long a daemon that stops waits for a server that does not answer. */
const CLOSE_MS_MAX = 5_000;

export interface RemoteLaneParts extends CommitterParts, WriterOptions {
  /** Told once, when the store is not this daemon's any more. */
  readonly onLost: (error: StoreLost) => void;
}

/**
 * The lane to a server's store. One commit is under way at a time, and what is asked for meanwhile shares the
 * next one.
 */
export function remoteLane(parts: RemoteLaneParts): Lane {
  return new RemoteLane(parts);
}

class RemoteLane implements Lane {
  readonly #parts: RemoteLaneParts;
  readonly #shelves: Shelf[] = [];
  readonly #writes = createWaitingWrites();
  #underWay: Promise<void> | undefined;
  readonly #troubles: Troubles;
  #lost: StoreLost | undefined;
  #closed = false;
  #itemsMost = ITEMS_PER_COMMIT;
  readonly #giveUp = new AbortController();

  constructor(parts: RemoteLaneParts) {
    this.#parts = parts;
    this.#troubles = createTroubles(parts);
  }

  collect<Item>(collector: Collector<Item>): (item: Item) => void {
    const shelf = addShelf(this.#shelves, collector);
    return (item) => {
      if (this.#closed) return collector.fail([item], this.#closedError());
      shelf.items.push(item);
      this.#wake();
    };
  }

  /** Who asked is told in the turn in which the copy has it. */
  settle(): void {}

  trouble(): Trouble | undefined {
    return this.#troubles.current();
  }

  write<Answer>(body: (connection: Connection) => Answer): Promise<Answer> {
    if (this.#closed) return Promise.reject(this.#closedError());
    const trouble = this.trouble();
    if (trouble !== undefined) return Promise.reject(trouble.error);
    const done = this.#writes.add(() => this.#commit(body, {}));
    this.#wake();
    return done;
  }

  async close({ reader, last, after }: Goodbye): Promise<void> {
    const { copy } = this.#parts;
    const tooLong = setTimeout(() => this.#giveUp.abort(), CLOSE_MS_MAX);
    await this.#settled();
    this.#closed = true;
    reader.close();
    if (this.trouble() === undefined && !this.#giveUp.signal.aborted) await this.#leave(last);
    clearTimeout(tooLong);
    failAll(this.#shelves, this.#closedError());
    this.#writes.refuseAll(this.#closedError());
    copy.all("PRAGMA wal_checkpoint(TRUNCATE)");
    copy.close();
    after();
  }

  /** Says goodbye and lets go of the store; who is not heard is waited for until the lease ends. */
  async #leave(last: (connection: Connection) => void): Promise<void> {
    try {
      await this.#commit(last, { releases: true });
    } catch (error) {
      if (!(error instanceof RemoteFailure) && !(error instanceof StoreLost)) throw error;
    }
  }

  async #settled(): Promise<void> {
    while (this.#hasWork() && this.#canGoOn()) {
      this.#wake();
      await this.#underWay;
    }
    await this.#underWay;
  }

  #wake(): void {
    this.#underWay ??= this.#run().finally(() => {
      this.#underWay = undefined;
      if (this.#hasWork() && this.#canGoOn()) this.#wake();
    });
  }

  #hasWork(): boolean {
    return hasItems(this.#shelves) || this.#writes.count() > 0;
  }

  #canGoOn(): boolean {
    return this.#lost === undefined && !this.#giveUp.signal.aborted && !this.#closed;
  }

  async #run(): Promise<void> {
    // What is asked for in the same turn is committed together.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#hasWork() && this.#canGoOn()) {
      const writes = this.#writes.count();
      await this.#commitItems();
      for (let count = 0; count < writes && this.#canGoOn(); count += 1) {
        this.#noteLost(await this.#writes.performNext());
      }
    }
  }

  /** All that is on the shelves now. */
  async #commitItems(): Promise<void> {
    let left = Math.max(...this.#shelves.map(({ items }) => items.length), 0);
    while (left > 0 && this.#canGoOn()) {
      const loads = takeFrom(this.#shelves, this.#itemsMost);
      const taken = Math.max(...loads.map(({ items }) => items.length));
      if (await this.#commitLoads(loads)) left -= taken;
    }
  }

  /** Answers false where the items were put back. */
  async #commitLoads(loads: readonly Load[]): Promise<boolean> {
    try {
      await this.#saveTogether(loads);
      this.#itemsMost = Math.min(ITEMS_PER_COMMIT, this.#itemsMost * 2);
      return true;
    } catch (error) {
      if (this.#noteLost(error) || isStorageError(error)) {
        putBack(loads);
        this.#beTroubled(error);
        await wait(RETRY_MS, this.#giveUp.signal);
        return false;
      }
      if (isTooLarge(error) && this.#split(loads)) return false;
    }
    return await this.#saveOneByOne(oneByOne(loads));
  }

  /** Half as many at once from now on; answers false where there is nothing to be split. */
  #split(loads: readonly Load[]): boolean {
    const most = Math.max(...loads.map(({ items }) => items.length));
    if (most < 2) return false;
    putBack(loads);
    this.#itemsMost = Math.floor(most / 2);
    return true;
  }

  /** One item that cannot be saved must not take the others with it; answers false where nothing can. */
  async #saveOneByOne(loads: readonly Load[]): Promise<boolean> {
    for (const [place, one] of loads.entries()) {
      try {
        await this.#saveTogether([one]);
      } catch (error) {
        if (this.#noteLost(error) || isStorageError(error)) {
          putBack(loads.slice(place).toReversed());
          return false;
        }
        one.shelf.collector.fail(one.items, error);
      }
    }
    return true;
  }

  async #saveTogether(loads: readonly Load[]): Promise<void> {
    const beganAt = performance.now();
    const mayBeSplit = loads.some(({ items }) => items.length > 1);
    const bytesMax = mayBeSplit ? BYTES_PER_COMMIT : undefined;
    const save = (connection: Connection) => saveLoads(connection, loads);
    const after = await this.#commit(save, { bytesMax });
    this.#parts.onCommitted?.(performance.now() - beganAt);
    tellAll(after);
  }

  async #commit<Answer>(
    body: (connection: Connection) => Answer,
    how: Pick<Committing, "bytesMax" | "releases">,
  ): Promise<Answer> {
    const answer = await commitRemotely(this.#parts, body, {
      ...how,
      signal: this.#giveUp.signal,
      onFailure: (error, tries) => {
        if (tries >= TRIES_WITHOUT_TROUBLE) this.#beTroubled(error);
      },
    });
    this.#troubles.end();
    return answer;
  }

  #beTroubled(error: unknown): void {
    this.#writes.refuseAll(error);
    this.#troubles.begin(error);
  }

  /** Answers whether the store is lost. */
  #noteLost(error: unknown): boolean {
    if (!(error instanceof StoreLost)) return false;
    this.#lost = error;
    this.#beTroubled(error);
    this.#parts.onLost(error);
    return true;
  }

  #closedError(): Error {
    return this.trouble()?.error ?? new Error("Cannot save: the store is closed");
  }
}

function isTooLarge(error: unknown): boolean {
  return error instanceof RemoteFailure && error.kind === "too-large";
}
