import { makeStoreDirectory, reasonOf, refusal } from "./admit-file.ts";
import { findPreviousBoot, insertBoot } from "./boot-store.ts";
import type { FileConnection } from "./connection.ts";
import { saveMark } from "./copy-mark.ts";
import { holderOf } from "./holder.ts";
import { migrate } from "./migrate.ts";
import {
  isRefusal,
  type OpenStoreOptions,
  requireLock,
  type Store,
  storeOver,
} from "./open-store.ts";
import { catchUpWithPending } from "./pending-commit.ts";
import { recordingOver } from "./recording.ts";
import { admitRemote } from "./remote-admission.ts";
import { openRemote, type Remote } from "./remote-client.ts";
import { type FoundCopy, fetchCopy, findCopy } from "./remote-copy.ts";
import type { Head } from "./remote-head.ts";
import {
  holdRemote,
  LEASE_MS,
  newHeadToken,
  type RemoteHold,
  type StoreLost,
} from "./remote-hold.ts";
import { remoteLane } from "./remote-lane.ts";

export interface OpenRemoteOptions extends OpenStoreOptions {
  /** Where the server is; `path` is where the working copy lies. */
  readonly url: string;
  readonly token: string | undefined;
  /** Told once, when somebody else has the store or it is another one: the daemon must end at once. */
  readonly onLost: (error: StoreLost) => void;
  /** Told what is waited for. */
  readonly onNote?: (note: string) => void;
  readonly leaseMs?: number;
  readonly answerMs?: number;
}

/**
 * Opens a server's store, alone, with a working copy of it at `path`. Throws StartRefused when somebody holds it,
 * when it cannot be reached, or when it is not one of ours.
 */
export async function openRemoteStore(options: OpenRemoteOptions): Promise<Store> {
  const { path, url } = options;
  process.umask(0o077);
  makeStoreDirectory(path);
  const lock = requireLock(path, url);
  let remote: Remote | undefined;
  try {
    lock.describe(holderOf(options.boot));
    remote = await openRemote(options);
    const held = await holdWithCopy(remote, options);
    return await storeWith(held, { options, remote, lock });
  } catch (error) {
    remote?.close();
    lock.release();
    throw isRefusal(error) ? error : refusal(url, reasonOf(error), error);
  }
}

interface Held {
  readonly hold: RemoteHold;
  readonly copy: FileConnection;
}

/** Takes the store, and then sees to a copy of it, which nobody can make outdated any more. */
async function holdWithCopy(remote: Remote, options: OpenRemoteOptions): Promise<Held> {
  const { path, url, boot, self, leaseMs = LEASE_MS, onNote } = options;
  const found = findCopy(path, self);
  const there = found?.mark.url === url ? found : undefined;
  if (found !== there) found?.connection.close();
  try {
    const { token, before } = await admitRemote(remote, {
      ...{ boot: boot.id, holder: holderOf(boot), leaseMs },
      // Whoever made the last commit in this copy held the lock that we hold now.
      over: there?.mark.boot,
      onWait: (holder, ms) => onNote?.(waiting(url, holder, ms)),
    });
    const hold = holdRemote({ remote, boot: boot.id, holder: holderOf(boot), token, leaseMs });
    const copy = await upToDate(there, { options, remote, hold, before });
    saveMark(copy, { url, token: hold.token(), boot: boot.id });
    return { hold, copy };
  } catch (error) {
    there?.connection.close();
    throw error;
  }
}

interface CopyParts {
  readonly options: OpenRemoteOptions;
  readonly remote: Remote;
  readonly hold: RemoteHold;
  readonly before: string | undefined;
}

async function upToDate(
  there: FoundCopy | undefined,
  { options, remote, hold, before }: CopyParts,
): Promise<FileConnection> {
  if (there !== undefined && isAt(there, before)) {
    migrate(there.connection, options.path);
    return there.connection;
  }
  there?.connection.close();
  const { path, url, leaseMs = LEASE_MS, onNote } = options;
  if (before !== undefined) onNote?.(`Fetches a copy of store "${url}"`);
  let renewedAt = performance.now();
  return await fetchCopy(remote, path, async () => {
    if (performance.now() - renewedAt < leaseMs / 3) return;
    await hold.commit([], { to: newHeadToken() });
    renewedAt = performance.now();
  });
}

/** Whether a copy has all that the server has: a commit that was under way may have to be made up for. */
function isAt({ connection, mark }: FoundCopy, before: string | undefined): boolean {
  if (before === undefined || mark.token === before) return mark.token === before;
  try {
    return catchUpWithPending(connection, { from: mark.token, to: before });
  } catch {
    // It is only a copy: another one is fetched.
    return false;
  }
}

interface Opening {
  readonly options: OpenRemoteOptions;
  readonly remote: Remote;
  readonly lock: ReturnType<typeof requireLock>;
}

async function storeWith({ hold, copy }: Held, { options, remote, lock }: Opening): Promise<Store> {
  const { path, url, boot, onTrouble, onLost, visits } = options;
  const recording = recordingOver(copy);
  const store = storeOver({
    ...{ path, place: url, boot, connection: recording },
    lock: {
      ...lock,
      release() {
        remote.close();
        lock.release();
      },
    },
    previousBoot: findPreviousBoot(copy, boot.id),
    openLane: (writing) =>
      remoteLane({ ...writing, copy, recording, hold, url, boot: boot.id, onTrouble, onLost }),
    onDescribed: (holder) => hold.describe(holder),
  });
  if (visits !== true) await store.write((connection) => insertBoot(connection, boot));
  return store;
}

function waiting(url: string, holder: Head["holder"], ms: number): string {
  const { pid = "?", host = "?" } = holder ?? {};
  return `Waits for store "${url}": the tocsin that holds it (pid ${pid} on ${host}) has ${Math.ceil(ms / 1_000)} s left to say that it lives`;
}
