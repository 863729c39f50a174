import { existsSync } from "node:fs";
import { basename } from "node:path";
import { durationInWords } from "../domain/duration.ts";
import type { ConfigProblem, Manifest } from "../domain/flow.ts";
import type { MessageFromThread } from "./messages-from-thread.ts";
import { type Gone, openThread } from "./thread-link.ts";

export type ConfigAnswer =
  | { readonly type: "accepted"; readonly manifest: Manifest }
  | { readonly type: "refused"; readonly problems: readonly ConfigProblem[] };

/**
 * Reads a config in a fresh thread and answers it as data, or everything that is wrong with it. Never
 * rejects; a config that does not come to an end is stopped at the deadline.
 */
export async function readConfig(
  configPath: string,
  { deadlineMs = 10_000 }: { readonly deadlineMs?: number } = {},
): Promise<ConfigAnswer> {
  if (!existsSync(configPath))
    return refused(`Cannot read config "${configPath}": there is no such file`);
  const name = basename(configPath);
  const answer = Promise.withResolvers<ConfigAnswer>();
  const link = openThread(
    { mode: "config", configPath },
    {
      message: (message) => take(message, answer.resolve),
      gone: (gone) => answer.resolve(refused(`Cannot import "${name}": ${whyGone(gone)}`)),
    },
  );
  const timer = setTimeout(() => {
    const why = `it did not come to an end within ${durationInWords(deadlineMs)}; look for a loop or an await at its top level`;
    answer.resolve(refused(`Cannot import "${name}": ${why}`));
  }, deadlineMs);
  const found = await answer.promise;
  clearTimeout(timer);
  await link.terminate();
  return found;
}

function take(message: MessageFromThread, resolve: (answer: ConfigAnswer) => void): void {
  if (message.type === "manifest") resolve({ type: "accepted", manifest: message.manifest });
  if (message.type === "unready") resolve({ type: "refused", problems: message.problems });
}

function refused(message: string): ConfigAnswer {
  return { type: "refused", problems: [{ path: "", message }] };
}

function whyGone({ code, error }: Gone): string {
  return error === undefined ? `its thread ended with code ${code}` : error.message;
}
