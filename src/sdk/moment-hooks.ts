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
  const hooks: GivenHook[] = [];
  if (typeof options !== "object" || options === null) return hooks;
  for (const moment of MOMENTS) {
    const given: unknown = Reflect.get(options, moment);
    if (given === undefined) continue;
    if (!Array.isArray(given)) hooks.push({ moment, path: moment, value: given });
    else hooks.push(...given.map((value, index) => givenAt(moment, index, value)));
  }
  return hooks;
}

function givenAt(moment: Moment, index: number, value: unknown): GivenHook {
  return { moment, path: `${moment}[${index}]`, value };
}

/** What keeps its hooks at hand, for the methods that append to them. */
interface HookKeeper {
  readonly [KEPT]: GivenHook[];
}

const KEPT = Symbol("hooks");

/** Gives a function the methods that append hooks to `hooks`. One set of methods serves all: a config may have thousands. */
export function withMomentMethods<Self, Made extends (...args: never[]) => unknown>(
  made: Made,
  hooks: GivenHook[],
): Made & MomentMethods<Self> {
  const kept: HookKeeper = Object.assign(made, { [KEPT]: hooks });
  // What the prototype adds, the types cannot see.
  return Object.setPrototypeOf(kept, APPENDING) as Made & MomentMethods<Self>;
}

const APPENDING: object = Object.create(
  Function.prototype,
  Object.fromEntries(MOMENTS.map((moment) => [moment, { value: appending(moment) }])),
);

function appending(moment: Moment) {
  return function append<Self extends HookKeeper>(this: Self, ...values: readonly unknown[]): Self {
    const hooks = this[KEPT];
    const count = hooks.filter((hook) => hook.moment === moment).length;
    hooks.push(...values.map((value, index) => givenAt(moment, count + index, value)));
    return this;
  };
}
