import type { Clock } from "../domain/instant.ts";
import type { TokenEntry, TokenScope, Tokens } from "../domain/tokens.ts";
import { createFailedTries, type FailedTries } from "./failed-tries.ts";
import { createSessions, type Sessions } from "./sessions.ts";

/** Who may ask for what. */
export interface Access {
  readonly tokens: Tokens;
  readonly sessions: Sessions;
  readonly failed: FailedTries;
  /** Whether other machines reach the address that is listened on: then a token is needed, even if there is none. */
  readonly isExposed: boolean;
  /** What programs on this machine need once there are tokens. */
  readonly loopback: "token" | "open";
  /** Whether a text is what the daemon wrote beside its store, for commands of whoever may read that. */
  isOwn(text: string): boolean;
  /** Whether the page is reached over https, so that its cookie need never travel without. */
  readonly isSecure: boolean;
}

export type AccessOptions = Pick<Access, "tokens"> &
  Partial<Pick<Access, "isExposed" | "loopback" | "isOwn" | "isSecure">> & {
    readonly clock: Clock;
  };

export function createAccess({ clock, ...given }: AccessOptions): Access {
  return {
    isExposed: false,
    loopback: "token",
    isOwn: () => false,
    isSecure: false,
    ...given,
    sessions: createSessions(clock),
    failed: createFailedTries(clock),
  };
}

/** Somebody who asks, as far as that is known. */
export interface Caller {
  /** `token ci`, `page of token laptop`, `cli of root`, `loopback`. */
  readonly who: string;
  readonly scope: TokenScope;
}

/** What of a request tells who asks. */
export interface Credentials {
  readonly authorization: string | undefined;
  /** The session's id in the page's cookie. */
  readonly session: string | undefined;
  /** What a command says of its user; believed of those only who could be anybody. */
  readonly user: string | undefined;
  /** From a program on this machine, and not through a proxy. */
  readonly isLocal: boolean;
}

/** Answers who asks; `wrong` for a token that is none, `nobody` for none where one is needed. */
export function identify(access: Access, credentials: Credentials): Caller | "wrong" | "nobody" {
  const { authorization, session } = credentials;
  if (authorization !== undefined) return byToken(access, authorization, credentials);
  const token = session === undefined ? undefined : tokenOf(access, session);
  if (token !== undefined) return { who: `page of token ${token.name}`, scope: token.scope };
  return isOpenTo(access, credentials) ? open(credentials) : "nobody";
}

function byToken(access: Access, authorization: string, credentials: Credentials) {
  const [, text = ""] = BEARER.exec(authorization) ?? [];
  if (text === "") return "wrong";
  if (access.isOwn(text)) return { who: `cli${ofUser(credentials)}`, scope: "write" } as const;
  const token = access.tokens.find(text);
  return token === undefined ? "wrong" : { who: `token ${token.name}`, scope: token.scope };
}

/** RFC 6750, 2.1. */
const BEARER = /^Bearer +([\w.~+/-]{1,200}=*) *$/i;

function tokenOf({ sessions, tokens }: Access, id: string): TokenEntry | undefined {
  const session = sessions.find(id);
  if (session === undefined) return undefined;
  return tokens
    .list()
    .find(({ name, createdAt }) => name === session.name && createdAt === session.createdAt);
}

function isOpenTo(access: Access, { isLocal }: Credentials): boolean {
  if (access.loopback === "open" && isLocal) return true;
  return !access.isExposed && !access.tokens.any();
}

function open(credentials: Credentials): Caller {
  return { who: `loopback${ofUser(credentials)}`, scope: "write" };
}

const USER = /^[\w.@\\-]{1,64}$/;

function ofUser({ user }: Credentials): string {
  return user !== undefined && USER.test(user) ? ` of ${user}` : "";
}
