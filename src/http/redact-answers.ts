import type { Context, MiddlewareHandler } from "hono";
import { type Redactor, redactData } from "../domain/redaction.ts";

/**
 * Takes secrets out of every answer, by value: out of the texts in JSON and events, where words of the API
 * stay as they are. The page itself holds no data. A block's value is answered as it is where it is answered at all.
 */
export function redactAnswers(redactor: Redactor | undefined): MiddlewareHandler {
  return async (c, next) => {
    await next();
    if (redactor === undefined || redactor.isIdle() || isBlock(c) || c.res.body === null) return;
    c.res = await redacted(c.res, redactor);
  };
}

async function redacted(answer: Response, redactor: Redactor): Promise<Response> {
  const type = answer.headers.get("content-type") ?? "";
  if (/^application\/(?:[\w.-]+\+)?json/i.test(type)) return await redactJson(answer, redactor);
  return /^text\/plain/i.test(type) ? await redactText(answer, redactor) : answer;
}

function isBlock(c: Context): boolean {
  return c.req.method === "GET" && /^\/api\/blocks\/[^/]+\/[^/]+\/?$/.test(c.req.path);
}

async function redactJson(answer: Response, redactor: Redactor): Promise<Response> {
  return answerWith(redactJsonText(await answer.text(), redactor), answer);
}

/** A JSON document without secrets: its own words and its shape stay. */
export function redactJsonText(text: string, redactor: Redactor): string {
  if (redactor.redact(text) === text) return text;
  try {
    return JSON.stringify(redactData(redactor, JSON.parse(text) as unknown));
  } catch {
    return redactor.redact(text);
  }
}

async function redactText(answer: Response, redactor: Redactor): Promise<Response> {
  return answerWith(redactor.redact(await answer.text()), answer);
}

function answerWith(body: string, { headers, status }: Response): Response {
  headers.delete("content-length");
  return new Response(body, { status, headers });
}
