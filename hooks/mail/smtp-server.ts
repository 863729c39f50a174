import { v } from "../../src/sdk/mod.ts";

/** A mail server, and who logs in there. */
export interface SmtpServer {
  readonly host: string;
  /** By default 465 for `direct`, 587 with a user, 25 without. */
  readonly port?: number;
  readonly user?: string;
  readonly password?: string;
  /**
   * `direct`: from the first byte; `required`: by STARTTLS, or no mail is sent; `offered`: by STARTTLS where the
   * server offers it; `off`. By default `required` with a user, so that no password is sent in the open, and
   * `offered` without.
   */
  readonly tls?: SmtpTls;
  /** The certificate, as PEM, of an authority of your own; the system's are trusted by default. */
  readonly ca?: string;
}

export type SmtpTls = "direct" | "required" | "offered" | "off";

const Tls = v.picklist(["direct", "required", "offered", "off"]);
const Port = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535));
const Server = v.strictObject({
  host: v.pipe(v.string(), v.nonEmpty()),
  port: v.optional(Port),
  user: v.optional(v.string()),
  password: v.optional(v.string()),
  tls: v.optional(Tls),
  ca: v.optional(v.string()),
});

const EXPECTED =
  "expected smtp://user:password@host:587, smtps://…, or { host, port?, user?, password?, tls?, ca? }";

/** Reads a server given as an address or as an object; what is wrong is said without any of its values. */
export function readServer(given: unknown, what: string): SmtpServer & { readonly tls: SmtpTls } {
  const fields = typeof given === "string" ? fieldsOf(given) : given;
  const parsed = v.safeParse(Server, fields);
  if (!parsed.success) {
    const wrong = parsed.issues.map(({ path }) => String(path?.[0]?.key ?? "")).filter(Boolean);
    const where = fields === undefined || wrong.length === 0 ? "" : ` (${wrong.join(", ")})`;
    throw new TypeError(`Cannot use ${what} as a mail server: ${EXPECTED}${where}`);
  }
  const { tls, ...server } = withoutAbsent(parsed.output);
  return { ...server, tls: tls ?? (server.user === undefined ? "offered" : "required") };
}

/** The port that is used where none is given: RFC 8314 for 465, RFC 6409 for 587. */
export function portOf({ port, tls, user }: SmtpServer): number {
  if (port !== undefined) return port;
  if (tls === "direct") return 465;
  return user === undefined ? 25 : 587;
}

function fieldsOf(address: string): object | undefined {
  const url = URL.parse(address);
  const isMail = url?.protocol === "smtp:" || url?.protocol === "smtps:";
  if (url === null || !isMail || url.hostname === "") return undefined;
  const tls = url.protocol === "smtps:" ? "direct" : url.searchParams.get("tls");
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    ...(url.port === "" ? {} : { port: Number(url.port) }),
    ...(url.username === "" ? {} : { user: decoded(url.username) }),
    ...(url.password === "" ? {} : { password: decoded(url.password) }),
    ...(tls === null ? {} : { tls }),
  };
}

/** A lone % is a % to people who did not escape it. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

type Present<Fields> = { [Key in keyof Fields]: Exclude<Fields[Key], undefined> };

/** The schema's optional fields without those that are undefined. */
function withoutAbsent<Fields extends object>(fields: Fields): Present<Fields> {
  const present = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present) as Present<Fields>;
}
