import { readFileSync } from "node:fs";
import { userInfo } from "node:os";

/** Who runs the command; undefined for a number that has no name, or a strange one. */
export function userName(): string | undefined {
  try {
    const { username, uid } = userInfo();
    // Bun goes by $USER alone, and calls everybody "unknown" where it is not set.
    const name = username === "unknown" ? nameOf(uid) : username;
    return name !== undefined && /^[\w.@-]{1,64}$/.test(name) ? name : undefined;
  } catch {
    return undefined;
  }
}

/** passwd(5): `name:password:uid:…`, a line each. */
function nameOf(uid: number): string | undefined {
  const entries = readFileSync("/etc/passwd", "utf8").split("\n");
  return entries.map((line) => line.split(":")).find((entry) => entry[2] === String(uid))?.[0];
}
