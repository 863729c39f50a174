import { HookRejection } from "../../src/sdk/mod.ts";
import { withoutSecrets } from "./without-secrets.ts";

export interface Post {
  /** Who is told, for errors: "Slack". */
  readonly receiver: string;
  /** Kept out of every error: it may be a secret. */
  readonly url: string;
  readonly method?: "GET" | "POST" | "PUT" | "PATCH";
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON text, unless a header says otherwise. */
  readonly body?: string;
  readonly signal: AbortSignal;
  /** Other texts to be kept out of every error, such as a token in a header. */
  readonly secrets?: readonly string[];
  /** Finds in the JSON or the headers of a refusal how many seconds to wait, where a receiver says it there. */
  readonly secondsToWait?: (answer: unknown, headers: Headers) => number | undefined;
}

const EXCERPT_MAX = 300;
const READ_MAX = 4_096;
/** No receiver may put a delivery off for longer than the longest wait of the standard ladder. */
const RETRY_AFTER_MAX_MS = 86_400_000;

/** Posts once. Rejects unless the answer is 2xx: a redirect is a failure too, for it would lose the body. */
export async function post(message: Post): Promise<void> {
  const answer = await answerTo(message);
  await answer.body?.cancel();
}

/** As `post`, for an answer that is to be read. */
export async function answerTo(message: Post): Promise<Response> {
  const { receiver, url, method = "POST", headers, body, signal } = message;
  if (URL.parse(url)?.protocol.match(/^https?:$/) == null) {
    throw new HookRejection(`Cannot post to ${receiver}: the address is not an http or https URL`);
  }
  const answer = await fetch(url, {
    method,
    headers: { "content-type": "application/json", "user-agent": "tocsin", ...headers },
    ...(body === undefined ? {} : { body }),
    redirect: "manual",
    signal,
  }).catch((error: unknown) => unreachable(message, error));
  if (!answer.ok) throw await rejection(message, answer);
  return answer;
}

/** The error of `fetch` is not kept as the cause: in some runtimes it holds the URL. */
function unreachable(message: Post, error: unknown): never {
  const { receiver, url, signal } = message;
  if (signal.aborted) throw new HookRejection(`Cannot post to ${receiver}: it took too long`);
  const why = withoutSecrets(whyOf(error), message);
  throw new HookRejection(`Cannot reach ${receiver} at "${new URL(url).host}": ${why}`);
}

/** Bun asks its reader whether the computer can access the URL: the code says it shorter. */
function whyOf(error: unknown): string {
  const code: unknown = error instanceof Error ? Reflect.get(error, "code") : undefined;
  if (code === "ConnectionRefused" || code === "ECONNREFUSED") return "it refuses connections";
  return error instanceof Error ? error.message : String(error);
}

async function rejection(message: Post, answer: Response): Promise<HookRejection> {
  const text = await startOf(answer);
  const line = withoutSecrets(text, message).replace(/\s+/g, " ").trim();
  const excerpt = line.length > EXCERPT_MAX ? `${line.slice(0, EXCERPT_MAX)}…` : line;
  const retryAfterMs = retryAfter(answer, message.secondsToWait?.(jsonIn(text), answer.headers));
  const said = excerpt === "" ? "" : `: ${excerpt}`;
  return new HookRejection(
    `Cannot post to ${message.receiver}: it answered ${answer.status}${said}`,
    retryAfterMs === undefined ? {} : { retryAfterMs },
  );
}

/** The first characters of a body that may be endless. */
async function startOf(answer: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  try {
    for await (const chunk of answer.body ?? []) {
      text += decoder.decode(chunk, { stream: true });
      if (text.length > READ_MAX) break;
    }
  } catch {
    // The status is the news; a body that breaks off adds nothing.
  }
  return text;
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The longer of what the header and the body say. RFC 9110, 10.2.3: the header has seconds, or a date. */
function retryAfter({ status, headers }: Response, seconds?: number): number | undefined {
  if (![403, 429, 503].includes(status)) return undefined;
  const value = headers.get("retry-after")?.trim() ?? "";
  const ofHeader = /^\d+$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - Date.now();
  const waits = [ofHeader, (seconds ?? Number.NaN) * 1_000].filter((ms) => !Number.isNaN(ms));
  return waits.length === 0
    ? undefined
    : Math.ceil(Math.min(Math.max(0, ...waits), RETRY_AFTER_MAX_MS));
}
