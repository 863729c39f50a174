import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import type { Holder } from "../store/holder.ts";
import type { Context } from "./context.ts";

/**
 * The daemon that works on the store of this place: it wrote beside it where it listens, and what lets in
 * whoever may read that. The store is found as a daemon started here would find it, except that the config is
 * not read.
 */
export async function findServerNear(env: Context["env"]): Promise<Holder | undefined> {
  const [{ resolveStorePlace }, { readHolder }] = await Promise.all([
    import("../../config/settings.ts"),
    import("../store/holder.ts"),
  ]);
  const settings = resolveStorePlace({ flags: {}, env, config: {} });
  const holder = settings.ok ? readHolder(settings.settings.store) : undefined;
  return holder !== undefined && mayLive(holder) ? holder : undefined;
}

/** Whether the holder is not known to be dead: who is killed leaves its address behind. */
export function mayLive({ pid, host }: Holder): boolean {
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** Dead, but nobody has asked how it ended: as it is in a container without an init (proc(5)). */
function isZombie(pid: number): boolean {
  try {
    return /\) Z /.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return false;
  }
}
