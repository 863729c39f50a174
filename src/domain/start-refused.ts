import type { ConfigProblem } from "./flow.ts";

/** The daemon does not start, for a reason that the person who started it can mend. */
export class StartRefused extends Error {
  /** 6 for a config that is not valid, 1 for everything else. */
  readonly exitCode: 1 | 6;
  readonly problems: readonly ConfigProblem[];

  constructor(message: string, exitCode: 1 | 6, problems: readonly ConfigProblem[] = []) {
    super(message);
    this.name = "StartRefused";
    this.exitCode = exitCode;
    this.problems = problems;
  }
}
