import * as v from "valibot";
import type { JsonObject } from "../domain/json.ts";
import { OVERLAP_POLICIES } from "../domain/overlap.ts";
import type { TriggerRequest } from "../engine/commands.ts";
import { Problem } from "./problems.ts";
import { instantOf } from "./query-fields.ts";

const BULK_MAX = 500;
const KEY_MAX = 255;
/** Wide enough for any order, and exact wherever numbers are kept. */
const PRIORITY_MOST = 1_000_000;

/** What came out of `JSON.parse` needs no second look inside: only that it is an object. */
const Parameters = v.pipe(
  v.custom<JsonObject>(
    (value) => typeof value === "object" && value !== null && !Array.isArray(value),
    "expected an object",
  ),
  v.metadata({ type: "object", description: "Checked against the flow's schema by its run." }),
);
const Tag = v.pipe(
  v.string(),
  v.minLength(1, "expected at least one character"),
  v.maxLength(100, "expected at most 100 characters"),
);
const At = v.pipe(
  v.string(),
  v.metadata({ format: "date-time", description: "Not to be started before." }),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const at = instantOf(dataset.value);
    if (at !== undefined) return at;
    addIssue({ message: 'expected a time such as "2026-01-31T08:00:00Z"' });
    return NEVER;
  }),
);
const PRIORITY_WANTED = `expected a whole number from -${PRIORITY_MOST} to ${PRIORITY_MOST}`;
const Priority = v.pipe(
  v.number(),
  v.integer(PRIORITY_WANTED),
  v.minValue(-PRIORITY_MOST, PRIORITY_WANTED),
  v.maxValue(PRIORITY_MOST, PRIORITY_WANTED),
  v.description("Instead of the flow's: runs that wait for the same limit go greatest first."),
);
const FIELDS = {
  parameters: v.optional(Parameters),
  tags: v.optional(
    v.pipe(
      v.array(Tag),
      v.maxLength(50, "expected at most 50 tags"),
      v.description("Besides the flow's own."),
    ),
  ),
  at: v.optional(At),
  overlap: v.optional(
    v.pipe(v.picklist(OVERLAP_POLICIES), v.description("Instead of the flow's policy.")),
  ),
  priority: v.optional(Priority),
};
/** A key that makes it safe to ask again. */
export const IdempotencyKey = v.pipe(
  v.string(),
  v.minLength(1, "expected at least one character"),
  v.maxLength(KEY_MAX, `expected at most ${KEY_MAX} characters`),
);

/** The body of `POST /api/flows/:flow/runs`. */
export const TriggerBody = v.strictObject(FIELDS);
/** The body of `POST /api/runs/bulk`. */
export const BulkBody = v.strictObject({
  items: v.pipe(
    v.array(
      v.strictObject({ flow: v.string(), idempotencyKey: v.optional(IdempotencyKey), ...FIELDS }),
    ),
    v.minLength(1, "expected at least one run"),
    v.maxLength(BULK_MAX, `expected at most ${BULK_MAX} runs`),
  ),
});

/** The request that a parsed body makes, without the keys that were not given. */
export function triggerRequest(
  flow: string,
  body: v.InferOutput<typeof TriggerBody>,
  idempotencyKey: string | undefined,
): TriggerRequest {
  const { parameters, tags, at, overlap, priority } = body;
  return {
    flow,
    ...(parameters === undefined ? {} : { parameters }),
    ...(tags === undefined ? {} : { tags }),
    ...(at === undefined ? {} : { at }),
    ...(overlap === undefined ? {} : { overlap }),
    ...(priority === undefined ? {} : { priority }),
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
  };
}

/** Checks the `Idempotency-Key` header. */
export function idempotencyKeyOf(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  if (v.is(IdempotencyKey, header)) return header;
  throw new Problem(
    400,
    `Cannot read header "Idempotency-Key": expected 1 to ${KEY_MAX} characters`,
    { field: "Idempotency-Key" },
  );
}
