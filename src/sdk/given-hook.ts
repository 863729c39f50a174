import type { Moment } from "../domain/flow.ts";

/** One thing that stands under a moment's option. Not checked yet: the config's reader says what is wrong. */
export interface GivenHook {
  readonly moment: Moment;
  /** Where it stands: `onFailure`, or `onFailure[1]` in a list. */
  readonly path: string;
  readonly value: unknown;
}
