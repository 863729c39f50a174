import type { Duration } from "../domain/duration.ts";
import type { StandardSchema } from "./standard-schema.ts";

export interface PauseOptions<
  Schema extends StandardSchema | undefined = StandardSchema | undefined,
> {
  /** Why the run waits, for the person who is to resume it. */
  readonly message?: string;
  /** The run fails if nobody resumes it before this is over. No limit by default. */
  readonly timeout?: Duration;
  /** What the person gives on resuming is validated by it. */
  readonly schema?: Schema;
}
