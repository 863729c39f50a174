import type { Generation } from "./domain/flow.ts";
import { systemRandom } from "./domain/ids.ts";
import type { Clock } from "./domain/instant.ts";
import type { TrialAnswer, TrialRequest } from "./domain/trial.ts";
import { tryHook } from "./engine/try-hook.ts";
import { historyOf } from "./store/history-of.ts";
import { findNewestDecision } from "./store/newest-decision.ts";
import type { Store } from "./store/open-store.ts";
import type { AnswerRequest } from "./threads/pool-state.ts";
import { createTrier } from "./threads/try-ringing.ts";

export interface TrialParts {
  readonly clock: Clock;
  readonly newest: () => Generation;
  readonly answerRequest: AnswerRequest;
  readonly publicUrl: () => string;
  /** Undefined where there is none yet: then no run has happened. */
  readonly store: Pick<Store, "reader"> | undefined;
}

/** What performs hooks for people who try them. Nothing is recorded. */
export function hookTrials(parts: TrialParts): (request: TrialRequest) => Promise<TrialAnswer> {
  const { clock, newest, publicUrl, store } = parts;
  const history = store && {
    ...historyOf(store.reader),
    newestDecision: (kind: "skipped" | "missed", flows: readonly string[]) =>
      findNewestDecision(store.reader, kind, flows),
  };
  const deps = { clock, history, publicUrl, random: systemRandom, generation: newest };
  const tryIn = createTrier(parts);
  return (request) => tryHook(request, { ...deps, tryIn });
}
