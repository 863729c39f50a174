import type { Context, MiddlewareHandler } from "hono";
import { matchedRoutes } from "hono/route";
import { hostnameOf, isIpLiteral, isLoopback } from "./loopback.ts";
import { Problem, quoted } from "./problems.ts";
import { checkLength } from "./read-body.ts";

const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json(?:;|$)/i;

export interface GuardOptions {
  /** Names in `Host`, and origins, besides those of this machine: `jobs.example.org`, `jobs.example.org:8443`. */
  readonly hosts: readonly string[];
  /** Whether other machines reach the daemon, by one of its addresses. */
  readonly isExposed: boolean;
}

/**
 * Lets only requests through that a page of a stranger cannot make a browser send: `Host` is one of ours
 * (against DNS rebinding), whatever comes from a page comes from ours (against forgery), and writes carry JSON.
 */
export function guard({ hosts, isExposed }: GuardOptions): MiddlewareHandler {
  const allowed = new Set(hosts.map((host) => host.toLowerCase()));
  return (c, next) => {
    setHeaders(c);
    const host = hostOf(c);
    const name = hostnameOf(host);
    // A name can be made to lead here, an address cannot.
    const isAddress = isExposed && isIpLiteral(name);
    if (!isLoopback(name) && !isAddress && !allowed.has(name) && !allowed.has(host.toLowerCase())) {
      throw new Problem(
        421,
        `Cannot answer for host ${quoted(host)}: it is not one of the daemon's names`,
      );
    }
    checkOrigin(c, (origin) => origin === host.toLowerCase() || allowed.has(origin));
    const { method } = c.req;
    if (method !== "GET" && method !== "HEAD") {
      checkLength(c.req);
      if (hasRoute(c)) checkType(c);
    }
    return next();
  };
}

/** Empty where nobody says for whom a request is: HTTP 1.0 allows it, and its address is none (RFC 9112, 3.2). */
function hostOf({ req }: Context): string {
  return req.header("host") ?? (URL.canParse(req.url) ? new URL(req.url).host : "");
}

function setHeaders(c: Context): void {
  c.header("x-content-type-options", "nosniff");
  c.header("content-security-policy", "default-src 'none'; frame-ancestors 'none'");
  c.header("referrer-policy", "no-referrer");
  c.header("cache-control", "no-store");
}

/** Nobody allows other origins to read (CORS), and here none may ask either: a stream of events is asked for by GET. */
function checkOrigin(c: Context, isOwn: (host: string) => boolean): void {
  const origin = c.req.header("origin");
  if (origin === undefined ? !isOtherSite(c) : isOwn(hostOfOrigin(origin))) return;
  const from = origin === undefined ? "another site" : `origin ${quoted(origin)}`;
  throw new Problem(403, `Cannot ${c.req.method} from ${from}: it is not the daemon's own`);
}

/** What browsers say where they name no origin: that a page of another site asks, unless somebody followed a link. */
function isOtherSite({ req }: Context): boolean {
  const site = req.header("sec-fetch-site");
  if (site !== "cross-site" && site !== "same-site") return false;
  return !(req.method === "GET" && req.header("sec-fetch-mode") === "navigate");
}

/** Whether anything beside what every request passes will get it: what reads nothing says why with a 404 or 405. */
function hasRoute(c: Context): boolean {
  return matchedRoutes(c).some(({ method, path }) => method !== "ALL" || path !== "/*");
}

function checkType({ req }: Context): void {
  // A DELETE has no body to describe, and no page can send it elsewhere without being asked first.
  if (req.method === "DELETE") return;
  const type = (req.header("content-type") ?? "").trim();
  if (JSON_TYPE.test(type)) return;
  throw new Problem(
    415,
    `Cannot read a body of type ${quoted(type)}: send content-type application/json`,
  );
}

/** Empty for what is no origin, such as `null`. */
function hostOfOrigin(origin: string): string {
  return URL.canParse(origin) ? new URL(origin).host : "";
}
