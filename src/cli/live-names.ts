import type { Session } from "./session.ts";

/** What the daemon knows by name. */
export type Kind = "flow" | "run" | "hook" | "block" | "backfill";
export type Names = ReadonlyMap<Kind, readonly string[]>;

/** A person waits with the finger on the key. */
const WAIT_MS = 200;

/** Under what an argument or option goes by, if its values are names of the daemon's. */
const KINDS: Readonly<Record<string, Kind>> = {
  flow: "flow",
  flows: "flow",
  run: "run",
  hook: "hook",
  "type/name": "block",
  backfill: "backfill",
};
const PATHS: Readonly<Record<Kind, string>> = {
  flow: "/api/flows",
  run: "/api/runs?limit=100",
  hook: "/api/hooks",
  block: "/api/blocks",
  backfill: "/api/backfills",
};

export function kindOf(name: string): Kind | undefined {
  return KINDS[name];
}

/** The names of these kinds, as far as the daemon answers at once; none where it does not. */
export async function listNames(session: Session, kinds: readonly Kind[]): Promise<Names> {
  const late = new Promise<Names>((give) => setTimeout(() => give(new Map()), WAIT_MS));
  return await Promise.race([ask(session, kinds).catch(() => new Map()), late]);
}

async function ask(session: Session, kinds: readonly Kind[]): Promise<Names> {
  if (kinds.length === 0) return new Map();
  const { send, server } = await session.way();
  const lists = await Promise.all(
    kinds.map(async (kind) => {
      const answer = await send(new Request(`${server}${PATHS[kind]}`));
      return [kind, namesIn(kind, await answer.json())] as const;
    }),
  );
  return new Map(lists);
}

interface Named {
  readonly id?: unknown;
  readonly type?: unknown;
  readonly name?: unknown;
}

function namesIn(kind: Kind, answer: unknown): readonly string[] {
  const { items } = answer as { readonly items?: readonly Named[] };
  return (items ?? [])
    .map(({ id, type, name }) => {
      if (kind === "backfill") return id;
      return kind === "block" ? `${type}/${name}` : name;
    })
    .filter((name) => typeof name === "string");
}
