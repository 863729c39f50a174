import { randomUUID } from "node:crypto";
import type { Holder } from "./holder.ts";
import type { Written } from "./recording.ts";
import { type Remote, RemoteFailure } from "./remote-client.ts";
import { findHead, goOn } from "./remote-head.ts";

/** How long nobody else may take a store whose holder has fallen silent: three heartbeats. */
export const LEASE_MS = 30_000;
/** Waits between tries; the last one from then on. A single lost answer costs next to nothing. */
const WAITS_MS = [0, 50, 200, 500, 1_000, 2_000, 5_000];

/** The store is not this daemon's any more, or not what it takes it for: it must stop. */
export class StoreLost extends Error {
  constructor(url: string, why: string) {
    super(`Cannot go on with store "${url}": ${why}`);
    this.name = "StoreLost";
  }
}

/** The store of a server while it is this boot's. */
export interface RemoteHold {
  /** What the last commit left in the head. */
  token(): string;
  /** Names the holder anew in the commits from now on. */
  describe(holder: Holder): void;
  /**
   * One commit, done once, however often requests or answers are lost: resolves when the server has it.
   * Rejects with StoreLost, with a RemoteFailure when the server says no, or when it is given up: then it may
   * have been done.
   */
  commit(statements: readonly Written[], options: CommitOptions): Promise<void>;
}

export interface CommitOptions {
  /** The token that it leaves. */
  readonly to: string;
  /** Lets go of the store with it. */
  readonly releases?: boolean;
  /** Aborted when nobody waits for it any more. */
  readonly signal?: AbortSignal;
  /** Told of each try that was not answered. */
  readonly onFailure?: (error: RemoteFailure, tries: number) => void;
}

export interface HoldParts {
  readonly remote: Remote;
  readonly boot: string;
  readonly holder: Holder;
  readonly token: string;
  readonly leaseMs?: number | undefined;
}

export function newHeadToken(): string {
  return randomUUID();
}

export function holdRemote(parts: HoldParts): RemoteHold {
  const { remote, boot, leaseMs = LEASE_MS } = parts;
  let { token, holder } = parts;
  return {
    token: () => token,
    describe: (next) => {
      holder = next;
    },
    async commit(statements, options) {
      const lease = options.releases === true ? 0 : leaseMs;
      const claim = { from: token, to: options.to, boot, holder, leaseMs: lease };
      const batch = [goOn(claim), ...statements];
      await untilDone(remote, { from: token, to: options.to, batch }, options);
      token = options.to;
    },
  };
}

export interface Commit {
  /** The token that must be there; undefined where there must be no head. */
  readonly from: string | undefined;
  readonly to: string;
  readonly batch: readonly Written[];
}

/**
 * Sends the same batch until the head says that it was done: the head's token refuses it a second time, and
 * what is not answered is never given another form.
 */
export async function untilDone(
  remote: Remote,
  commit: Commit,
  { signal, onFailure }: Omit<CommitOptions, "to"> = {},
): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    const failure = await failureIn(unlessAborted(remote.batch(commit.batch), remote, signal));
    if (failure === undefined) return;
    if (signal?.aborted === true) throw failure;
    if (await isThere(remote, commit, failure)) return;
    onFailure?.(failure, tries);
    await wait(WAITS_MS[Math.min(tries, WAITS_MS.length) - 1] ?? 0, signal);
  }
}

/** Whether a batch that failed was done all the same; false where it is to be tried again. */
async function isThere(
  remote: Remote,
  { from, to }: Commit,
  failure: RemoteFailure,
): Promise<boolean> {
  let head: Awaited<ReturnType<typeof findHead>>;
  try {
    head = await findHead(remote);
  } catch {
    return false;
  }
  if (head?.token === to) return true;
  if (head?.token !== from) {
    const { pid = "?", host = "?" } = head?.holder ?? {};
    const why =
      head === undefined ? "it is gone" : `another tocsin has taken it (pid ${pid} on ${host})`;
    throw new StoreLost(remote.url, why);
  }
  if (failure.kind === "refused" || failure.kind === "too-large") throw failure;
  return false;
}

/** What only reads, tried again for a few seconds where it is not answered. */
export async function persistently<Answer>(read: () => Promise<Answer>): Promise<Answer> {
  for (const ms of WAITS_MS.slice(0, -2)) {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof RemoteFailure) || error.kind !== "away") throw error;
      await wait(ms);
    }
  }
  return await read();
}

/** Waits for an answer as long as anybody wants it. */
function unlessAborted(done: Promise<void>, { url }: Remote, signal?: AbortSignal): Promise<void> {
  if (signal === undefined) return done;
  const given = Promise.withResolvers<void>();
  const giveUp = () => given.reject(new RemoteFailure("away", `${url} does not answer`, ""));
  signal.addEventListener("abort", giveUp, { once: true });
  if (signal.aborted) giveUp();
  return Promise.race([done, given.promise]).finally(() => {
    signal.removeEventListener("abort", giveUp);
    done.catch(() => undefined);
  });
}

async function failureIn(done: Promise<void>): Promise<RemoteFailure | undefined> {
  try {
    await done;
    return undefined;
  } catch (error) {
    if (error instanceof RemoteFailure) return error;
    throw error;
  }
}

/** Ends early when the signal is aborted. */
export function wait(ms: number, signal?: AbortSignal): Promise<void> {
  if (ms === 0 || signal?.aborted === true) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    signal?.addEventListener("abort", done, { once: true });
    function done() {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    }
  });
}
