import * as v from "valibot";
import type { FlowSpec, TagHooksSpec } from "../domain/flow.ts";
import { nearest } from "../domain/nearest.ts";
import type { Config } from "../sdk/config.ts";
import { described, isObject } from "./config-values.ts";
import type { Findings, Subject } from "./findings.ts";
import { tabledTagHooks, tagOwner } from "./hook-table.ts";
import { MOMENT_OPTIONS, readHooks } from "./read-hooks.ts";

interface TagReading {
  readonly flows: readonly FlowSpec[];
  readonly subject: Subject;
  readonly found: Findings;
}

/** Checks the hooks that the config gives to tags, and answers them as data. */
export function readTagHooks(
  { options }: Config,
  { flows, subject, found }: TagReading,
): readonly TagHooksSpec[] {
  const tags: unknown = options?.tags;
  if (tags === undefined) return [];
  if (!isObject(tags)) {
    const why = `tags is ${described(tags)}, expected an object such as { prod: { onFailure: [notify] } }`;
    found.add(subject, "tags", why);
    return [];
  }
  return tabledTagHooks(tags).map(({ tag, options: given, given: hooks }) => {
    const about: Subject = { ...subject, title: `tag "${tag}"`, path: `tags.${tag}` };
    found.read(about, v.object(MOMENT_OPTIONS), given);
    const carried = flows.flatMap((flow) => flow.tags);
    if (flows.length === options.flows.length && !carried.includes(tag)) {
      const guess = nearest(tag, carried);
      const hint = guess === undefined ? "" : `; did you mean "${guess}"?`;
      found.add(about, "", `no flow carries it, so its hooks can never ring${hint}`);
    }
    return { tag, hooks: readHooks(tagOwner(tag), hooks, { subject: about, found }) };
  });
}
