import type { HookBook } from "../domain/hook-matching.ts";
import type { Instant } from "../domain/instant.ts";
import type { Run } from "../domain/run.ts";
import {
  admitStoreFile,
  makeStoreDirectory,
  reasonOf,
  refusal,
  type SelfCommand,
} from "./admit-file.ts";
import {
  type Boot,
  beat,
  endBoot,
  findPreviousBoot,
  insertBoot,
  type PreviousBoot,
} from "./boot-store.ts";
import { type Connection, openConnection } from "./connection.ts";
import { createDeliveryRows } from "./delivery-rows.ts";
import { type Doors, openDoors } from "./doors.ts";
import { createFlowOutcomes } from "./flow-outcomes.ts";
import { type HolderApi, heldBy, holderOf, readHolder } from "./holder.ts";
import { type StoreLock, takeLock } from "./lock.ts";
import { APPLICATION_ID, MIGRATIONS } from "./migrations.ts";
import { type Numbers, numbersOf } from "./numbers.ts";
import type { StepTools } from "./steps.ts";
import { createTally, type Tally } from "./tally.ts";
import { createWatchers, type StoreWatcher } from "./watchers.ts";
import { createWriter, type Trouble } from "./writer.ts";

/** The store, open: the only door to the database. */
export interface Store extends Doors {
  readonly path: string;
  readonly numbers: Numbers;
  /** For reads. It sees what has been committed. */
  readonly reader: Connection;
  readonly tally: Tally;
  readonly previousBoot: PreviousBoot | undefined;
  /** The hooks that transitions ring from now on. */
  useHooks(book: HookBook): void;
  /** Told after each commit which hooks have new deliveries. */
  onDeliveries(listener: (hookNos: ReadonlySet<number>) => void): void;
  /** Told of each run whose step has been committed. */
  onRunMoved(listener: (run: Run) => void): void;
  /** Tells somebody more of what is committed. */
  watch(watcher: StoreWatcher): void;
  /** A small write outside the hot path, committed at once. */
  write<Answer>(body: (connection: Connection) => Answer): Answer;
  /** Writes down where the API is, and what lets in whoever may read this store. */
  describeHolder(api: HolderApi): void;
  beat(now: Instant): void;
  trouble(): Trouble | undefined;
  close(now: Instant): void;
}

export interface OpenStoreOptions {
  /** Told once when saving begins to fail, and once when it works again. */
  readonly onTrouble?: (trouble: Trouble | undefined) => void;
  readonly path: string;
  readonly boot: Boot;
  readonly self: SelfCommand;
  /** For a moment only, and not as a daemon: no life of one is recorded. */
  readonly visits?: boolean;
}

/** Opens the store, alone: throws StartRefused when somebody holds it, or the file is not one of ours. */
export function openStore({ path, boot, self, onTrouble, visits }: OpenStoreOptions): Store {
  process.umask(0o077);
  makeStoreDirectory(path);
  const lock = requireLock(path);
  try {
    lock.describe(holderOf(boot));
    admitStoreFile(path, self);
    const writer = openConnection(path, "writer");
    migrate(writer, path);
    const previousBoot = findPreviousBoot(writer, boot.id);
    if (visits !== true) insertBoot(writer, boot);
    return storeOver({ path, boot, lock, connection: writer, previousBoot, onTrouble });
  } catch (error) {
    lock.release();
    throw isRefusal(error) ? error : refusal(path, reasonOf(error), error);
  }
}

function requireLock(path: string): StoreLock {
  let lock: StoreLock | undefined;
  try {
    lock = takeLock(path);
  } catch (error) {
    throw refusal(path, `its directory cannot be written (${reasonOf(error)})`, error);
  }
  if (lock === undefined) throw refusal(path, heldBy(readHolder(path)));
  return lock;
}

function isRefusal(error: unknown): boolean {
  return error instanceof Error && error.name === "StartRefused";
}

/** Brings a new or older store to the newest version, a version per transaction. */
function migrate(connection: Connection, path: string): void {
  const [row] = connection.all<{ user_version: number }>("PRAGMA user_version");
  const version = row?.user_version ?? 0;
  for (const [index, script] of MIGRATIONS.entries()) {
    if (index < version) continue;
    try {
      connection.transaction(() => {
        connection.script(script);
        connection.script(
          `PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${index + 1}`,
        );
      });
    } catch (error) {
      throw refusal(
        path,
        `it could not be brought to version ${index + 1} (${reasonOf(error)})`,
        error,
      );
    }
  }
}

interface StoreParts {
  readonly path: string;
  readonly boot: Boot;
  readonly lock: StoreLock;
  readonly connection: Connection;
  readonly previousBoot: PreviousBoot | undefined;
  readonly onTrouble: OpenStoreOptions["onTrouble"];
}

const NO_HOOKS: HookBook = {
  ofRun: () => [],
  ofTaskRun: () => [],
  ofLongRun: () => [],
  ofDecision: () => [],
};

function storeOver({ path, boot, lock, connection, previousBoot, onTrouble }: StoreParts): Store {
  let book = NO_HOOKS;
  let listener: (hookNos: ReadonlySet<number>) => void = () => {};
  const numbers = numbersOf(connection);
  let moved: (run: Run) => void = () => {};
  const tally = createTally();
  const watchers = createWatchers();
  const deliveries = createDeliveryRows(numbers, (counts) => {
    for (const [hookNo, count] of counts) {
      for (let rung = 0; rung < count; rung += 1) tally.delivery(hookNo, undefined, "pending");
    }
    listener(new Set(counts.keys()));
  });
  const tools: StepTools = {
    numbers,
    hooks: () => book,
    deliveries,
    outcomes: createFlowOutcomes(connection),
    tally,
    onMoved: (run) => moved(run),
    watchers,
  };
  const writer = createWriter(connection, { onTrouble, onCommitted: watchers.committed });
  const reader = openConnection(path, "reader");

  return {
    path,
    numbers,
    reader,
    tally,
    previousBoot,
    ...openDoors(writer, tools),
    useHooks: (next) => {
      book = next;
    },
    onDeliveries: (next) => {
      listener = next;
    },
    onRunMoved: (next) => {
      moved = next;
    },
    watch: watchers.add,
    write(body) {
      writer.flush();
      return connection.transaction(() => body(connection));
    },
    describeHolder: (api) => lock.describe(holderOf(boot, api)),
    beat: (now) => connection.transaction(() => beat(connection, boot.id, now)),
    trouble: () => writer.trouble(),
    close(now) {
      writer.close();
      reader.close();
      if (writer.trouble() === undefined) {
        connection.transaction(() => endBoot(connection, boot.id, now));
        // Everything into the one file, so that a copy of it is a copy of the state.
        connection.all("PRAGMA wal_checkpoint(TRUNCATE)");
      }
      connection.close();
      lock.release();
    },
  };
}
