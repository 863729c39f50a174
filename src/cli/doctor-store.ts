import { accessSync, constants, existsSync, statfsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { Settings } from "../../config/settings.ts";
import { fileOf, isServer } from "../store/store-place.ts";
import type { Context } from "./context.ts";
import { type Finding, ok, reasonOf, warn, wrong } from "./finding.ts";
import type { Session } from "./session.ts";
import { sizeInWords } from "./text.ts";

const MIB = 2 ** 20;
const FREE_LEAST = 64 * MIB;
const FREE_GOOD = 1_024 * MIB;
const WAL_MOST = 64 * MIB;

/** The store's file, its folder, the disk under it, and the key beside it. */
export async function examineStore(
  { context }: Session,
  { store: place }: Settings,
  hasEngine: boolean,
): Promise<readonly Finding[]> {
  const path = fileOf(place);
  const { findBlockKey } = await import("../store/block-key.ts");
  const key = findBlockKey({
    environment: context.env["TOCSIN_KEY"],
    credentialsDirectory: context.env["CREDENTIALS_DIRECTORY"],
    storePath: path,
  });
  // Without the engine every store would look damaged.
  const opened = !hasEngine
    ? []
    : [isServer(place) ? await server(place, context.env) : await file(path)];
  return [...opened, folder(path), ...disk(path), keyFinding(key)];
}

/** Whether the server answers, takes the token, and has a store of ours; and who works on it. */
async function server(place: string, env: Context["env"]): Promise<Finding> {
  const { lookAtServer } = await import("../store/look-at-server.ts");
  try {
    return ok("store", await lookAtServer(place, env));
  } catch (error) {
    return wrong("store", reasonOf(error), "see docs/remote-store.md");
  }
}

async function file(path: string): Promise<Finding> {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return ok("store", `${path} is not there yet: the first start makes it`);
  const [{ admitStoreFile }, { selfCommand }] = await Promise.all([
    import("../store/admit-file.ts"),
    import("../self-command.ts"),
  ]);
  try {
    admitStoreFile(path, selfCommand());
  } catch (error) {
    return wrong("store", reasonOf(error), "look closer: tocsin db check");
  }
  const wal = statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
  const shown = `${path}, ${sizeInWords(stat.size)}`;
  if (wal > WAL_MOST) {
    const why = `${sizeInWords(wal)} wait beside it to be brought into it`;
    return warn(
      "store",
      `${shown}: ${why}`,
      "somebody reads it for very long: look for who has it open",
    );
  }
  return ok("store", shown);
}

/** The nearest folder that is there: the ones below it are made at the first start. */
function folder(path: string): Finding {
  const nearest = nearestFolder(dirname(path));
  try {
    accessSync(nearest, constants.W_OK | constants.X_OK);
  } catch {
    return wrong(
      "folder",
      `${nearest} cannot be written by this user`,
      `chown it, or name another store`,
    );
  }
  if (nearest !== dirname(path)) return ok("folder", `${dirname(path)} will be made`);
  const loose = [nearest, path].filter((one) => isLoose(one));
  if (loose.length === 0) return ok("folder", `${nearest}, for its owner alone`);
  const why = "others than its owner may read what is in it";
  return warn("folder", `${loose.join(" and ")}: ${why}`, `chmod go= ${loose.join(" ")}`);
}

/** A folder that only its owner may enter protects what lies in it. */
function isLoose(path: string): boolean {
  const closed = (one: string) => (statSync(one).mode & 0o077) === 0;
  if (!existsSync(path) || closed(path)) return false;
  return !closed(dirname(path)) && (statSync(path).mode & 0o044) !== 0;
}

function nearestFolder(path: string): string {
  return existsSync(path) || path === dirname(path) ? path : nearestFolder(dirname(path));
}

function disk(path: string): readonly Finding[] {
  const { bavail, bsize } = statfsSync(nearestFolder(dirname(path)));
  const free = bavail * bsize;
  const shown = `${sizeInWords(free)} free`;
  if (free < FREE_LEAST)
    return [wrong("disk", shown, "make room: tocsin db prune --older-than 30d")];
  if (free < FREE_GOOD)
    return [warn("disk", shown, "make room soon: tocsin db prune --older-than 30d")];
  return [ok("disk", shown)];
}

function keyFinding(key: { place: string; isKey: boolean } | undefined): Finding {
  if (key === undefined) return ok("key", "there is none yet: the first block makes it");
  const { place, isKey } = key;
  if (!isKey) return wrong("key", `${place} holds no key`, "put the key back: 32 bytes in base64");
  if (place === "TOCSIN_KEY") return ok("key", "from TOCSIN_KEY");
  if ((statSync(place).mode & 0o077) === 0) return ok("key", place);
  return warn("key", `${place}: others than its owner may read it`, `chmod 600 ${place}`);
}
