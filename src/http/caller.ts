import type { Context } from "hono";
import type { Caller, Credentials } from "./access.ts";
import { isLoopback } from "./loopback.ts";

const SESSION_COOKIE = "tocsin_session";
const CALLERS = new WeakMap<Request, Caller>();

/** Notes who asks. */
export function setCaller(c: Context, caller: Caller): void {
  CALLERS.set(c.req.raw, caller);
}

/** Who asks, in words for records and logs: `token ci`, `loopback`. */
export function whoAsks(c: Context): string {
  return CALLERS.get(c.req.raw)?.who ?? "somebody";
}

/** What of a request tells who asks. */
export function credentialsOf(c: Context): Credentials {
  return {
    authorization: c.req.header("authorization"),
    session: sessionIn(c.req.header("cookie")),
    user: c.req.header("tocsin-user"),
    isLocal: isLoopback(peerOf(c)) && !PROXY_HEADERS.some((name) => c.req.header(name)),
  };
}

/** A proxy on this machine comes over loopback too; those who ask through it are somewhere else. */
const PROXY_HEADERS = ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via"];

/** The address that the request came from; empty where it came over no socket. */
export function peerOf({ env }: Context): string {
  const peer = (env as { readonly peer?: unknown } | undefined)?.peer;
  return typeof peer === "string" ? peer.replace(/^::ffff:/i, "") : "";
}

/** The session's id in a `Cookie` header. */
export function sessionIn(header: string | undefined): string | undefined {
  const pairs = (header ?? "").split(";").map((pair) => pair.trim());
  const found = pairs.find((pair) => pair.startsWith(`${SESSION_COOKIE}=`));
  return found?.slice(SESSION_COOKIE.length + 1);
}

/** A `Set-Cookie` header: no script sees it, and no other site's page sends it. */
export function cookieText(
  id: string,
  { seconds, isSecure }: { readonly seconds: number; readonly isSecure: boolean },
): string {
  const secure = isSecure ? "; Secure" : "";
  return `${SESSION_COOKIE}=${id}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Strict${secure}`;
}
