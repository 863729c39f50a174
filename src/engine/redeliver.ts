import type { Clock } from "../domain/instant.ts";
import { isStorageError } from "../store/connection.ts";
import { pagesOfNumbers } from "../store/delivery-pages.ts";
import {
  findReplayable,
  loadReplayable,
  type Replayable,
  replay,
} from "../store/delivery-replay.ts";
import type { Store } from "../store/open-store.ts";
import type { Commands, RedeliverAnswer, Redelivered, RedeliverRequest } from "./commands.ts";
import type { Deliver } from "./deliver.ts";

// In: deliveries that somebody asks for again. Out: the same deliveries, pending and due now.

/** So many in one commit, so that a great many do not hold up everybody else. */
const ROWS_PER_COMMIT = 1_000;

export interface RedeliverDeps {
  readonly store: Pick<Store, "reader" | "tally" | "write" | "trouble">;
  readonly clock: Clock;
  /** Whether the newest config has a hook of that key. */
  readonly hasHook: (key: string) => boolean;
  readonly deliver: Pick<Deliver, "isUnderWay" | "reopen">;
}

export function createRedeliver(
  deps: RedeliverDeps,
): Pick<Commands, "redeliver" | "redeliverMany"> {
  return {
    redeliver: (id) => whereStorageWorks(() => redeliverOne(id, deps)),
    redeliverMany: (request) => whereStorageWorks(() => redeliverMany(request, deps)),
  };
}

async function whereStorageWorks<Answer>(
  work: () => Promise<Answer>,
): Promise<Answer | "unavailable"> {
  try {
    return await work();
  } catch (error) {
    if (isStorageError(error)) return "unavailable";
    throw error;
  }
}

async function redeliverOne(id: string, deps: RedeliverDeps): Promise<RedeliverAnswer> {
  const { store, clock, deliver } = deps;
  if (store.trouble() !== undefined) return "unavailable";
  const { answer, found } = await store.write((connection) => {
    const found = findReplayable(connection, id);
    const answer = found === undefined ? "no-such-delivery" : verdict(found, deps);
    if (found !== undefined && answer === "redelivered") replay(connection, [found.no], clock());
    return { answer, found };
  });
  if (found !== undefined && answer === "redelivered") {
    store.tally.delivery(found.hookNo, found.status, "pending");
    deliver.reopen(new Set([found.hookNo]));
  }
  return answer;
}

/** Decided inside the transaction, where nothing can happen in between. */
function verdict(found: Replayable, { hasHook, deliver }: RedeliverDeps): RedeliverAnswer {
  const { no, hookNo, hook, status } = found;
  if (status === "pending") return "pending";
  if (status === "retrying" && deliver.isUnderWay(hookNo, no)) return "under-way";
  return hasHook(hook) ? "redelivered" : "no-such-hook";
}

async function redeliverMany(
  { filter, dryRun }: RedeliverRequest,
  deps: RedeliverDeps,
): Promise<Redelivered | "unavailable"> {
  const { store, deliver } = deps;
  const { statuses = ["dead"] } = filter;
  const wanted = { ...filter, statuses };
  const pages = pagesOfNumbers(
    { reader: store.reader, tally: store.tally },
    { filter: wanted, order: "oldest", limit: ROWS_PER_COMMIT },
  );
  let [redelivered, skipped] = [0, 0];
  for (const nos of pages) {
    if (store.trouble() !== undefined) return "unavailable";
    const chosen = dryRun ? choose(store.reader, nos, deps) : await replayChosen(nos, deps);
    redelivered += chosen.fit.length;
    skipped += chosen.skipped;
    if (!dryRun) deliver.reopen(new Set(chosen.fit.map(({ hookNo }) => hookNo)));
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { redelivered, skipped };
}

interface Chosen {
  readonly fit: readonly Replayable[];
  readonly skipped: number;
}

async function replayChosen(nos: readonly number[], deps: RedeliverDeps): Promise<Chosen> {
  const { store, clock } = deps;
  const chosen = await store.write((connection) => {
    const found = choose(connection, nos, deps);
    replay(
      connection,
      found.fit.map(({ no }) => no),
      clock(),
    );
    return found;
  });
  for (const { hookNo, status } of chosen.fit) store.tally.delivery(hookNo, status, "pending");
  return chosen;
}

function choose(connection: Store["reader"], nos: readonly number[], deps: RedeliverDeps): Chosen {
  const judged = loadReplayable(connection, nos).map((one) => ({
    one,
    answer: verdict(one, deps),
  }));
  return {
    fit: judged.filter(({ answer }) => answer === "redelivered").map(({ one }) => one),
    skipped: judged.filter(({ answer }) => answer === "no-such-hook").length,
  };
}
