import type { Outside } from "../sdk/outside-notes.ts";
import { currentScope } from "../sdk/scope.ts";
import { STATUS_WORDS } from "./status-words.ts";

type Fetch = (input: FetchInput, init?: RequestInit) => Promise<Response>;
type FetchInput = string | URL | Request;

const HIDDEN = "‹redacted›";
/** Fields of JSON whose values are secrets, whatever they are. */
const HIDDEN_FIELDS =
  /("[^"]{0,40}(?:token|secret|password|passwd|routing_?key|api_?key)[^"]{0,40}"\s*:\s*")(?:[^"\\]|\\.)*"/gi;
const HIDDEN_HEADERS = /auth|cookie|token|secret|key|signature|password/i;

/**
 * Has every request that a hook makes by the global `fetch` noted with its attempt: method and origin, never
 * what may be secret. Where the hook is only tried, the request is answered `{}` and not made. `orElse` is
 * asked for code that belongs to no hook. To be called before user code is imported.
 */
export function noteFetches(orElse: () => Outside | undefined = () => undefined): void {
  const real: Fetch = globalThis.fetch;
  const noting: Fetch = (input, init) => {
    const around = currentScope()?.outside ?? orElse();
    if (around === undefined) return real(input, init);
    return around.dry ? triedFetch(around, input, init) : notedFetch(real, around, [input, init]);
  };
  const preconnect: unknown = Reflect.get(real, "preconnect");
  if (typeof preconnect === "function") {
    Reflect.set(noting, "preconnect", (...args: readonly unknown[]) => {
      const around = currentScope()?.outside ?? orElse();
      if (around?.dry !== true) Reflect.apply(preconnect, real, args);
    });
  }
  Reflect.set(globalThis, "fetch", noting);
}

async function notedFetch(
  real: Fetch,
  around: Outside,
  asked: readonly [FetchInput, RequestInit | undefined],
): Promise<Response> {
  const answered = around.begin({ request: requestLine(...asked) });
  try {
    const response = await real(...asked);
    answered(answerLine(response));
    return response;
  } catch (error) {
    answered(failureWord(error));
    throw error;
  }
}

/** `POST https://hooks.slack.com`. Path, query and user are left out: they may be the secret itself. */
function requestLine(input: FetchInput, init: RequestInit | undefined): string {
  const given = init?.method ?? (input instanceof Request ? input.method : "GET");
  const method = String(given).toUpperCase().slice(0, 20);
  const url = input instanceof Request ? input.url : String(input);
  if (!URL.canParse(url)) return `${method} of what is no address`;
  const { origin, protocol } = new URL(url);
  return `${method} ${origin === "null" ? protocol : origin}`;
}

/** `200 OK, 12 bytes`. The receiver's own words are not taken: they may repeat what it was sent. */
function answerLine({ status, headers }: Response): string {
  const words = STATUS_WORDS[status] ?? "";
  const length = headers.get("content-length") ?? "";
  const bytes = /^\d{1,15}$/.test(length) ? `, ${length} ${length === "1" ? "byte" : "bytes"}` : "";
  return `${status} ${words}`.trim() + bytes;
}

/** `TypeError (ECONNREFUSED)`. Messages may hold the address. */
function failureWord(error: unknown): string {
  if (!(error instanceof Error)) return "failed";
  const code: unknown = Reflect.get(Object(error.cause ?? error), "code");
  return typeof code === "string" && /^\w{1,40}$/.test(code)
    ? `${error.name} (${code})`
    : error.name;
}

async function triedFetch(
  around: Outside,
  input: FetchInput,
  init: RequestInit | undefined,
): Promise<Response> {
  const request = new Request(input, init);
  request.signal.throwIfAborted();
  const body = await bodyOf(request);
  around.begin({ request: requestLine(request, undefined), detail: detailOf(request, body) });
  return new Response("{}", { status: 200, headers: { "content-type": "application/json" } });
}

async function bodyOf(request: Request): Promise<string> {
  const bytes = await request.arrayBuffer();
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return `(${bytes.byteLength} bytes)`;
  }
}

function detailOf({ headers }: Request, body: string): string {
  const lines = [...headers].map(
    ([name, value]) => `${name}: ${HIDDEN_HEADERS.test(name) ? HIDDEN : value}`,
  );
  const shown = body.replace(HIDDEN_FIELDS, `$1${HIDDEN}"`);
  return [...lines, ...(body === "" ? [] : ["", shown])].join("\n");
}
