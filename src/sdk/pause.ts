import type { Json } from "../domain/json.ts";
import type { PauseOptions } from "./pause-options.ts";
import { currentScope } from "./scope.ts";
import type { StandardSchema } from "./standard-schema.ts";

type InputOf<Schema> = Schema extends StandardSchema<infer Output> ? Output : Json;

/**
 * Lets the run wait for a person. The attempt ends here and gives its place back; once the run is resumed its
 * body is executed again from the start, and the same call answers what the person gave. Tasks with `persist`
 * are not executed again. It ends the attempt by throwing: do not catch that (a run that asked still pauses).
 */
export async function pause<Schema extends StandardSchema | undefined = undefined>(
  options: PauseOptions<Schema> = {},
): Promise<InputOf<Schema>> {
  const scope = currentScope();
  if (scope?.pause === undefined) {
    throw new Error("Cannot pause: this code is not called from a run");
  }
  // The thread answers what the schema made of the input: the types cannot say it across the scope.
  return (await scope.pause(options)) as InputOf<Schema>;
}
