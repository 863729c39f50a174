import { Hono } from "hono";
import { type BootId, systemRandom, uuidv7 } from "../domain/ids.ts";
import { type Clock, instant } from "../domain/instant.ts";
import { setCaller } from "../http/caller.ts";
import { answerError } from "../http/problems.ts";
import { addTokenRoutes } from "../http/token-routes.ts";
import { selfCommand } from "../self-command.ts";
import { bootOf } from "../store/boot-store.ts";
import { openStoreAt } from "../store/open-store-at.ts";
import { openTokens } from "../store/token-store.ts";
import { VERSION } from "../version.ts";
import type { Context } from "./context.ts";
import type { Way } from "./session.ts";

const clock: Clock = () => instant(Date.now());

/** The tokens of a store that no daemon holds, behind the same routes. It is made where there is none yet. */
export async function openOfflineTokens(
  path: string,
  who: string,
  env: Context["env"],
): Promise<Way & { close(): Promise<void> }> {
  const boot = bootOf(uuidv7(clock(), systemRandom) as BootId, VERSION, clock());
  const store = await openStoreAt(path, { boot, self: selfCommand(), env, visits: true });
  const app = new Hono({ strict: false });
  app.use("*", (c, next) => {
    setCaller(c, { who, scope: "write" });
    return next();
  });
  addTokenRoutes(app, { tokens: openTokens({ store, clock }) });
  app.onError(answerError({}));
  return {
    server: "http://localhost",
    send: async (request) => await app.fetch(request),
    close: () => store.close(clock()),
  };
}
