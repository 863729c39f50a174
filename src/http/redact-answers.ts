import type { Context, MiddlewareHandler } from "hono";
import { type Redactor, redactData } from "../domain/redaction.ts";

/**
 * Takes secrets out of every answer, by value: out of the texts in JSON and events, where words of the API
 * stay as they are, and out of pages. A block's value is answered as it is where it is answered at all.
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
  if (/^text\/event-stream/i.test(type)) return redactEvents(answer, redactor);
  if (/^application\/(?:[\w.-]+\+)?json/i.test(type)) return await redactJson(answer, redactor);
  return /^text\/(?:html|plain)/i.test(type) ? await redactText(answer, redactor) : answer;
}

function isBlock(c: Context): boolean {
  return c.req.method === "GET" && /^\/api\/blocks\/[^/]+\/[^/]+\/?$/.test(c.req.path);
}

async function redactJson(answer: Response, redactor: Redactor): Promise<Response> {
  const text = await answer.text();
  const shown = redactor.redact(text) === text ? text : redactDocument(text, redactor);
  return answerWith(shown, answer);
}

function redactDocument(text: string, redactor: Redactor): string {
  try {
    return JSON.stringify(redactData(redactor, JSON.parse(text) as unknown));
  } catch {
    return redactor.redact(text);
  }
}

async function redactText(answer: Response, redactor: Redactor): Promise<Response> {
  return answerWith(redactor.redact(await answer.text()), answer);
}

function redactEvents(answer: Response, redactor: Redactor): Response {
  let rest = "";
  const lines = new TransformStream<string, string>({
    transform(chunk, controller) {
      const whole = (rest + chunk).split("\n");
      rest = whole.pop() ?? "";
      if (whole.length === 0) return;
      controller.enqueue(whole.map((line) => `${redactLine(line, redactor)}\n`).join(""));
    },
    flush(controller) {
      if (rest !== "") controller.enqueue(redactLine(rest, redactor));
    },
  });
  const body = answer.body
    ?.pipeThrough(new TextDecoderStream())
    .pipeThrough(lines)
    .pipeThrough(new TextEncoderStream());
  return answerWith(body ?? null, answer);
}

function redactLine(line: string, redactor: Redactor): string {
  if (redactor.redact(line) === line) return line;
  return line.startsWith("data:")
    ? `data: ${redactDocument(line.slice("data:".length), redactor)}`
    : redactor.redact(line);
}

function answerWith(body: string | ReadableStream | null, { headers, status }: Response): Response {
  headers.delete("content-length");
  return new Response(body, { status, headers });
}
