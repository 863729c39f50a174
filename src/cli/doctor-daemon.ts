import type { Settings } from "../../config/settings.ts";
import type { Readiness, StatusView } from "../http/api-deps.ts";
import type { Holder } from "../store/holder.ts";
import { VERSION } from "../version.ts";
import { type Finding, ok, warn, wrong } from "./finding.ts";
import { findListener } from "./listener.ts";
import type { Session, Way } from "./session.ts";

/** Who holds the store, who has the address, and whether the daemon can do its work. */
export async function examineDaemon(
  session: Session,
  settings: Settings,
): Promise<readonly Finding[]> {
  const { readHolder } = await import("../store/holder.ts");
  const { mayLive } = await import("./server-near.ts");
  const holder = readHolder(settings.store);
  const living = holder !== undefined && mayLive(holder) ? holder : undefined;
  const way = await wayTo(session, living);
  const readiness = await answerOf<Readiness>(way, "/readyz?verbose");
  const status = await answerOf<Pick<StatusView, "version">>(way, "/api/status");
  const held =
    living === undefined
      ? ok("holder", "nobody holds the store")
      : ok(
          "holder",
          `pid ${living.pid} on ${living.host} holds the store since ${living.startedAt}`,
        );
  return [
    held,
    ...address(settings, {
      pid: living?.pid,
      found: readiness === undefined ? undefined : way.server,
    }),
    ...standing(way, readiness, living?.pid),
    ...age(status?.version),
  ];
}

/** To the daemon that was named, or else to the one that holds this very store. */
async function wayTo(session: Session, holder: Holder | undefined): Promise<Way> {
  if (session.isServerGiven || holder?.url === undefined) return await session.way();
  const { connect } = await import("./connect.ts");
  const { url: server, token: ownToken } = holder;
  return { send: await connect({ ...session.globals, server, ownToken }), server };
}

function age(version: string | undefined): readonly Finding[] {
  if (version === undefined || version === VERSION) return [];
  const why = `the daemon is tocsin ${version}, and this program ${VERSION}`;
  return [warn("version", why, "restart the daemon to have it run what is installed")];
}

function address(
  { listen: { hostname, port } }: Settings,
  { pid, found }: { readonly pid: number | undefined; readonly found: string | undefined },
): readonly Finding[] {
  const shown = `${hostname}:${port}`;
  const listener = port === 0 ? undefined : findListener(port);
  if (listener === undefined) return [ok("address", `${shown} is free`)];
  if (listener.pid !== undefined && listener.pid === pid) {
    return [ok("address", `${shown}, where the daemon listens`)];
  }
  if (pid === undefined && found === `http://${shown}`) {
    const whose = "a daemon that works on another store";
    const todo = "to look at that store: tocsin doctor --store PATH; for a second daemon: --listen";
    return [warn("address", `${shown}, where ${whose} listens`, todo)];
  }
  const who =
    listener.pid === undefined ? "another program" : `pid ${listener.pid} (${listener.command})`;
  // Where a daemon already listens elsewhere, the usual address is of no matter.
  const todo = "stop it, or give another address with --listen";
  return [(pid === undefined ? wrong : warn)("address", `${shown} is in use by ${who}`, todo)];
}

function standing(
  { server }: Way,
  readiness: Readiness | undefined,
  pid: number | undefined,
): readonly Finding[] {
  if (readiness === undefined) {
    const none = `none answers at ${server}`;
    return pid === undefined
      ? [warn("daemon", none, "start it: tocsin serve")]
      : [wrong("daemon", `${none}, though pid ${pid} holds the store`, "look at its log")];
  }
  const troubled = readiness.checks.filter(({ state }) => state !== "ok");
  if (troubled.length === 0) return [ok("daemon", `ready, at ${server}`)];
  return troubled.map(({ name, state, message }) => {
    const told = `${name}: ${message}`;
    return (state === "failed" ? wrong : warn)("daemon", told, "see also: tocsin status");
  });
}

/** Undefined where nobody answers, or nobody who understands. */
async function answerOf<Answer>({ send, server }: Way, path: string): Promise<Answer | undefined> {
  try {
    const answer = await send(new Request(`${server}${path}`));
    return (await answer.json()) as Answer;
  } catch {
    return undefined;
  }
}
