import type { Context, MiddlewareHandler } from "hono";
import type { TokenScope } from "../domain/tokens.ts";
import type { Log } from "../log.ts";
import { type Access, identify } from "./access.ts";
import { credentialsOf, peerOf, setCaller } from "./caller.ts";
import { PAGE_VIEWS } from "./page-routes.ts";
import { Problem, quoted } from "./problems.ts";

/** What anybody may ask, as written: everything else, whether there is such a route or not, is not. */
const OPEN_READS: ReadonlySet<string> = new Set(["/livez", "/readyz", "/healthz"]);
const OPEN_WRITES: ReadonlySet<string> = new Set(["POST /api/login", "POST /api/logout"]);
/** The page holds no data; what it shows it asks for. */
const VIEWS = PAGE_VIEWS.map((view) => new RegExp(`^${view.replace(/:\w+/g, "[^/]+")}$`));

/** What a request needs. Decided by method and address alone, before any route is looked for. */
function policyOf({ req }: Context): "open" | TokenScope {
  const { method, path } = req;
  if (method !== "GET" && method !== "HEAD") {
    return OPEN_WRITES.has(`${method} ${path}`) ? "open" : "write";
  }
  if (OPEN_READS.has(path)) return req.query("verbose") === undefined ? "open" : "read";
  return VIEWS.some((view) => view.test(path)) ? "open" : "read";
}

/** Lets only those through who may ask what they ask. */
export function gate(access: Access, log: Log | undefined): MiddlewareHandler {
  return async (c, next) => {
    const policy = policyOf(c);
    if (policy === "open") return await next();
    const caller = identify(access, credentialsOf(c));
    if (caller === "wrong") throw wrongToken(c, access, log);
    if (caller === "nobody") throw noToken(c);
    setCaller(c, caller);
    // The page shows by it what can be pressed.
    c.header("tocsin-scope", caller.scope);
    if (policy === "write" && caller.scope === "read") {
      const why = `${caller.who} may only read; it needs a token with scope write`;
      throw new Problem(403, `Cannot ${c.req.method} ${quoted(c.req.path)}: ${why}`);
    }
    return await next();
  };
}

function noToken(c: Context): Problem {
  c.header("www-authenticate", 'Bearer realm="tocsin"');
  const how = 'send one as "Authorization: Bearer …", commands with --token-file';
  return new Problem(401, `Cannot ${c.req.method} ${quoted(c.req.path)}: it needs a token; ${how}`);
}

/** The 401 of a token that is none; 429 from one who sends too many. */
export function wrongToken(c: Context, { failed }: Access, log: Log | undefined): Problem {
  c.header("www-authenticate", 'Bearer realm="tocsin", error="invalid_token"');
  const peer = peerOf(c);
  const seconds = failed.note(peer);
  if (seconds === undefined) {
    const asked = `${c.req.method} ${c.req.path}`;
    log?.warn("Refused a wrong token", { audit: true, peer, asked });
    return new Problem(401, "Cannot let you in: the token is not one of the daemon's");
  }
  c.header("retry-after", String(seconds));
  return new Problem(429, `Cannot let you in: too many wrong tokens; wait ${seconds} s`);
}
