import { randomUUID } from "node:crypto";
import { closeSync, openSync, readdirSync, readSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { type Instant, instant } from "../domain/instant.ts";
import {
  type CopyInTransit,
  type PruneProgress,
  type StoreCare,
  StoreCareRefused,
} from "../domain/store-care.ts";
import type { SelfCommand } from "./admit-file.ts";
import { careInChild } from "./care-child.ts";
import type { Store } from "./open-store.ts";
import { pruneEnded } from "./prune.ts";

const RUNS_PER_COMMIT = 200;
const CHUNK_BYTES = 256 * 1024;

/** The store while it may be written, and how to leave it. */
export interface Writable {
  readonly store: Pick<Store, "write" | "reader" | "tally">;
  close(): void | Promise<void>;
}

export interface StoreCareDeps {
  readonly path: string;
  readonly self: SelfCommand;
  /** Opens the store for writing; rejects where somebody else holds it. */
  readonly open: () => Writable | Promise<Writable>;
  /** Holds the store while `body` runs, without opening it; absent in the process that serves it. */
  readonly alone?: <Answer>(body: () => Promise<Answer>) => Promise<Answer>;
}

/** Care for the store of this process, or for one that nobody holds. */
export function createStoreCare({ path, self, open, alone }: StoreCareDeps): StoreCare {
  const alongside = oneAtATime(path);
  return {
    stats: () => alongside(() => careInChild("stats", { self, path })),
    check: () => alongside(() => careInChild("check", { self, path })),
    copy: () => alongside(() => copyInTransit(path, self)),
    async countEnded(before) {
      return await within(await open(), ({ reader }) => countOf(reader, before));
    },
    prune: async (before) => pruneBefore(await open(), instant(before)),
    vacuum() {
      if (alone === undefined) throw new StoreCareRefused(inUse(path));
      return alone(() => careInChild("vacuum", { self, path }));
    },
  };
}

/** Removes copies that a process left which was killed before it had handed them on. */
export function dropTemporaryCopies(path: string): void {
  for (const name of readdirSync(dirname(path))) {
    if (name.startsWith(temporaryStart(path))) rmSync(join(dirname(path), name), { force: true });
  }
}

/** Each reads the whole store: several at once would only be in each other's way, and in the store's. */
function oneAtATime(path: string) {
  let busy = false;
  return async <Answer>(body: () => Promise<Answer>): Promise<Answer> => {
    if (busy) {
      const why = "it is being copied, checked or counted already; try again in a moment";
      throw new StoreCareRefused(`Cannot read all of store "${path}": ${why}`);
    }
    busy = true;
    try {
      return await body();
    } finally {
      busy = false;
    }
  };
}

async function copyInTransit(path: string, self: SelfCommand): Promise<CopyInTransit> {
  const target = join(dirname(path), `${temporaryStart(path)}${randomUUID()}`);
  const { sizeBytes } = await careInChild("copy", { self, path, target });
  const file = openSync(target, "r");
  // Nobody else needs its name: it is gone as soon as it is closed, however that comes about.
  rmSync(target, { force: true });
  const bytes = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const chunk = new Uint8Array(CHUNK_BYTES);
        const length = readSync(file, chunk);
        if (length > 0) return controller.enqueue(chunk.subarray(0, length));
        closeSync(file);
        controller.close();
      },
      cancel: () => closeSync(file),
    },
    { highWaterMark: 0 },
  );
  return { sizeBytes, bytes };
}

function temporaryStart(path: string): string {
  return `.${basename(path)}.copy-`;
}

async function* pruneBefore(
  { store, close }: Writable,
  before: Instant,
): AsyncGenerator<PruneProgress, void, undefined> {
  let deleted = 0;
  try {
    const total = countOf(store.reader, before);
    for (;;) {
      const gone = await store.write((connection) =>
        pruneEnded(connection, before, RUNS_PER_COMMIT),
      );
      store.tally.gone(gone);
      deleted += gone.runs.length;
      const done = gone.runs.length < RUNS_PER_COMMIT;
      yield { deleted, total, done };
      if (done) return;
      await new Promise((resolve) => setImmediate(resolve));
    }
  } finally {
    await close();
  }
}

function countOf(reader: Writable["store"]["reader"], before: number): number {
  const [row] = reader.all<{ count: number }>(
    "SELECT count(*) AS count FROM run WHERE ended_at IS NOT NULL AND ended_at < ?",
    [before],
  );
  return row?.count ?? 0;
}

async function within<Answer>(
  { store, close }: Writable,
  body: (store: Writable["store"]) => Answer,
): Promise<Answer> {
  try {
    return body(store);
  } finally {
    await close();
  }
}

function inUse(path: string): string {
  return `Cannot vacuum store "${path}": the daemon is using it; new rows take the room that deleted ones left, so this is rarely needed. Stop the daemon first, or make a backup, which has no free room in it`;
}
