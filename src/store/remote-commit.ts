import { type Connection, type FileConnection, isStorageError } from "./connection.ts";
import { saveMark } from "./copy-mark.ts";
import { keepPending } from "./pending-commit.ts";
import type { Recording, Written } from "./recording.ts";
import { RemoteFailure } from "./remote-client.ts";
import { newHeadToken, type RemoteHold, StoreLost, wait } from "./remote-hold.ts";

const RETRY_MS = 250;
/** What marks a copy that must not be used any more. */
const OF_NO_COMMIT = "";

export interface CommitterParts {
  readonly copy: FileConnection;
  /** Over the copy: what is written through it is what the server is sent. */
  readonly recording: Recording;
  readonly hold: RemoteHold;
  /** What the copy is a copy of. */
  readonly url: string;
  readonly boot: string;
}

export interface Committing {
  /** Aborted when a commit that is not answered is to be given up. */
  readonly signal: AbortSignal;
  /** Told of each try that fails in a way that passes. */
  readonly onFailure: (error: Error, tries: number) => void;
  /** More than this is refused as too large before it is sent. */
  readonly bytesMax?: number | undefined;
  /** Lets go of the store with it. */
  readonly releases?: boolean;
}

/**
 * One commit in copy and server: made in the copy and left open, sent as one batch, and ended in the copy when
 * the server has it. Nobody sees, or acts on, what the server does not hold. Rejects with StoreLost when this
 * daemon must not go on, with a RemoteFailure when it was too large or was given up, and with what the body threw.
 */
export async function commitRemotely<Answer>(
  parts: CommitterParts,
  body: (connection: Connection) => Answer,
  how: Committing,
): Promise<Answer> {
  const { copy, recording, hold, url, boot } = parts;
  const to = newHeadToken();
  recording.take();
  const open = copy.begin(() => body(recording));
  const written = recording.take();
  if (written.length === 0 && how.releases !== true) {
    open.rollBack();
    return open.answer;
  }
  try {
    requireRoom(written, how.bytesMax);
    keepPending(copy.path, { from: hold.token(), to, written });
    await hold.commit(written, { ...how, to });
  } catch (error) {
    open.rollBack();
    throw asLost(error, parts);
  }
  try {
    saveMark(copy, { url, token: to, boot });
    open.commit();
  } catch (error) {
    await catchUp(parts, { written, to, error }, how);
  }
  return open.answer;
}

/** What the copy took and the server does not: they are not the same any more, and the server is right. */
function asLost(error: unknown, { copy, url, boot }: CommitterParts): unknown {
  if (!(error instanceof RemoteFailure) || error.kind !== "refused") return error;
  saveMark(copy, { url, token: OF_NO_COMMIT, boot });
  const why = `it differs from its copy here, which is fetched again at the next start: ${error.message}`;
  return new StoreLost(url, why);
}

function requireRoom(written: readonly Written[], bytesMax = Number.POSITIVE_INFINITY): void {
  const bytes = written.reduce((sum, { parameters }) => sum + bytesOf(parameters), 0);
  if (bytes <= bytesMax) return;
  throw new RemoteFailure("too-large", `it is too large for one commit (${bytes} bytes)`, "TOOBIG");
}

function bytesOf(parameters: Written["parameters"]): number {
  return parameters.reduce<number>(
    (sum, value) => sum + (typeof value === "string" ? value.length : 8),
    0,
  );
}

interface Behind {
  readonly written: readonly Written[];
  readonly to: string;
  /** Why the copy did not take it. */
  readonly error: unknown;
}

/** The server has it and the copy not, a full disk say: it is done again in the copy until that works. */
async function catchUp(
  { copy, url, boot }: CommitterParts,
  { written, to, error }: Behind,
  { signal, onFailure }: Committing,
): Promise<void> {
  let why = error;
  for (let tries = 1; !signal.aborted; tries += 1) {
    if (!isStorageError(why) || !(why instanceof Error)) throw why;
    onFailure(why, tries);
    await wait(RETRY_MS, signal);
    try {
      copy.transaction(() => {
        for (const { sql, parameters } of written) copy.run(sql, parameters);
        saveMark(copy, { url, token: to, boot });
      });
      return;
    } catch (again) {
      why = again;
    }
  }
}
