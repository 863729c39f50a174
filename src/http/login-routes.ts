import type { Context, Hono } from "hono";
import * as v from "valibot";
import type { Log } from "../log.ts";
import type { Access } from "./access.ts";
import { cookieText, sessionIn, setCaller } from "./caller.ts";
import { wrongToken } from "./gate.ts";
import { NoBody, readBody } from "./read-body.ts";
import { SESSION_SECONDS } from "./sessions.ts";

export const LoginBody = v.strictObject({
  token: v.pipe(v.string(), v.maxLength(500, "expected at most 500 characters")),
});

interface LoginDeps {
  readonly access: Access;
  readonly log?: Log;
}

/** `POST /api/login`: a token for a cookie, so that the page need not keep it; `POST /api/logout` ends that. */
export function addLoginRoutes(app: Hono, deps: LoginDeps): void {
  app.post("/api/login", (c) => answerLogin(c, deps));
  app.post("/api/logout", async (c) => {
    await readBody(c.req, NoBody);
    const { sessions, isSecure } = deps.access;
    const id = sessionIn(c.req.header("cookie"));
    if (id !== undefined) sessions.end(id);
    c.header("set-cookie", cookieText("", { seconds: 0, isSecure }));
    return c.body(null, 204);
  });
}

async function answerLogin(c: Context, { access, log }: LoginDeps): Promise<Response> {
  const { tokens, sessions, isSecure } = access;
  const body = await readBody(c.req, LoginBody);
  const token = tokens.find(body.token.trim());
  if (token === undefined) throw wrongToken(c, access, log);
  setCaller(c, { who: `page of token ${token.name}`, scope: token.scope });
  c.header("set-cookie", cookieText(sessions.begin(token), { seconds: SESSION_SECONDS, isSecure }));
  return c.body(null, 204);
}
