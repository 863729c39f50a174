import { userInfo } from "node:os";

/** Who runs the command; undefined for a number that has no name, or a strange one. */
export function userName(): string | undefined {
  try {
    const { username } = userInfo();
    return /^[\w.@-]{1,64}$/.test(username) ? username : undefined;
  } catch {
    return undefined;
  }
}
