import type { Client, InValue } from "@libsql/client/http";
import type { Bound, Written } from "./recording.ts";

/** A request that takes longer counts as one whose answer was lost. */
const ANSWER_MS_MAX = 10_000;

/**
 * Why a server did not do what it was asked: it did not answer, or not for now (`away`); it does not take the
 * token (`denied`); it said no to the statements (`refused`), or to how large they are (`too-large`).
 */
export type RemoteFailureKind = "away" | "denied" | "refused" | "too-large";

export class RemoteFailure extends Error {
  readonly kind: RemoteFailureKind;
  /** `REMOTE_AWAY` for what passes when its cause does. */
  readonly code: string;

  constructor(kind: RemoteFailureKind, message: string, code: string) {
    super(message);
    this.name = "RemoteFailure";
    this.kind = kind;
    this.code = kind === "refused" || kind === "too-large" ? code : "REMOTE_AWAY";
  }
}

/** A libSQL server, spoken to over HTTP. Each call rejects with a RemoteFailure only. */
export interface Remote {
  readonly url: string;
  /** One statement that only reads. */
  all<Row>(sql: string, parameters?: readonly Bound[]): Promise<readonly Row[]>;
  /** All of it in one transaction, or nothing; rejected, it may have been done all the same. */
  batch(statements: readonly Written[]): Promise<void>;
  close(): void;
}

export interface RemoteOptions {
  readonly url: string;
  readonly token: string | undefined;
  /** How long a request may take. */
  readonly answerMs?: number;
}

/** Nothing is sent yet. The client is imported here: a start on a file does without it. */
export async function openRemote({ url, token, answerMs }: RemoteOptions): Promise<Remote> {
  const { createClient } = await import("@libsql/client/http");
  const ms = answerMs ?? ANSWER_MS_MAX;
  const client = createClient({
    url,
    intMode: "number",
    fetch: (request: Request) => fetch(request, { signal: AbortSignal.timeout(ms) }),
    ...(token === undefined ? {} : { authToken: token }),
  });
  return remoteOver(client, url, token);
}

function remoteOver(client: Client, url: string, token: string | undefined): Remote {
  const attempt = async <Answer>(action: () => Promise<Answer>): Promise<Answer> => {
    try {
      return await action();
    } catch (error) {
      throw failureOf(error, url, token);
    }
  };
  return {
    url,
    all: <Row>(sql: string, parameters: readonly Bound[] = []) =>
      attempt(async () => {
        const { rows } = await client.execute({ sql, args: parameters.map(sent) });
        return rows.map((row) => ({ ...row })) as Row[];
      }),
    batch: (statements) =>
      attempt(async () => {
        const batch = statements.map(({ sql, parameters }) => ({
          sql,
          args: parameters.map(sent),
        }));
        await client.batch(batch, "write");
      }),
    close: () => client.close(),
  };
}

/** The client sends numbers as floating point, where 5 in a text becomes "5.0". */
function sent(value: Bound): InValue {
  return Number.isSafeInteger(value) ? BigInt(Number(value)) : value;
}

function failureOf(error: unknown, url: string, token: string | undefined): RemoteFailure {
  const told = textOf(error);
  const why = token === undefined ? told : told.replaceAll(token, "…");
  const { code, status } = detailsOf(error);
  if (status === 401 || status === 403 || /^(?:AUTH|SQL_AUTH)/.test(code)) {
    const message = `${url} does not take the token (${why}); give another in TOCSIN_STORE_TOKEN`;
    return new RemoteFailure("denied", message, code);
  }
  if (status === 413 || /TOOBIG|TOO_LARGE/.test(code)) {
    return new RemoteFailure("too-large", `${url} finds it too large (${why})`, code);
  }
  if (status === 404) {
    return new RemoteFailure("refused", `${url} has no database there (${why})`, "NO_DATABASE");
  }
  if (/^SQLITE_(?:CONSTRAINT|ERROR|MISMATCH|NOTADB|CORRUPT|AUTH)|^SQL_/.test(code)) {
    return new RemoteFailure("refused", `${url} refuses it (${why})`, code);
  }
  return new RemoteFailure("away", `${url} does not answer as it should (${why})`, code);
}

/** Without the code that the client puts before what the server said. */
function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}

/** What the client's errors have beside their text; those of `fetch` have nothing of it. */
function detailsOf(error: unknown): { readonly code: string; readonly status?: number } {
  if (!(error instanceof Error)) return { code: "" };
  const code = "code" in error ? String(error.code) : "";
  const { cause } = error;
  const status = cause instanceof Error && "status" in cause ? Number(cause.status) : undefined;
  return { code, ...(status === undefined ? {} : { status }) };
}
