import { Hono } from "hono";
import { type BootId, systemRandom, uuidv7 } from "../domain/ids.ts";
import { type Clock, instant } from "../domain/instant.ts";
import { StartRefused } from "../domain/start-refused.ts";
import { type StoreCare, StoreCareRefused } from "../domain/store-care.ts";
import { answerError } from "../http/problems.ts";
import { addStoreRoutes } from "../http/store-routes.ts";
import { selfCommand } from "../self-command.ts";
import { type Boot, bootOf } from "../store/boot-store.ts";
import { holdStore } from "../store/hold-store.ts";
import type { Store } from "../store/open-store.ts";
import { openStoreAt } from "../store/open-store-at.ts";
import { createStoreCare, type Writable } from "../store/store-care.ts";
import { fileOf, isServer } from "../store/store-place.ts";
import { VERSION } from "../version.ts";
import type { Context } from "./context.ts";
import type { Way } from "./session.ts";

const clock: Clock = () => instant(Date.now());

/**
 * The store at a place, behind the same routes as a daemon's. A file is held only while it is written: reading does
 * not get in the way of a daemon that cannot be asked.
 */
export function wayToStore(place: string, env: Context["env"]): Way {
  const care = isServer(place) ? careOfServers(place, env) : careOfFile(place, env);
  const app = new Hono({ strict: false });
  addStoreRoutes(app, { care, clock });
  app.onError(answerError({}));
  return { send: async (request) => await app.fetch(request), server: "http://localhost" };
}

function careOfFile(path: string, env: Context["env"]): StoreCare {
  const boot = ownBoot();
  const open = async (): Promise<Writable> => {
    const store = await visited(path, boot, env);
    return { store, close: () => store.close(clock()) };
  };
  const alone = <Answer>(body: () => Promise<Answer>) => holdStore(path, boot, body);
  return createStoreCare({ path, self: selfCommand(), open, alone });
}

/** Each works on the copy, which is brought up to date for it: nobody else may hold the store meanwhile. */
function careOfServers(place: string, env: Context["env"]): StoreCare {
  const path = fileOf(place);
  const open = async (): Promise<Writable> => {
    const store = await visited(place, ownBoot(), env);
    return { store, close: () => store.close(clock()) };
  };
  const care = createStoreCare({ path, self: selfCommand(), open });
  const onCopy = async <Answer>(body: () => Promise<Answer>): Promise<Answer> => {
    const { close } = await open();
    try {
      return await body();
    } finally {
      await close();
    }
  };
  return {
    ...care,
    stats: async () => ({ ...(await onCopy(care.stats)), path: place }),
    check: () => onCopy(care.check),
    copy: () => onCopy(care.copy),
    vacuum: async () => {
      const why = "its server sees to its own files; nothing is to be done here";
      throw new StoreCareRefused(`Cannot vacuum store "${place}": ${why}`);
    },
  };
}

function ownBoot(): Boot {
  return bootOf(uuidv7(clock(), systemRandom) as BootId, VERSION, clock());
}

async function visited(place: string, boot: Boot, env: Context["env"]): Promise<Store> {
  try {
    return await openStoreAt(place, { boot, self: selfCommand(), env, visits: true });
  } catch (error) {
    if (!(error instanceof StartRefused)) throw error;
    const refused = new StoreCareRefused(error.message);
    refused.cause = error;
    throw refused;
  }
}
