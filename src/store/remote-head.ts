import type { Holder } from "./holder.ts";
import type { Written } from "./recording.ts";
import { type Remote, RemoteFailure } from "./remote-client.ts";

/**
 * The one row by which a server's store says how far it is and who may go on. Each commit names the token of
 * the one before and leaves a new one, so that none is done twice, or on top of somebody else's.
 */
export interface Head {
  /** How many commits there were. */
  readonly no: number;
  readonly token: string;
  /** The version of the store, as its migrations count; 0 while it is being filled. */
  readonly version: number;
  /** The boot that may write. */
  readonly boot: string;
  readonly holder: Holder | undefined;
  /** For how long nobody else may take it, by the server's clock; 0 once anybody may. */
  readonly leaseMs: number;
}

/** What a commit leaves in the head. */
export interface Claim {
  /** The token that must be there. */
  readonly from: string;
  readonly to: string;
  readonly boot: string;
  readonly holder: Holder;
  readonly leaseMs: number;
}

/** Milliseconds since the epoch by the server's clock: those of two machines may differ. */
const NOW = "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)";

export const CREATE_HEAD = `CREATE TABLE remote_head (
  one INTEGER PRIMARY KEY CHECK (one = 1), no INTEGER NOT NULL, token TEXT NOT NULL, version INTEGER NOT NULL,
  boot TEXT NOT NULL, holder TEXT NOT NULL, lease_until INTEGER NOT NULL
) STRICT`;
const FIRST_HEAD = `INSERT INTO remote_head (one, no, token, version, boot, holder, lease_until)
  VALUES (1, 1, ?, ?, ?, ?, ${NOW} + ?)`;
const READ_HEAD = `SELECT no, token, version, boot, holder, max(0, lease_until - ${NOW}) AS lease_ms FROM remote_head`;

// Where the token is another one, or the row is gone, "no" is NULL, which it may not be: all of it is refused.
const advance = (fits: string, updates: string) => `
  INSERT INTO remote_head (one, no, token, version, boot, holder, lease_until)
  VALUES (1, (SELECT CASE WHEN ${fits} THEN no + 1 END FROM remote_head), ?, ?, ?, ?, ${NOW} + ?)
  ON CONFLICT (one) DO UPDATE SET no = excluded.no, token = excluded.token, holder = excluded.holder,
    lease_until = excluded.lease_until${updates}`;
const GO_ON = advance("token = ? AND boot = ?", "");
const TAKE = advance("token = ?", ", version = excluded.version, boot = excluded.boot");

interface HeadRow {
  readonly no: number;
  readonly token: string;
  readonly version: number;
  readonly boot: string;
  readonly holder: string;
  readonly lease_ms: number;
}

/** The head, or undefined where there is none. */
export async function findHead(remote: Remote): Promise<Head | undefined> {
  try {
    const [row] = await remote.all<HeadRow>(READ_HEAD);
    if (row === undefined) return undefined;
    const { lease_ms: leaseMs, holder, ...head } = row;
    return { ...head, leaseMs, holder: holderIn(holder) };
  } catch (error) {
    if (error instanceof RemoteFailure && /no such table/i.test(error.message)) return undefined;
    throw error;
  }
}

/** The first statement of each commit by the boot that holds the store. */
export function goOn({ from, to, boot, holder, leaseMs }: Claim): Written {
  const parameters = [from, boot, to, 0, boot, textOf(holder), leaseMs];
  return { sql: GO_ON, parameters };
}

/** The first statement of the commit with which a boot takes the store over. */
export function take({ from, to, boot, holder, leaseMs }: Claim, version: number): Written {
  return { sql: TAKE, parameters: [from, to, version, boot, textOf(holder), leaseMs] };
}

/** The last statement of the commit that makes a store. */
export function beginHead(claim: Omit<Claim, "from">, version: number): Written {
  const { to, boot, holder, leaseMs } = claim;
  return { sql: FIRST_HEAD, parameters: [to, version, boot, textOf(holder), leaseMs] };
}

/** Says of a store that was being filled that all of it is there, in the last commit of that. */
export function finishHead(version: number): Written {
  return { sql: "UPDATE remote_head SET version = ?", parameters: [version] };
}

/** What lets somebody into the daemon's API is for those who can read its own files. */
function textOf({ token: _, ...holder }: Holder): string {
  return JSON.stringify(holder);
}

function holderIn(text: string): Holder | undefined {
  try {
    return JSON.parse(text) as Holder;
  } catch {
    return undefined;
  }
}
