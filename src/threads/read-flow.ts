import * as v from "valibot";
import { byteSize } from "../domain/byte-size.ts";
import { type FlowSpec, isDecisionMoment } from "../domain/flow.ts";
import type { FlowName } from "../domain/ids.ts";
import { OVERLAP_POLICIES } from "../domain/overlap.ts";
import type { Flow } from "../sdk/flow.ts";
import { isStandardSchema } from "../sdk/standard-schema.ts";
import { aFunction, duration, name, read, text, texts, wholeNumber } from "./config-values.ts";
import type { Findings, Subject } from "./findings.ts";
import { siteText } from "./import-problems.ts";
import { jsonSchemaOf } from "./json-schema.ts";
import { MOMENT_OPTIONS, readHooks } from "./read-hooks.ts";
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

const HOURS_24_MS = 86_400_000;
/** Where the flow gives no grace: at a timeout, and when it is cancelled. */
const GRACE_MS = 5_000;
const CANCEL_GRACE_MS = 30_000;
const LATE_AFTER_MS = 15_000;
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
  lateAfter: v.optional(duration(), LATE_AFTER_MS),
  expectWithin: v.optional(duration()),
  concurrency: v.optional(wholeNumber(1, 10_000)),
  priority: v.optional(wholeNumber(-1_000, 1_000), 0),
  isolation: v.optional(
    v.picklist(["thread", "process"], 'one of "thread" and "process"'),
    "thread",
  ),
  memoryLimit: v.optional(read(byteSize, 'a size such as "512MB", or a number of bytes')),
  overlap: v.optional(
    v.picklist(
      OVERLAP_POLICIES,
      'one of "skip", "queue-one", "queue-all", "cancel-running", "allow"',
    ),
    "skip",
  ),
  maxQueued: v.optional(wholeNumber(1, 10_000), 100),
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
  checkMoments(flow, { schedules, expectWithin: values.expectWithin }, { subject, found });
  return {
    name: values.name as FlowName,
    description: values.description,
    tags: values.tags,
    schedules,
    retry: { retries, delay: retryDelay },
    retryCrashed: values.retryCrashed,
    graceMs: values.grace ?? GRACE_MS,
    cancelGraceMs: values.grace ?? CANCEL_GRACE_MS,
    lateAfterMs: values.lateAfter,
    overlap: values.overlap,
    maxQueued: values.maxQueued,
    isolation,
    priority: values.priority,
    ...given("timeoutMs", timeout),
    ...given("expectWithinMs", values.expectWithin),
    ...given("memoryLimitBytes", memoryLimit),
    ...given("concurrency", values.concurrency),
    missed: { policy: missed.policy, windowMs: missed.window, max: missed.max },
    hooks,
    ...parametersSchema(flow),
    ...(flow.definedAt === undefined ? {} : { definedAt: siteText(flow.definedAt, configPath) }),
  };
}

/** A field that is left out where the config left it out. */
function given<Key extends keyof FlowSpec>(key: Key, value: FlowSpec[Key] | undefined) {
  return value === undefined ? {} : { [key]: value };
}

function parametersSchema({ options }: Flow): Pick<FlowSpec, "parametersSchema"> {
  const { parameters } = options;
  const schema = parameters === undefined ? undefined : jsonSchemaOf(parameters);
  return schema === undefined ? {} : { parametersSchema: schema };
}

/** What some moments need of a flow. */
interface MomentNeeds {
  readonly schedules: readonly unknown[];
  readonly expectWithin: number | undefined;
}

/** Refuses hooks under moments that the flow never has. */
function checkMoments(
  { hooks }: Flow,
  { schedules, expectWithin }: MomentNeeds,
  { subject, found }: { readonly subject: Subject; readonly found: Findings },
): void {
  for (const { moment, path } of hooks) {
    if (moment === "onRunningLong" && expectWithin === undefined) {
      found.add(subject, path, `${path} can never ring: the flow has no expectWithin`);
    }
    const ofDueTimes = moment === "onLate" || isDecisionMoment(moment);
    if (ofDueTimes && schedules.length === 0) {
      found.add(subject, path, `${path} can never ring: the flow has no schedule`);
    }
  }
}
