import * as v from "valibot";
import type { ScheduleSpec } from "../domain/flow.ts";
import type { ScheduleKey } from "../domain/ids.ts";
import type { Instant } from "../domain/instant.ts";
import { readTiming } from "../schedule/read-timing.ts";
import type { Flow } from "../sdk/flow.ts";
import { described, duration, isObject, jsonObject, name, read, truth } from "./config-values.ts";
import type { Findings, Subject } from "./findings.ts";

const SCHEDULE_OPTIONS = v.object({
  key: v.optional(name()),
  parameters: v.optional(jsonObject(), {}),
  jitter: v.optional(duration(), 0),
  paused: v.optional(truth(), false),
  until: v.optional(
    read(readInstant, 'an ISO 8601 instant with Z or an offset, such as "2027-01-01T00:00:00Z"'),
  ),
  // These say when, and are checked where timing is read.
  cron: v.optional(v.unknown()),
  timezone: v.optional(v.unknown()),
  dst: v.optional(v.unknown()),
  every: v.optional(v.unknown()),
  anchor: v.optional(v.unknown()),
  at: v.optional(v.unknown()),
  onStart: v.optional(v.unknown()),
});

interface Listed {
  readonly path: string;
  readonly schedule: unknown;
}

/** Checks the schedules of a flow and answers them as data. */
export function readSchedules(
  { name: flow, options }: Flow,
  subject: Subject,
  found: Findings,
): readonly ScheduleSpec[] {
  const seen = new Set<string>();
  return listed(options, subject, found).flatMap(({ path, schedule }, index) => {
    const spec = readSchedule({ path, schedule }, { subject, found, key: `${flow}#${index + 1}` });
    if (spec === undefined) return [];
    if (seen.has(spec.key)) {
      found.add(
        subject,
        path,
        `${path} has the key "${spec.key}", which another schedule has already`,
      );
    }
    seen.add(spec.key);
    return [spec];
  });
}

function listed(options: unknown, subject: Subject, found: Findings): readonly Listed[] {
  if (!isObject(options)) return [];
  const { schedule, schedules } = options;
  if (schedule !== undefined && schedules !== undefined) {
    found.add(subject, "schedules", "it has both schedule and schedules; give one of them");
  }
  if (schedule !== undefined) return [{ path: "schedule", schedule }];
  if (schedules === undefined) return [];
  if (Array.isArray(schedules)) {
    return schedules.map((one, index) => ({ path: `schedules[${index}]`, schedule: one }));
  }
  found.add(subject, "schedules", `schedules is ${described(schedules)}, expected a list`);
  return [];
}

interface Reading {
  readonly subject: Subject;
  readonly found: Findings;
  readonly key: string;
}

function readSchedule(
  { path, schedule }: Listed,
  { subject, found, key }: Reading,
): ScheduleSpec | undefined {
  const answer = readTiming(schedule);
  if (!answer.ok) {
    const within = answer.field === undefined ? path : `${path}.${answer.field}`;
    const why = answer.message.charAt(0).toLowerCase() + answer.message.slice(1);
    found.add(subject, within, `${path}: ${why}`);
  }
  if (!isObject(schedule)) return undefined;
  const within = { ...subject, path: `${subject.path}.${path}` };
  const values = found.read(within, SCHEDULE_OPTIONS, schedule);
  if (!answer.ok || values === undefined) return undefined;
  return {
    key: (values.key ?? key) as ScheduleKey,
    timing: answer.timing,
    parameters: values.parameters,
    paused: values.paused,
    jitterMs: values.jitter,
    ...(values.until === undefined ? {} : { until: values.until }),
  };
}

function readInstant(value: unknown): Instant | undefined {
  const answer = readTiming({ at: [value] });
  return answer.ok && answer.timing.kind === "at" ? answer.timing.at[0] : undefined;
}
