import type { Session } from "./session.ts";

/** Says that the store itself is used, and why. A daemon that cannot be asked may still be at work on it. */
export async function noteNoDaemon({ printer }: Session, path: string): Promise<void> {
  const [{ readHolder }, { mayLive }] = await Promise.all([
    import("../store/holder.ts"),
    import("./server-near.ts"),
  ]);
  const holder = readHolder(path);
  const uses = `uses the store "${path}" itself`;
  if (holder === undefined || holder.pid === process.pid || !mayLive(holder)) {
    return printer.note(printer.safe(`No daemon runs here: ${uses}`));
  }
  const where = holder.url === undefined ? "" : ` at ${holder.url}`;
  const who = `The daemon that holds it (pid ${holder.pid} on ${holder.host})`;
  printer.note(printer.safe(`${who} does not answer${where}: ${uses}`));
}
