import { Hono } from "hono";
import { type BootId, systemRandom, uuidv7 } from "../domain/ids.ts";
import { type Clock, instant } from "../domain/instant.ts";
import { StartRefused } from "../domain/start-refused.ts";
import { StoreCareRefused } from "../domain/store-care.ts";
import { answerError } from "../http/problems.ts";
import { addStoreRoutes } from "../http/store-routes.ts";
import { selfCommand } from "../self-command.ts";
import { bootOf } from "../store/boot-store.ts";
import { holdStore } from "../store/hold-store.ts";
import { type OpenStoreOptions, openStore, type Store } from "../store/open-store.ts";
import { createStoreCare, type Writable } from "../store/store-care.ts";
import { VERSION } from "../version.ts";
import type { Way } from "./session.ts";

const clock: Clock = () => instant(Date.now());

/**
 * The store at `path`, behind the same routes as a daemon's. It is held only while it is written: reading does
 * not get in the way of a daemon that cannot be asked.
 */
export function wayToFile(path: string): Way {
  const boot = bootOf(uuidv7(clock(), systemRandom) as BootId, VERSION, clock());
  const open = (): Writable => {
    const store = opened({ path, boot, self: selfCommand(), visits: true });
    return { store, close: () => store.close(clock()) };
  };
  const alone = <Answer>(body: () => Promise<Answer>) => holdStore(path, boot, body);
  const care = createStoreCare({ path, self: selfCommand(), open, alone });
  const app = new Hono({ strict: false });
  addStoreRoutes(app, { care, clock });
  app.onError(answerError({}));
  return { send: async (request) => await app.fetch(request), server: "http://localhost" };
}

function opened(options: OpenStoreOptions): Store {
  try {
    return openStore(options);
  } catch (error) {
    if (!(error instanceof StartRefused)) throw error;
    const refused = new StoreCareRefused(error.message);
    refused.cause = error;
    throw refused;
  }
}
