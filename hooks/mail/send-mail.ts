import { HookRejection } from "../../src/sdk/mod.ts";
import { portOf, type SmtpServer } from "./smtp-server.ts";

export interface Mail {
  /** Without angle brackets. */
  readonly id: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly cc: readonly string[];
  readonly bcc: readonly string[];
  /** Those of `to`, `cc` and `bcc` that it is to be sent to now, as bare addresses. */
  readonly recipients: readonly string[];
  readonly replyTo?: string;
  readonly subject: string;
  readonly text: string;
}

export interface Sent {
  /** What the server answered last. */
  readonly response: string;
  readonly accepted: readonly string[];
  readonly refused: readonly Refusal[];
}

export interface Refusal {
  readonly address: string;
  readonly why: string;
  /** Whether the server says that it may take it later. */
  readonly temporary: boolean;
}

/** Shorter than the time of an attempt, so that the error says what was waited for. */
const CONNECT_MS = 10_000;
const SILENCE_MS = 20_000;
/** A server that says "not now" (4yz) wants no second attempt at once; RFC 5321, 4.5.4.1. */
const TEMPORARY_WAIT_MS = 60_000;

/** Sends a mail in one SMTP conversation. Rejects where no recipient was accepted, without any secret. */
export async function sendMail(mail: Mail, server: SmtpServer, signal: AbortSignal): Promise<Sent> {
  // Only here: whoever sends no mail does not pay for it.
  const { createTransport } = await import("nodemailer");
  const transport = createTransport(settingsOf(server));
  try {
    const sent = await transport.sendMail({
      messageId: `<${mail.id}>`,
      from: mail.from,
      to: [...mail.to],
      cc: [...mail.cc],
      ...(mail.replyTo === undefined ? {} : { replyTo: mail.replyTo }),
      envelope: { from: mail.from, to: [...mail.recipients] },
      subject: mail.subject,
      text: mail.text,
      // RFC 3834: so that nobody's absence notice answers it.
      headers: { "Auto-Submitted": "auto-generated" },
      disableFileAccess: true,
      disableUrlAccess: true,
      signal,
    });
    return {
      response: withoutPassword(sent.response, server),
      accepted: sent.accepted.map(addressIn),
      refused: refusalsIn(sent.rejectedErrors ?? [], server),
    };
  } catch (error) {
    throw failure(error, server, signal);
  } finally {
    transport.close();
  }
}

function settingsOf(server: SmtpServer) {
  const { host, tls, user, password, ca } = server;
  return {
    host,
    port: portOf(server),
    secure: tls === "direct",
    requireTLS: tls === "required",
    ignoreTLS: tls === "off",
    ...(user === undefined ? {} : { auth: { user, pass: password ?? "" } }),
    ...(ca === undefined ? {} : { tls: { ca } }),
    connectionTimeout: CONNECT_MS,
    greetingTimeout: CONNECT_MS,
    socketTimeout: SILENCE_MS,
    dnsTimeout: CONNECT_MS,
  };
}

/** What nodemailer says beside a message; see "Error reference" of its documentation. */
interface MailError {
  readonly message: string;
  readonly code?: string | undefined;
  readonly recipient?: string | undefined;
  readonly response?: string | undefined;
  readonly responseCode?: number | undefined;
  readonly rejectedErrors?: readonly MailError[] | undefined;
}

/** The error is not kept as the cause: it may hold what was sent. */
function failure(thrown: unknown, server: SmtpServer, signal: AbortSignal): HookRejection {
  const at = `"${server.host}:${portOf(server)}"`;
  if (signal.aborted) return new HookRejection(`Cannot send mail by ${at}: it took too long`);
  const error: MailError = thrown instanceof Error ? thrown : { message: String(thrown) };
  const refused = refusalsIn(error.rejectedErrors ?? [], server);
  if (refused.length > 0) return refusedBy(at, refused);
  const why = withoutPassword(error.response ?? error.message, server);
  const what = error.code === "EAUTH" ? "log in to" : "send mail by";
  return new HookRejection(`Cannot ${what} ${at}: ${why}`, waitIf(isTemporary(error)));
}

/** Says who is not reached and why: `it refused a@example.org (550 no such user)`. */
export function refusedBy(
  at: string,
  refused: readonly Refusal[],
  accepted: readonly string[] = [],
): HookRejection {
  const who = refused.map(({ address, why }) => `${address} (${why})`).join(", ");
  const others = accepted.length === 0 ? "" : `; the others have it (${accepted.join(", ")})`;
  return new HookRejection(
    `Cannot send mail by ${at}${accepted.length === 0 ? "" : " to all"}: it refused ${who}${others}`,
    waitIf(refused.some(({ temporary }) => temporary)),
  );
}

function refusalsIn(errors: readonly MailError[], server: SmtpServer): readonly Refusal[] {
  return errors.map((error) => ({
    address: error.recipient ?? "somebody",
    why: withoutPassword(error.response ?? error.message, server),
    temporary: isTemporary(error),
  }));
}

function isTemporary({ responseCode = 0 }: MailError): boolean {
  return responseCode >= 400 && responseCode < 500;
}

function waitIf(temporary: boolean): { readonly retryAfterMs?: number } {
  return temporary ? { retryAfterMs: TEMPORARY_WAIT_MS } : {};
}

function addressIn(accepted: string | { readonly address: string }): string {
  return typeof accepted === "string" ? accepted : accepted.address;
}

/** A server may repeat what it was sent, as it is or as AUTH PLAIN and AUTH LOGIN put it. */
function withoutPassword(text: string, { user = "", password = "" }: SmtpServer): string {
  if (password === "") return text;
  const sent = [`\0${user}\0${password}`, password].map((secret) =>
    new TextEncoder().encode(secret).toBase64(),
  );
  return [...sent, password].reduce((kept, secret) => kept.replaceAll(secret, "…"), text);
}
