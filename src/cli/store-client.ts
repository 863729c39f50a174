import {
  COPY_BYTES_HEADER,
  type PruneProgress,
  type StoreCheck,
  type StoreStats,
  type Vacuumed,
} from "../domain/store-care.ts";
import { asker, failureOf } from "./client.ts";
import { CliFailure, EXIT } from "./failure.ts";
import type { Way } from "./session.ts";

/** The part of the API that is about the store. Each rejects with a `CliFailure`. */
export interface StoreClient {
  stats(): Promise<StoreStats>;
  check(): Promise<StoreCheck>;
  /** The copy, as it comes. */
  backup(): Promise<{ readonly sizeBytes: number; readonly bytes: AsyncIterable<Uint8Array> }>;
  prune(olderThan: string, dryRun: boolean): AsyncIterable<PruneProgress>;
  vacuum(): Promise<Vacuumed>;
}

/** Checking or copying a store of many gigabytes takes its time (RFC 7240). */
const PATIENT = { prefer: "wait=9000" };

export function storeClientOver({ send, server }: Way): StoreClient {
  const ask = asker(send, server);
  const stream = async (path: string, body: object): Promise<Response> => {
    const headers = { "content-type": "application/json", ...PATIENT };
    const asked = { method: "POST", headers, body: JSON.stringify(body) };
    const response = await send(new Request(`${server}${path}`, asked));
    if (!response.ok) throw failureOf(response, await response.text(), server);
    return response;
  };
  return {
    stats: () => ask("GET", "/api/store", { headers: PATIENT }),
    check: () => ask("POST", "/api/store/check", { headers: PATIENT }),
    vacuum: () => ask("POST", "/api/store/vacuum", { headers: PATIENT }),
    async backup() {
      const response = await stream("/api/store/backup", {});
      const sizeBytes = Number(response.headers.get(COPY_BYTES_HEADER));
      return { sizeBytes, bytes: piecesOf(response) };
    },
    async *prune(olderThan, dryRun) {
      const response = await stream("/api/store/prune", { olderThan, dryRun });
      let isDone = false;
      for await (const line of linesOf(response)) {
        const progress = JSON.parse(line) as PruneProgress;
        isDone = progress.done;
        yield progress;
      }
      if (!isDone) throw brokenOff("Cannot delete the rest");
    },
  };
}

async function* piecesOf(response: Response): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of response.body ?? []) yield chunk;
  } catch (cause) {
    throw brokenOff("Cannot read the rest of the backup", cause);
  }
}

async function* linesOf(response: Response): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of piecesOf(response)) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}

function brokenOff(what: string, cause?: unknown): CliFailure {
  const failure = new CliFailure(`${what}: the daemon broke the answer off`, EXIT.failed);
  if (cause !== undefined) failure.cause = cause;
  return failure;
}
