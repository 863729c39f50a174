import type { NewBlock } from "../domain/blocks.ts";
import { durationInWords } from "../domain/duration.ts";
import type { Generation } from "../domain/flow.ts";
import { openThread } from "./thread-link.ts";

const DEADLINE_MS = 10_000;

/**
 * Holds a value against the schema of a type that a config declares, in a fresh thread: the schema is user
 * code, and JSON Schema, which the main thread could judge by, does not say all of it. Answers what is
 * wrong, without the value, or undefined. Never rejects.
 */
export async function checkBlockValue(
  { configPath, sources }: Pick<Generation, "configPath" | "sources">,
  { type, value }: Pick<NewBlock, "type" | "value">,
): Promise<string | undefined> {
  const answer = Promise.withResolvers<string | undefined>();
  const unjudged = (why: string) => answer.resolve(`its type cannot be asked: ${why}`);
  const link = openThread(
    { mode: "block", configPath, sources, block: { type, value } },
    {
      message(message) {
        if (message.type === "block-checked") answer.resolve(message.problem);
        if (message.type === "unready")
          unjudged(message.problems.map((it) => it.message).join("; "));
      },
      // The error may hold the value.
      gone: ({ code }) => unjudged(`its thread ended with code ${code}`),
    },
  );
  const timer = setTimeout(
    () => unjudged(`there was no answer within ${durationInWords(DEADLINE_MS)}`),
    DEADLINE_MS,
  );
  const problem = await answer.promise;
  clearTimeout(timer);
  await link.terminate();
  return problem;
}
