import { MOMENTS, type Moment, type TaskMoment } from "../domain/flow.ts";
import type { GivenHook } from "./given-hook.ts";
import type { ContextOf, Hook, HookFunction, Hooks } from "./hook.ts";

/** The options of a flow that say which hooks ring when. */
export type MomentOptions<M extends Moment = Moment> = {
  readonly [Name in M]?: Hooks<ContextOf<Name>>;
};
export type TaskMomentOptions = MomentOptions<TaskMoment>;

/** Methods that append hooks after the definition: `report.onFailure(notify)`. */
export type MomentMethods<Self, M extends Moment = Moment> = {
  [Name in M]: (...hooks: readonly (HookFunction<ContextOf<Name>> | Hook)[]) => Self;
};
export type TaskMomentMethods<Self> = MomentMethods<Self, TaskMoment>;

/** The hooks under the options, in the order in which they were given, moment by moment. */
export function hooksUnder(options: unknown): GivenHook[] {
  if (typeof options !== "object" || options === null) return [];
  return MOMENTS.flatMap((moment) => {
    const given: unknown = Reflect.get(options, moment);
    if (given === undefined) return [];
    if (!Array.isArray(given)) return [{ moment, path: moment, value: given }];
    return given.map((value, index) => ({ moment, path: `${moment}[${index}]`, value }));
  });
}

/** The methods for something that keeps its hooks in `given`. */
export function momentMethods<Self>(given: GivenHook[], self: () => Self): MomentMethods<Self> {
  const appending =
    (moment: Moment) =>
    (...hooks: readonly unknown[]) => {
      for (const value of hooks) {
        const count = given.filter((hook) => hook.moment === moment).length;
        given.push({ moment, path: `${moment}[${count}]`, value });
      }
      return self();
    };
  return {
    onRunning: appending("onRunning"),
    onCompletion: appending("onCompletion"),
    onFailure: appending("onFailure"),
    onCancellation: appending("onCancellation"),
    onCrashed: appending("onCrashed"),
    onRetry: appending("onRetry"),
    onAnyEnd: appending("onAnyEnd"),
    onRecovered: appending("onRecovered"),
    onRegressed: appending("onRegressed"),
    onSkipped: appending("onSkipped"),
    onMissed: appending("onMissed"),
    onLate: appending("onLate"),
    onRunningLong: appending("onRunningLong"),
  };
}
