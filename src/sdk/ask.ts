import type { Json } from "../domain/json.ts";
import type { ThreadRequest } from "../domain/thread-request.ts";
import { currentScope } from "./scope.ts";

/** Asks the daemon for the run or hook that this code is called from. `what` finishes "Cannot …". */
export async function ask(what: string, request: ThreadRequest): Promise<Json> {
  const scope = currentScope();
  if (scope === undefined) {
    throw new Error(`Cannot ${what}: this code is called neither from a run nor from a hook`);
  }
  return await scope.request(checked(what, request));
}

/** What travels to the daemon must be JSON: said here, where it still has a stack. */
function checked(what: string, request: ThreadRequest): ThreadRequest {
  try {
    JSON.stringify(request);
    return request;
  } catch (cause) {
    throw new Error(`Cannot ${what}: it was given what JSON cannot hold`, { cause });
  }
}
