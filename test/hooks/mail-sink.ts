import { readFileSync } from "node:fs";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";

/** Valid for localhost and 127.0.0.1, and trusted by nobody: made for these tests alone. */
export const CERTIFICATE = readFileSync("test/fixtures/tls/cert.pem", "utf8");
const KEY = readFileSync("test/fixtures/tls/key.pem", "utf8");

export interface Letter {
  readonly from: string;
  readonly recipients: readonly string[];
  /** Headers and text, as they were sent. */
  readonly source: string;
  readonly secure: boolean;
  readonly user: string | undefined;
}

export interface MailSink extends AsyncDisposable {
  readonly port: number;
  readonly letters: readonly Letter[];
}

export const USER = "bell";
export const PASSWORD = "p@ss/word 1";

/** What to answer a recipient, a sender or a message with: an SMTP code and a text, or nothing to take it. */
export interface Refusals {
  readonly recipient?: (address: string) => readonly [code: number, text: string] | undefined;
  readonly message?: readonly [code: number, text: string];
}

/** A real SMTP server of the test's own; with `secure` it speaks TLS from the first byte, else STARTTLS. */
export async function aMailSink(
  options: SMTPServerOptions = {},
  { recipient, message }: Refusals = {},
): Promise<MailSink> {
  const letters: Letter[] = [];
  const server = new SMTPServer({
    key: KEY,
    cert: CERTIFICATE,
    authOptional: true,
    onAuth({ username, password, method }, _, done) {
      const fits = username === USER && password === PASSWORD;
      if (fits) done(null, { user: username });
      else done(refusal([535, `5.7.8 ${method} of ${username} with ${password} is wrong`]));
    },
    onRcptTo({ address }, _, done) {
      const refused = recipient?.(address);
      done(refused === undefined ? null : refusal(refused));
    },
    onData(stream, { envelope, secure, user }, done) {
      let source = "";
      stream.on("data", (chunk: Buffer) => {
        source += chunk.toString("utf8");
      });
      stream.on("end", () => {
        if (message !== undefined) return done(refusal(message));
        const { mailFrom, rcptTo } = envelope;
        letters.push({
          from: mailFrom === false ? "" : mailFrom.address,
          recipients: rcptTo.map(({ address }) => address),
          source,
          secure,
          user: typeof user === "string" ? user : undefined,
        });
        done(null, "2.0.0 kept as 4711");
      });
    },
    ...options,
  });
  // A client that goes away in the middle is part of some tests.
  server.on("error", () => {});
  const listening = server.listen(0, "127.0.0.1");
  await new Promise((resolve) => listening.once("listening", resolve));
  const address = listening.address();
  if (address === null || typeof address === "string") throw new Error("the sink has no port");
  return {
    port: address.port,
    letters,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(resolve)),
  };
}

function refusal([responseCode, text]: readonly [number, string]): Error {
  return Object.assign(new Error(text), { responseCode });
}
