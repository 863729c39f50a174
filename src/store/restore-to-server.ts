import { renameSync } from "node:fs";
import { StoreCareRefused } from "../domain/store-care.ts";
import { makeStoreDirectory } from "./admit-file.ts";
import { type Connection, openConnection } from "./connection.ts";
import { dropMark, saveMark } from "./copy-mark.ts";
import { holdStore } from "./hold-store.ts";
import { holderOf } from "./holder.ts";
import { migrate } from "./migrate.ts";
import { MIGRATIONS } from "./migrations.ts";
import type { Written } from "./recording.ts";
import { beginServersStore, findOurs } from "./remote-admission.ts";
import { openRemote, type Remote, RemoteFailure } from "./remote-client.ts";
import { finishHead } from "./remote-head.ts";
import { holdRemote, newHeadToken, type RemoteHold } from "./remote-hold.ts";
import {
  copyDurably,
  type Restored,
  type RestoreOrder,
  removeStore,
  requireBackup,
  requireSound,
} from "./restore.ts";
import { findServerToken } from "./server-token.ts";
import { fileOf } from "./store-place.ts";
import { pagesOf, tablesIn } from "./table-pages.ts";

/** A commit that a server has not taken for so long is given up. */
const COMMIT_MS_MAX = 60_000;
/** What one statement holds at most, in characters of JSON: servers limit what they take at once. */
const CHARACTERS_MAX = 1024 * 1024;

export interface ServerOrder extends RestoreOrder {
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Puts a backup into a server's empty database. Until all of it is there nobody can start on it: broken off, it
 * has to be done again, in another empty one.
 */
export async function restoreToServer(backup: string, order: ServerOrder): Promise<Restored> {
  const { path: place, boot, self, env } = order;
  requireBackup(backup);
  const path = fileOf(place);
  makeStoreDirectory(path);
  return await holdStore(path, boot, async () => {
    const draft = `${path}.restoring`;
    removeStore(draft);
    const remote = await openRemote({ url: place, token: findServerToken(place, env) });
    try {
      copyDurably(backup, draft);
      const check = await requireSound(backup, draft, self);
      const head = await inWords(place, findOurs(remote));
      if (head !== undefined) throw new StoreCareRefused(inUse(place));
      await inWords(place, fill(remote, draft, order));
      removeStore(path);
      renameSync(draft, path);
      return { path: place, check };
    } finally {
      remote.close();
      removeStore(draft);
    }
  });
}

async function fill(remote: Remote, draft: string, { boot }: ServerOrder): Promise<void> {
  const claim = { boot: boot.id, holder: holderOf(boot) };
  const token = await beginServersStore(remote, claim);
  const hold = holdRemote({ remote, ...claim, token });
  const connection = openConnection(draft, "writer");
  try {
    migrate(connection, draft);
    dropMark(connection);
    for (const table of tablesIn(connection)) await fillTable(hold, connection, table);
    const to = newHeadToken();
    const last = [...triggersIn(connection), finishHead(MIGRATIONS.length)];
    await hold.commit(last, { to, releases: true, signal: AbortSignal.timeout(COMMIT_MS_MAX) });
    saveMark(connection, { url: remote.url, token: to, boot: boot.id });
    connection.all("PRAGMA wal_checkpoint(TRUNCATE)");
  } finally {
    connection.close();
  }
}

async function fillTable(
  hold: RemoteHold,
  connection: Connection,
  table: ReturnType<typeof tablesIn>[number],
): Promise<void> {
  const { name, columns } = table;
  const values = columns.map((_, place) => `value->>${place}`).join(", ");
  const names = columns.map((column) => `"${column}"`).join(", ");
  const sql = `INSERT INTO ${name} (${names}) SELECT ${values} FROM json_each(?)`;
  for (const rows of pagesOf(connection, table, CHARACTERS_MAX)) {
    await hold.commit([{ sql, parameters: [`[${rows.join(",")}]`] }], {
      to: newHeadToken(),
      signal: AbortSignal.timeout(COMMIT_MS_MAX),
    });
  }
}

/** What they did is among the rows; they come last. */
function triggersIn(connection: Connection): readonly Written[] {
  return connection
    .all<{ sql: string }>("SELECT sql FROM sqlite_schema WHERE type = 'trigger'")
    .map(({ sql }) => ({ sql, parameters: [] }));
}

async function inWords<Answer>(place: string, done: Promise<Answer>): Promise<Answer> {
  try {
    return await done;
  } catch (error) {
    if (!(error instanceof RemoteFailure)) throw error;
    const refused = new StoreCareRefused(`Cannot restore store "${place}": ${error.message}`);
    refused.cause = error;
    throw refused;
  }
}

function inUse(place: string): string {
  return `Cannot restore store "${place}": there is a store already; restore into an empty database`;
}
