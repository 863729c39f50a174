import * as v from "valibot";
import { byteSize } from "../domain/byte-size.ts";
import { type FlowSpec, type HookSpec, MOMENTS } from "../domain/flow.ts";
import type { FlowName } from "../domain/ids.ts";
import { OVERLAP_POLICIES } from "../domain/overlap.ts";
import type { Flow } from "../sdk/flow.ts";
import type { GivenHook } from "../sdk/given-hook.ts";
import { isStandardSchema } from "../sdk/standard-schema.ts";
import {
  aFunction,
  described,
  duration,
  name,
  read,
  text,
  texts,
  wholeNumber,
} from "./config-values.ts";
import type { Findings, Subject } from "./findings.ts";
import { faultOfHook, HOOK_OPTIONS, hookSpec, tabledHooks } from "./hook-table.ts";
import { siteText } from "./import-problems.ts";
import { jsonSchemaOf } from "./json-schema.ts";
import { readSchedules } from "./read-schedules.ts";
import { readRetryDelay } from "./retry-option.ts";

export const RETRY_OPTIONS = {
  retries: v.optional(wholeNumber(0, 1_000), 0),
  retryDelay: v.optional(
    read(
      readRetryDelay,
      'a duration such as "30s", a list of durations, or { initial, factor, max, jitter }',
    ),
    0,
  ),
  timeout: v.optional(duration()),
};

/** Hooks are read on their own: they may also be appended after the definition. */
export const MOMENT_OPTIONS = Object.fromEntries(
  MOMENTS.map((moment) => [moment, v.optional(v.unknown())]),
);

const HOURS_24_MS = 86_400_000;
/** Where the flow gives no grace: at a timeout, and when it is cancelled. */
const GRACE_MS = 5_000;
const CANCEL_GRACE_MS = 30_000;
const MISSED = {
  policy: v.optional(
    v.picklist(["latest", "skip", "all"], 'one of "latest", "skip", "all"'),
    "latest",
  ),
  window: v.optional(duration(), HOURS_24_MS),
  max: v.optional(wholeNumber(1, 10_000), 100),
};

const FLOW_OPTIONS = v.object({
  name: name(),
  description: v.optional(text(), ""),
  tags: v.optional(texts(), []),
  schedule: v.optional(v.unknown()),
  schedules: v.optional(v.unknown()),
  parameters: v.optional(
    v.custom(isStandardSchema, "a Standard Schema such as v.object({ day: v.string() })"),
  ),
  ...RETRY_OPTIONS,
  retryCrashed: v.optional(wholeNumber(0, 1_000), 0),
  retryOn: v.optional(aFunction()),
  grace: v.optional(duration()),
  concurrency: v.optional(wholeNumber(1, 10_000)),
  priority: v.optional(wholeNumber(-1_000, 1_000), 0),
  isolation: v.optional(
    v.picklist(["thread", "process"], 'one of "thread" and "process"'),
    "thread",
  ),
  memoryLimit: v.optional(read(byteSize, 'a size such as "512MB", or a number of bytes')),
  overlap: v.optional(
    v.picklist(OVERLAP_POLICIES, 'one of "skip" and "allow"; the other policies are not there yet'),
    "skip",
  ),
  missed: v.optional(
    v.strictObject(MISSED, 'an object such as { policy: "latest", window: "24h", max: 100 }'),
    {},
  ),
  run: aFunction(),
  ...MOMENT_OPTIONS,
});

interface Reading {
  readonly found: Findings;
  readonly configPath: string;
}

/** Checks a flow and answers it as data; undefined when something is wrong, which is noted. */
export function readFlow(flow: Flow, path: string, reading: Reading): FlowSpec | undefined {
  const { found, configPath } = reading;
  const title = typeof flow.name === "string" ? `flow "${flow.name}"` : path;
  const subject: Subject = { title, path, site: flow.definedAt };
  const values = found.read(subject, FLOW_OPTIONS, flow.options);
  const schedules = readSchedules(flow, subject, found);
  const hooks = readHooks(`flow:${flow.name}`, flow.hooks, { subject, found });
  if (values === undefined) return undefined;
  const { retries, retryDelay, timeout, missed, isolation, memoryLimit } = values;
  if (memoryLimit !== undefined && isolation !== "process") {
    const why = 'memoryLimit needs isolation: "process"; a thread shares the memory of the daemon';
    found.add(subject, "memoryLimit", why);
  }
  return {
    name: values.name as FlowName,
    description: values.description,
    tags: values.tags,
    schedules,
    retry: { retries, delay: retryDelay },
    retryCrashed: values.retryCrashed,
    ...(timeout === undefined ? {} : { timeoutMs: timeout }),
    graceMs: values.grace ?? GRACE_MS,
    cancelGraceMs: values.grace ?? CANCEL_GRACE_MS,
    overlap: values.overlap,
    isolation,
    ...(memoryLimit === undefined ? {} : { memoryLimitBytes: memoryLimit }),
    priority: values.priority,
    ...(values.concurrency === undefined ? {} : { concurrency: values.concurrency }),
    missed: { policy: missed.policy, windowMs: missed.window, max: missed.max },
    hooks,
    ...parametersSchema(flow),
    ...(flow.definedAt === undefined ? {} : { definedAt: siteText(flow.definedAt, configPath) }),
  };
}

function parametersSchema({ options }: Flow): Pick<FlowSpec, "parametersSchema"> {
  const { parameters } = options;
  const schema = parameters === undefined ? undefined : jsonSchemaOf(parameters);
  return schema === undefined ? {} : { parametersSchema: schema };
}

/** Checks the hooks of a flow or task and answers them as data. */
export function readHooks(
  owner: string,
  given: readonly GivenHook[],
  { subject, found }: { readonly subject: Subject; readonly found: Findings },
): readonly HookSpec[] {
  for (const hook of given) {
    const fault = faultOfHook(hook);
    if (fault !== undefined) found.add(subject, hook.path, fault);
  }
  return tabledHooks(owner, given).flatMap(({ key, name, run, given: hook, options }) => {
    const within: Subject = { ...subject, path: `${subject.path}.${hook.path}` };
    const values = found.read(within, HOOK_OPTIONS, options ?? { run });
    if (values === undefined) return [];
    const { on, flows, tags } = values;
    if (on !== undefined && !on.includes(hook.moment)) {
      const why = `${hook.path} is a hook for ${on.join(", ")} only, so here it can never ring`;
      found.add(subject, hook.path, why);
    }
    if (flows !== undefined || tags !== undefined) {
      const why = `${hook.path} has a filter (${described(flows ?? tags)}), which is for hook modules; leave it out`;
      found.add(subject, hook.path, why);
    }
    return [hookSpec(key, [hook.moment], { ...values, name })];
  });
}
