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
import { dropMark } from "./copy-mark.ts";
import { createDeliveryRows } from "./delivery-rows.ts";
import { type Doors, openDoors } from "./doors.ts";
import { createFlowOutcomes } from "./flow-outcomes.ts";
import { type Holder, type HolderApi, heldBy, holderOf, readHolder } from "./holder.ts";
import { type Lane, laneOver } from "./lane.ts";
import { type StoreLock, takeLock } from "./lock.ts";
import { migrate } from "./migrate.ts";
import { type Numbers, numbersOf } from "./numbers.ts";
import type { StepTools } from "./steps.ts";
import { createTally, type Tally } from "./tally.ts";
import type { Trouble } from "./troubles.ts";
import { createWatchers, type StoreWatcher } from "./watchers.ts";
import type { WriterOptions } from "./writer.ts";

/** The store, open: the only door to the database. */
export interface Store extends Doors {
  /** Its file, or the working copy of a server's store. */
  readonly path: string;
  /** Where it is, for people: its file, or the server's address. */
  readonly place: string;
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
  /**
   * A small write outside the hot path, after what was asked for before. In a file it is committed when the call
   * returns; at a server, when the promise resolves. Rejects with a storage error where nothing can be saved.
   */
  write<Answer>(body: (connection: Connection) => Answer): Promise<Answer>;
  /** Writes down where the API is, and what lets in whoever may read this store. */
  describeHolder(api: HolderApi): void;
  beat(now: Instant): Promise<void>;
  trouble(): Trouble | undefined;
  close(now: Instant): Promise<void>;
}

export interface OpenStoreOptions {
  /** Told once when saving begins to fail, and once when it works again. */
  readonly onTrouble?: (trouble: Trouble | undefined) => void;
  readonly path: string;
  readonly boot: Boot;
  readonly self: SelfCommand;
  /** For a moment only, and not as a daemon: no life of one is recorded. */
  readonly visits?: boolean;
  /** Told once, when nobody can tell any more what is saved: the process must end at once. It does by default. */
  readonly onLost?: (error: Error) => void;
}

/** Opens the store, alone: throws StartRefused when somebody holds it, or the file is not one of ours. */
export function openStore(options: OpenStoreOptions): Store {
  const { path, boot, self, onTrouble, visits, onLost = endWith } = options;
  process.umask(0o077);
  makeStoreDirectory(path);
  const lock = requireLock(path);
  try {
    lock.describe(holderOf(boot));
    admitStoreFile(path, self);
    const writer = openConnection(path, "writer");
    migrate(writer, path);
    const previousBoot = findPreviousBoot(writer, boot.id);
    dropMark(writer);
    if (visits !== true) insertBoot(writer, boot);
    const openLane = ({ reader, ...options }: LaneOptions) =>
      laneOver(writer, { ...options, onTrouble, elsewhere: { reader, onLost } });
    return storeOver({ path, place: path, boot, lock, connection: writer, previousBoot, openLane });
  } catch (error) {
    lock.release();
    throw isRefusal(error) ? error : refusal(path, reasonOf(error), error);
  }
}

function endWith(error: Error): never {
  throw error;
}

/** Keeps every other process of this machine from the store at `path`; throws StartRefused where one has it. */
export function requireLock(path: string, place = path): StoreLock {
  let lock: StoreLock | undefined;
  try {
    lock = takeLock(path);
  } catch (error) {
    throw refusal(place, `its directory cannot be written (${reasonOf(error)})`, error);
  }
  if (lock === undefined) throw refusal(place, heldBy(readHolder(path)));
  return lock;
}

export function isRefusal(error: unknown): boolean {
  return error instanceof Error && error.name === "StartRefused";
}

export interface StoreParts extends Pick<Store, "path" | "place" | "previousBoot"> {
  readonly boot: Boot;
  readonly lock: StoreLock;
  /** What the lane writes through. */
  readonly connection: Connection;
  readonly openLane: (options: LaneOptions) => Lane;
  /** Told when the holder is described anew. */
  readonly onDescribed?: (holder: Holder) => void;
}

export interface LaneOptions extends Pick<WriterOptions, "onCommitted"> {
  /** What the store reads through. */
  readonly reader: Connection;
}

const NO_HOOKS: HookBook = {
  ofRun: () => [],
  ofTaskRun: () => [],
  ofLongRun: () => [],
  ofDecision: () => [],
};

/** The store over what is open already. */
export function storeOver(parts: StoreParts): Store {
  const { path, place, boot, lock, connection, previousBoot, openLane, onDescribed } = parts;
  let book = NO_HOOKS;
  let listener: (hookNos: ReadonlySet<number>) => void = () => {};
  const numbers = numbersOf(connection);
  let moved: (run: Run) => void = () => {};
  // Who counts must not count what those who keep the count are still to be told of.
  const tally = createTally(() => lane.settle());
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
  const reader = openConnection(path, "reader");
  const lane = openLane({ onCommitted: watchers.committed, reader });

  return {
    ...{ path, place, numbers, reader, tally, previousBoot },
    ...openDoors(lane, tools),
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
    write: (body) => lane.write(body),
    describeHolder(api) {
      const holder = holderOf(boot, api);
      lock.describe(holder);
      onDescribed?.(holder);
    },
    beat: (now) => lane.write((writer) => beat(writer, boot.id, now)),
    trouble: () => lane.trouble(),
    close: (now) =>
      lane.close({
        reader,
        last: (writer) => endBoot(writer, boot.id, now),
        after: () => lock.release(),
      }),
  };
}
