import type { ApiDeps } from "./api-deps.ts";
import { Problem } from "./problems.ts";

/** What is to be kept must be kept now: whoever asks is told when that cannot be. */
export function requireWritable({ schedules }: Pick<ApiDeps, "schedules">): void {
  const why = schedules?.unavailable();
  if (why === undefined) return;
  throw new Problem(
    503,
    `Cannot do this at present: nothing can be saved: ${why}; ask again later`,
  );
}
