import type { MiddlewareHandler } from "hono";
import type { Log } from "../log.ts";
import { whoAsks } from "./caller.ts";

const PATH_MAX = 300;

/** Writes down who asked for what, for everything that asks for a change, granted or refused. */
export function audit(log: Log | undefined): MiddlewareHandler {
  return async (c, next) => {
    await next();
    const { method, path } = c.req;
    if (log === undefined || method === "GET" || method === "HEAD") return;
    // Only what was let through has a name; the gate tells of what it refuses.
    const { status } = c.res;
    if (status === 401 || status === 421 || status === 429) return;
    const asked = `${method} ${path.slice(0, PATH_MAX)}`;
    log.info(`${whoAsks(c)} asked ${asked}: ${status}`, {
      audit: true,
      who: whoAsks(c),
      asked,
      status,
    });
  };
}
