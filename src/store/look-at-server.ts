import { findOurs } from "./remote-admission.ts";
import { openRemote } from "./remote-client.ts";
import { findServerToken } from "./server-token.ts";

/** Looks at a server's store without taking it; answers how it stands, in words. Rejects with what a start would. */
export async function lookAtServer(
  place: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  const remote = await openRemote({ url: place, token: findServerToken(place, env) });
  try {
    const head = await findOurs(remote);
    if (head === undefined) return `${place} is empty: the first start makes a store`;
    const { pid = "?", host = "?" } = head.holder ?? {};
    return head.leaseMs > 0
      ? `${place}, held by pid ${pid} on ${host}`
      : `${place}, held by nobody`;
  } finally {
    remote.close();
  }
}
