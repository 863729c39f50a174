import { refusal } from "./admit-file.ts";
import { heldBy } from "./holder.ts";
import { MIGRATIONS } from "./migrations.ts";
import type { Written } from "./recording.ts";
import type { Remote } from "./remote-client.ts";
import { beginHead, type Claim, CREATE_HEAD, findHead, type Head, take } from "./remote-head.ts";
import { LEASE_MS, newHeadToken, persistently, StoreLost, untilDone, wait } from "./remote-hold.ts";
import { statementsIn } from "./sql-script.ts";

const LOOK_MS = 1_000;
/** How long a start tries to take a store from a server that does not answer. */
const TAKE_MS_MAX = 20_000;
/** Somebody else may be quicker, but not for ever. */
const TRIES_MAX = 5;
/** The version of a store that is being filled. */
const UNFINISHED = 0;
const OTHERS = `SELECT name FROM sqlite_schema WHERE name NOT LIKE 'sqlite%' AND name NOT LIKE 'libsql%'
  AND name NOT LIKE '\\_litestream%' ESCAPE '\\' LIMIT 1`;

export interface Admission extends Pick<Claim, "boot" | "holder" | "leaseMs"> {
  /** A boot that is known to be over if it was on this machine, whatever its lease says. */
  readonly over: string | undefined;
  /** Told that the store is waited for. */
  readonly onWait: (holder: Head["holder"], leaseMs: number) => void;
}

/** What was taken over. */
export interface Admitted {
  /** What the head says now. */
  readonly token: string;
  /** What it said before; undefined where the store has just been made. */
  readonly before: string | undefined;
}

/**
 * Takes a server's store over, or makes it, where nothing is there. Throws StartRefused where another daemon
 * holds it, where it is of a newer version, or where what is there is not ours.
 */
export async function admitRemote(remote: Remote, admission: Admission): Promise<Admitted> {
  for (let tries = 1; ; tries += 1) {
    const head = await findOurs(remote);
    const to = newHeadToken();
    try {
      if (head === undefined) return await made(remote, to, admission);
      return await taken(remote, { head, to }, admission);
    } catch (error) {
      if (!(error instanceof StoreLost) || tries >= TRIES_MAX) throw error;
    }
  }
}

async function made(remote: Remote, to: string, admission: Admission): Promise<Admitted> {
  const first = beginHead({ to, ...admission }, MIGRATIONS.length);
  await untilDone(remote, { from: undefined, to, batch: creation(first) }, soon());
  return { token: to, before: undefined };
}

/** Makes the tables in an empty database, without triggers, for somebody who fills them; answers the head's token. */
export async function beginServersStore(
  remote: Remote,
  claim: Pick<Claim, "boot" | "holder">,
): Promise<string> {
  const to = newHeadToken();
  const first = beginHead({ to, ...claim, leaseMs: LEASE_MS }, UNFINISHED);
  const batch = creation(first).filter(({ sql }) => !/^CREATE TRIGGER\b/i.test(sql));
  await untilDone(remote, { from: undefined, to, batch }, soon());
  return to;
}

function creation(head: Written): readonly Written[] {
  return [...statementsAfter(0), plain(CREATE_HEAD), head];
}

async function taken(
  remote: Remote,
  { head, to }: { readonly head: Head; readonly to: string },
  admission: Admission,
): Promise<Admitted> {
  const { token: from, version } = await untilFree(remote, head, admission);
  const claim = take({ from, to, ...admission }, MIGRATIONS.length);
  await untilDone(remote, { from, to, batch: [claim, ...statementsAfter(version)] }, soon());
  return { token: to, before: from };
}

/** A start that cannot succeed says so, and is made again by whoever made it. */
function soon(): Parameters<typeof untilDone>[2] {
  return {
    signal: AbortSignal.timeout(TAKE_MS_MAX),
    onFailure(failure) {
      if (failure.kind === "denied") throw failure;
    },
  };
}

/** The head of our store, or undefined where the database is empty. */
export async function findOurs(remote: Remote): Promise<Head | undefined> {
  const head = await persistently(() => findHead(remote));
  if (head === undefined) {
    const others = await persistently(() => remote.all<{ name: string }>(OTHERS));
    if (others.length === 0) return undefined;
    // Made in between.
    if (others[0]?.name === "remote_head") return await findOurs(remote);
    throw refusal(
      remote.url,
      "it is a database of another program; name another one with --store, or an empty one",
    );
  }
  if (head.version === UNFINISHED) {
    const why = "a restore into it was broken off; restore into another database, an empty one";
    throw refusal(remote.url, why);
  }
  if (head.version > MIGRATIONS.length) {
    throw refusal(
      remote.url,
      `it was written by a newer tocsin (store version ${head.version}, this one knows ${MIGRATIONS.length}); upgrade tocsin, or name another one with --store`,
    );
  }
  return head;
}

/** Waits while a lease lasts that nobody renews; one that is renewed has a living holder. */
async function untilFree(
  remote: Remote,
  head: Head,
  { over, onWait, holder }: Admission,
): Promise<Head> {
  // The copy may be a copy itself, on another machine, with the boot in it that made it.
  const isFree = (one: Head) =>
    one.leaseMs === 0 || (one.boot === over && one.holder?.host === holder.host);
  if (!isFree(head)) onWait(head.holder, head.leaseMs);
  let seen = head;
  while (!isFree(seen)) {
    if (seen.token !== head.token) throw refusal(remote.url, heldBy(seen.holder));
    await wait(Math.min(LOOK_MS, seen.leaseMs));
    const next = await persistently(() => findHead(remote));
    if (next === undefined) throw new StoreLost(remote.url, "it is gone");
    seen = next;
  }
  return seen;
}

/** The migrations from a version on, each statement by itself: a batch has no scripts. */
function statementsAfter(version: number): readonly Written[] {
  return MIGRATIONS.slice(version).flatMap(statementsIn).map(plain);
}

function plain(sql: string): Written {
  return { sql, parameters: [] };
}
