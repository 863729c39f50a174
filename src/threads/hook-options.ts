import * as v from "valibot";
import { STANDARD_LADDER_MS } from "../domain/delivery.ts";
import type { DedupePolicy, HookModuleSpec, HookSpec, Moment } from "../domain/flow.ts";
import type { FlowName, HookKey } from "../domain/ids.ts";
import type { HookFunction } from "../sdk/hook.ts";
import {
  duration,
  isFunction,
  isObject,
  moments,
  name,
  oneOrMoreTexts,
  wholeNumber,
} from "./config-values.ts";

const TIMEOUT_MS = 30_000;
/** The first further attempt comes at once; then the waits of the standard. */
const RETRY_MS: readonly number[] = [0, ...STANDARD_LADDER_MS];

/** The options of `hook()`. */
export const HOOK_OPTIONS = v.object({
  name: v.optional(name()),
  on: v.optional(moments()),
  flows: v.optional(oneOrMoreTexts()),
  tags: v.optional(oneOrMoreTexts()),
  timeout: v.optional(duration(), TIMEOUT_MS),
  retry: v.optional(v.array(duration(), 'a list of durations such as ["5s", "5m"]')),
  holdFor: v.optional(duration()),
  dedupe: v.optional(
    v.pipe(
      v.unknown(),
      v.transform((value) => (isObject(value) ? value : { within: value })),
      v.strictObject(
        {
          within: duration(),
          by: v.optional(
            v.picklist(["flow", "run", "message"], 'one of "flow", "run", "message"'),
            "flow",
          ),
        },
        'a duration, or an object such as { within: "1h", by: "message" }',
      ),
    ),
  ),
  rateLimit: v.optional(
    v.strictObject(
      {
        max: wholeNumber(1, 1_000),
        per: duration(),
        excess: v.optional(v.picklist(["wait", "drop"], 'one of "wait", "drop"'), "wait"),
      },
      'an object such as { max: 10, per: "1m", excess: "drop" }',
    ),
  ),
  run: v.custom<HookFunction<never>>(isFunction, "a function"),
});
export type HookValues = v.InferOutput<typeof HOOK_OPTIONS>;

/** A hook as data. */
export function hookSpec(key: HookKey, moments: readonly Moment[], values: HookValues): HookSpec {
  const { rateLimit } = values;
  return {
    key,
    name: values.name ?? (values.run.name || "anonymous"),
    moments,
    timeoutMs: values.timeout,
    retryMs: values.retry ?? RETRY_MS,
    ...(values.holdFor === undefined ? {} : { holdForMs: values.holdFor }),
    ...(values.dedupe === undefined ? {} : { dedupe: dedupeOf(values.dedupe) }),
    ...(rateLimit === undefined
      ? {}
      : { rateLimit: { max: rateLimit.max, perMs: rateLimit.per, excess: rateLimit.excess } }),
  };
}

function dedupeOf({ within, by }: NonNullable<HookValues["dedupe"]>): DedupePolicy {
  return { withinMs: within, by };
}

/** A hook module as data. */
export function hookModuleSpec(key: HookKey, module: string, values: HookValues): HookModuleSpec {
  return {
    ...hookSpec(key, values.on ?? [], { ...values, name: values.name ?? module }),
    module,
    ...(values.flows === undefined ? {} : { flows: values.flows as FlowName[] }),
    ...(values.tags === undefined ? {} : { tags: values.tags }),
  };
}
