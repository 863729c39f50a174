import type { ConfigProblem } from "../domain/flow.ts";

/** `flows.config.ts:12:3  flows[1].retries: expected a number`. */
export function problemLine({ at, path, message }: ConfigProblem): string {
  const where = path === "" ? message : `${path}: ${message}`;
  return at === undefined ? where : `${at}  ${where}`;
}
