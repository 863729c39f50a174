import { HookRejection } from "../../src/sdk/mod.ts";

export interface Post {
  /** Who is told, for errors: "Slack". */
  readonly receiver: string;
  /** Kept out of every error: it may be a secret. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON text. */
  readonly body: string;
  readonly signal: AbortSignal;
}

const EXCERPT_MAX = 300;
/** No receiver may put a delivery off for longer than the longest wait of the standard ladder. */
const RETRY_AFTER_MAX_MS = 86_400_000;

/** Posts once. Rejects unless the answer is 2xx: a redirect is a failure too, for it would lose the body. */
export async function post(message: Post): Promise<void> {
  const { receiver, url, headers, body, signal } = message;
  if (URL.parse(url)?.protocol.match(/^https?:$/) == null) {
    throw new HookRejection(`Cannot post to ${receiver}: the address is not an http or https URL`);
  }
  const answer = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", "user-agent": "tocsin", ...headers },
    body,
    redirect: "manual",
    signal,
  }).catch((error: unknown) => unreachable(message, error));
  if (!answer.ok) throw await rejection(message, answer);
  await answer.body?.cancel();
}

/** The error of `fetch` is not kept as the cause: in some runtimes it holds the URL. */
function unreachable({ receiver, url, signal }: Post, error: unknown): never {
  if (signal.aborted) throw new HookRejection(`Cannot post to ${receiver}: it took too long`);
  const why = withoutSecret(error instanceof Error ? error.message : String(error), url);
  throw new HookRejection(`Cannot reach ${receiver} at "${new URL(url).host}": ${why}`);
}

async function rejection(message: Post, answer: Response): Promise<HookRejection> {
  const excerpt = withoutSecret(await startOf(answer), message.url);
  const retryAfterMs = retryAfter(answer);
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
      if (text.length > EXCERPT_MAX) break;
    }
  } catch {
    // The status is the news; a body that breaks off adds nothing.
  }
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > EXCERPT_MAX ? `${line.slice(0, EXCERPT_MAX)}…` : line;
}

function withoutSecret(text: string, url: string): string {
  const { href, pathname, search } = new URL(url);
  const secrets = [url, href, pathname + search, pathname].filter((part) => part.length > 1);
  return secrets.reduce((kept, secret) => kept.replaceAll(secret, "…"), text);
}

/** RFC 9110, 10.2.3: seconds, or a date. */
function retryAfter({ status, headers }: Response): number | undefined {
  const value = headers.get("retry-after")?.trim() ?? "";
  if ((status !== 429 && status !== 503) || value === "") return undefined;
  const ms = /^\d+$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), RETRY_AFTER_MAX_MS);
}
