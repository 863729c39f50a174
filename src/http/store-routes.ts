import type { Hono, HonoRequest } from "hono";
import * as v from "valibot";
import { durationMs } from "../domain/duration.ts";
import type { Clock } from "../domain/instant.ts";
import { COPY_BYTES_HEADER, type PruneProgress, type StoreCare } from "../domain/store-care.ts";
import { NoBody, readBody } from "./read-body.ts";

const HOUR_MS = 3_600_000;
const EXPECTED = 'expected a duration such as "90d", from 1h to 36500d';

const Age = v.pipe(
  v.string(EXPECTED),
  v.metadata({ examples: ["90d"], description: "A duration from 1h to 36500d." }),
  v.transform((text) => durationMs(text) ?? Number.NaN),
  v.check((ms) => ms >= HOUR_MS, EXPECTED),
);
export const PruneBody = v.strictObject({ olderThan: Age, dryRun: v.optional(v.boolean(), false) });

export interface StoreRouteDeps {
  readonly care: StoreCare;
  readonly clock: Clock;
}

/**
 * `GET /api/store`, and `POST /api/store/check`, `/backup` (answers the copy itself), `/prune` (a line of JSON
 * for each step) and `/vacuum`.
 */
export function addStoreRoutes(app: Hono, { care, clock }: StoreRouteDeps): void {
  app.get("/api/store", async (c) => c.json(await care.stats()));
  app.post("/api/store/check", async (c) => {
    await readBody(c.req, NoBody);
    return c.json(await care.check());
  });
  app.post("/api/store/backup", async (c) => {
    await readBody(c.req, NoBody);
    const { sizeBytes, bytes } = await care.copy();
    return c.body(bytes, 200, {
      "content-type": "application/vnd.sqlite3",
      // A server that sends a stream leaves its content-length out.
      [COPY_BYTES_HEADER]: String(sizeBytes),
    });
  });
  app.post("/api/store/prune", async (c) => {
    const { before, dryRun } = await pruneAsked(c.req, clock);
    const steps = dryRun ? asIfPruned(await care.countEnded(before)) : await care.prune(before);
    return c.body(linesOf(steps), 200, { "content-type": "application/x-ndjson" });
  });
  app.post("/api/store/vacuum", async (c) => {
    await readBody(c.req, NoBody);
    return c.json(await care.vacuum());
  });
}

async function pruneAsked(request: HonoRequest, clock: Clock) {
  const { olderThan, dryRun } = await readBody(request, PruneBody);
  return { before: clock() - olderThan, dryRun };
}

async function* asIfPruned(total: number): AsyncGenerator<PruneProgress> {
  yield { deleted: 0, total, done: true };
}

/** Whoever no longer reads the answer no longer wants the rest done. */
function linesOf(steps: AsyncIterable<PruneProgress>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const iterator = steps[Symbol.asyncIterator]();
  return new ReadableStream(
    {
      async pull(controller) {
        const { done, value } = await iterator.next();
        if (done === true) controller.close();
        else controller.enqueue(encoder.encode(`${JSON.stringify(value)}\n`));
      },
      async cancel() {
        await iterator.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}
