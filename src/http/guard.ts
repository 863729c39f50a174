import type { Context, MiddlewareHandler } from "hono";
import { hostnameOf, isLoopback } from "./loopback.ts";
import { Problem, quoted } from "./problems.ts";

const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json(?:;|$)/i;

/**
 * Lets only requests through that a page of a stranger cannot make a browser send: `Host` is one of ours
 * (against DNS rebinding), and writes carry JSON and, from a browser, our own origin (against forgery).
 */
export function guard(hosts: readonly string[]): MiddlewareHandler {
  const allowed = new Set(hosts.map((host) => host.toLowerCase()));
  return (c, next) => {
    setHeaders(c);
    const host = c.req.header("host") ?? new URL(c.req.url).host;
    const name = hostnameOf(host);
    if (!isLoopback(name) && !allowed.has(name) && !allowed.has(host.toLowerCase())) {
      throw new Problem(
        421,
        `Cannot answer for host ${quoted(host)}: it is not one of the daemon's names`,
      );
    }
    const { method } = c.req;
    if (method !== "GET" && method !== "HEAD") checkWrite(c, host);
    return next();
  };
}

function setHeaders(c: Context): void {
  c.header("x-content-type-options", "nosniff");
  c.header("content-security-policy", "default-src 'none'; frame-ancestors 'none'");
  c.header("cache-control", "no-store");
}

function checkWrite(c: Context, host: string): void {
  const origin = c.req.header("origin");
  if (origin !== undefined && hostOfOrigin(origin) !== host.toLowerCase()) {
    throw new Problem(
      403,
      `Cannot ${c.req.method} from origin ${quoted(origin)}: it is not the daemon's own`,
    );
  }
  // A DELETE has no body to describe, and no page can send it elsewhere without being asked first.
  if (c.req.method === "DELETE") return;
  const type = c.req.header("content-type") ?? "";
  if (!JSON_TYPE.test(type.trim())) {
    throw new Problem(
      415,
      `Cannot read a body of type ${quoted(type)}: send content-type application/json`,
    );
  }
}

function hostOfOrigin(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}
