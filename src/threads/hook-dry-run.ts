import type { Json } from "../domain/json.ts";
import type { ThreadRequest } from "../domain/thread-request.ts";
import type { Outside } from "../sdk/outside-notes.ts";
import { holdPrograms } from "./hook-dry-programs.ts";
import { answerTried } from "./hook-dry-requests.ts";
import { holdSockets } from "./hook-dry-sockets.ts";

/*
 * A thread in which a hook is only tried: what it does outside is noted and not performed. Everything that
 * can be patched in a thread is, before user code is imported; docs/hooks.md says what cannot.
 */

type Request = (request: ThreadRequest) => Promise<Json>;

export interface DryRun {
  /** Where to note what is done; undefined while the config is imported, which acts as it always does. */
  readonly outside: () => Outside | undefined;
  /** The hook begins: from now on nothing is performed. Answers what its requests go through. */
  begin(outside: Outside, request: Request): Request;
}

/** Prepares this thread. To be called once, before user code is imported. */
export function createDryRun(): DryRun {
  let around: Outside | undefined;
  const outside = () => around;
  holdPrograms(outside);
  holdSockets(outside);
  return {
    outside,
    begin(begun, request) {
      around = begun;
      return (asked) => answerTried(asked, begun) ?? request(asked);
    },
  };
}
